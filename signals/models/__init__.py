"""Rows of signals: strategy, delivery, alert, opinion, decision, review, feature."""

from signals.models.alerts import (
    Alert,
    AlertConflict,
    Delivery,
    UnknownCallerMinute,
    UnknownCallerSample,
)
from signals.models.decisions import Decision, LobeWeight, Opinion, Review
from signals.models.features import Feature
from signals.models.strategies import Strategy, StrategySecret

__all__ = [
    "Alert",
    "AlertConflict",
    "Decision",
    "Delivery",
    "Feature",
    "LobeWeight",
    "Opinion",
    "Review",
    "Strategy",
    "StrategySecret",
    "UnknownCallerMinute",
    "UnknownCallerSample",
]
