"""Decisions as people see them: what waits for a review, and the hash of what was shown."""

from __future__ import annotations

from typing import Any

from fusion_project.text.canonical import canonical_sha256
from fusion_project.text.formats import plain_number
from signals.errors import DecisionNotFound
from signals.intents.legs import Leg
from signals.intents.words import NO_STOP
from signals.models import Decision, Preview

SHOWN = (
    "id",
    "version",
    "alert_id",
    "strategy_id",
    "leg_no",
    "verb",
    "side",
    "instrument",
    "leg",
    "trade_ref",
    "trace_id",
    "risk_bps",
    "size_factor",
    "p_final",
    "reviews_needed",
    "ref_price",
    "valid_until",
    "author",
    "inputs_sha256",
)


def decision_shown(decision_id: int) -> dict[str, Any]:
    """Return exactly the facts that a reviewer approves or rejects."""
    row = Decision.objects.filter(id=decision_id).values(*SHOWN).first()
    if row is None:
        raise DecisionNotFound(decision_id=decision_id)
    preview = Preview.objects.filter(decision=decision_id).values_list("sha256", flat=True).first()
    return {**row, "preview_sha256": preview or ""}


def decision_shown_sha256(decision_id: int) -> str:
    """Return the hash that a review form carries and the review must match."""
    return canonical_sha256(decision_shown(decision_id))


def risk_words(decision: Decision) -> str:
    """Return what an entry may risk, in words; '' where nobody has said. Without a stop there is
    no such figure.
    """
    if decision.verb != "entry" or decision.risk_bps is None:
        return ""
    if not Leg.from_json(decision.leg).has_stop:
        return NO_STOP
    factor = plain_number(decision.size_factor)
    return f"at most {decision.risk_bps} basis points of equity × size factor {factor}"
