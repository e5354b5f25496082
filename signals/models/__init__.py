"""Rows of signals: strategy, delivery, alert, opinion, decision, review, feature."""

from signals.models.alerts import (
    Alert,
    AlertConflict,
    Delivery,
    PeerWindow,
    UnknownCallerMinute,
    UnknownCallerSample,
)
from signals.models.bars import Bar, BarSeries
from signals.models.decisions import Decision, LobeSpend, LobeWeight, Opinion, Preview, Review
from signals.models.features import Feature
from signals.models.learning import FusionScore, FusionState, Label
from signals.models.news import NewsEvent, NewsImport
from signals.models.strategies import Strategy, StrategyPolicy, StrategySecret
from signals.models.tradable import Tradable
from signals.models.watch import Expectation, ToldPosition

__all__ = [
    "Alert",
    "AlertConflict",
    "Bar",
    "BarSeries",
    "Decision",
    "Delivery",
    "Expectation",
    "Feature",
    "FusionScore",
    "FusionState",
    "Label",
    "LobeSpend",
    "LobeWeight",
    "NewsEvent",
    "NewsImport",
    "Opinion",
    "PeerWindow",
    "Preview",
    "Review",
    "Strategy",
    "StrategyPolicy",
    "StrategySecret",
    "ToldPosition",
    "Tradable",
    "UnknownCallerMinute",
    "UnknownCallerSample",
]
