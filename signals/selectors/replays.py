"""Compares a stored decision with what its record's engine makes of the record today."""

from __future__ import annotations

import hashlib

from signals.fusion import states
from signals.fusion.engines.registry import UnknownEngine
from signals.fusion.replay import replay
from signals.models import Decision


def decision_difference(decision: Decision) -> str:
    """Return what differs between a decision and its replay, in words; empty if nothing does."""
    stored = decision.inputs or ""
    if hashlib.sha256(stored.encode()).hexdigest() != decision.inputs_sha256:
        return "its inputs do not have the stored hash"
    try:
        text, outcome = replay(stored)
    except UnknownEngine as error:
        return f"made by an engine that this version does not have: {error}"
    if text != stored:
        return "the replay gives another record"
    columns = (decision.p_final, decision.risk_bps, decision.size_factor)
    if columns != (outcome.p_final, outcome.risk_bps, outcome.size_factor):
        return "its columns are not what the record says"
    if decision.state != states.ABSTAINED and outcome.verdict != "trade":
        return f"it is {decision.state}, the record says {outcome.verdict}"
    return ""
