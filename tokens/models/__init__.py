"""Rows of tokens: units with their rules and awards; the chain that a unit is bound to."""

from tokens.models.chain import ChainBinding, ChainObservation
from tokens.models.intents import ChainIntent, ChainTransaction, SupplyPlanItem
from tokens.models.reserves import ReserveLeaf, ReserveSnapshot
from tokens.models.units import KINDS, PositionAward, RuleVersion, Token

__all__ = [
    "KINDS",
    "ChainBinding",
    "ChainIntent",
    "ChainObservation",
    "ChainTransaction",
    "PositionAward",
    "ReserveLeaf",
    "ReserveSnapshot",
    "RuleVersion",
    "SupplyPlanItem",
    "Token",
]
