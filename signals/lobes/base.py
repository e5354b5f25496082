"""What a lobe is: asked about one entry leg, answers with a chance, or sleeps. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What was measured, and on record before the alert came.

    `trades` counts the strategy's last closed trades, `wins` those of them that won.
    """

    trades: int
    wins: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One entry leg, in validated enums and numbers only: no sender text reaches a lobe.

    It holds all that a lobe may go by; a lobe looks nothing up.
    """

    strategy_id: int
    alert_id: int
    leg_no: int
    instrument: str
    side: str
    order_type: str
    timeframe: str | None
    entry_price: Decimal | None
    stop_price: Decimal | None
    target_price: Decimal | None
    prior_p: Decimal
    prior_strength: Decimal
    known_until: datetime
    features: Features


@dataclass(frozen=True, slots=True, kw_only=True)
class LobeAnswer:
    """`status` awake, asleep, failed or late; `evidence` counts observations behind `p`.

    `eps`: the engine takes `p` for no surer than [eps, 1 - eps]. `request` and `response` are the
    exact texts, for replay and audit.
    """

    lobe: str
    version: str
    status: str
    p: Decimal | None = None
    evidence: Decimal = Decimal(0)
    eps: Decimal = Decimal("0.01")
    reason: str = ""
    request: str = ""
    response: str = ""


class Lobe(Protocol):
    """A source of opinions. `answer` may be slow and may fail; the asker guards it.

    `version` changes with anything that changes its answers: a new version is a new expert.
    """

    name: str
    version: str

    def answer(self, question: Question) -> LobeAnswer:
        """Return the chance that following the alert wins, or an answer that sleeps."""
        ...
