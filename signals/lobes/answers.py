"""What of an answer can be stored and fused. Pure."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_UP, Decimal
from typing import Final

from signals.lobes.base import LobeAnswer, Named

STATUSES: Final = ("awake", "asleep", "failed", "late")
REASON_LENGTH_MAX: Final = 120
EVIDENCE_MAX: Final = Decimal(10) ** 11
_CHANCE: Final = Decimal("1e-12")
_EVIDENCE: Final = Decimal("1e-6")
_COST: Final = Decimal("1e-9")
COST_MAX: Final = Decimal(10) ** 6
VERSION_LENGTH_MAX: Final = 120


def answer_checked(lobe: Named, answer: LobeAnswer) -> LobeAnswer:
    """Return the answer with its numbers as the table holds them.

    Raises ValueError where it is not in the lobe's own name, or says what no answer may say.
    """
    if (answer.lobe, asked_as(answer.version)) != (lobe.name, asked_as(lobe.version)):
        raise ValueError("a lobe answers in its own name and version")
    if len(answer.version) > VERSION_LENGTH_MAX or not 0 <= answer.cost_usd <= COST_MAX:
        raise ValueError("version or cost is out of range")
    if answer.status not in STATUSES:
        raise ValueError(f"no answer has the status {answer.status!r}")
    p = None if answer.p is None else answer.p.quantize(_CHANCE)
    if (answer.status == "awake" or p is not None) and not (p is not None and 0 < p < 1):
        raise ValueError("an awake lobe must answer with a chance between 0 and 1")
    if not 0 <= answer.evidence <= EVIDENCE_MAX or not 0 < answer.eps < Decimal("0.5"):
        raise ValueError("evidence or eps is out of range")
    if any("\x00" in text for text in (answer.reason, answer.request, answer.response)):
        raise ValueError("an answer holds a NUL byte")
    return replace(
        answer,
        p=p,
        evidence=answer.evidence.quantize(_EVIDENCE),
        eps=answer.eps.quantize(_CHANCE),
        cost_usd=answer.cost_usd.quantize(_COST, ROUND_UP),
        reason=answer.reason[:REASON_LENGTH_MAX],
    )


def answer_failed(lobe: Named, error: Exception) -> LobeAnswer:
    """Return the answer of a lobe that raised: it names what was raised, and no more."""
    reason = type(error).__name__[:REASON_LENGTH_MAX]
    return LobeAnswer(lobe=lobe.name, version=lobe.version, status="failed", reason=reason)


def asked_as(version: str) -> str:
    """What is asked of a lobe, without which of its kind answers: `1.chance` of `1.chance:m-2`."""
    return version.partition(":")[0]
