"""Rows of tokens: units with their rules and awards; the chain that a unit is bound to."""

from tokens.models.chain import ChainBinding, ChainObservation
from tokens.models.intents import ChainIntent, ChainTransaction, SupplyPlanItem
from tokens.models.units import KINDS, PositionAward, RuleVersion, Token

__all__ = [
    "KINDS",
    "ChainBinding",
    "ChainIntent",
    "ChainObservation",
    "ChainTransaction",
    "PositionAward",
    "RuleVersion",
    "SupplyPlanItem",
    "Token",
]
