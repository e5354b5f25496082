"""What a decision's chance rests on: a declared prior, observed results, or both. Pure.

Read from the record that the decision stores, so that it says what was known then.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fusion_project.text.formats import UNDEFINED, chance, counted, plain_number, whole
from signals.lobes.base_rate import BaseRate
from signals.lobes.track_record import TrackRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ChanceBasis:
    """`prior_p`: what the policy declared, None where it did not count; worth `prior_trades`.

    `others`: how many other sources counted. `trades` and `wins`: the strategy's last closed
    trades that were known then, on all accounts that follow it; None where nobody looked.
    """

    prior_p: Decimal | None
    prior_trades: Decimal
    others: int
    trades: int | None
    wins: int | None

    @property
    def is_prior_alone(self) -> bool:
        """Whether the chance is nothing but the declared prior."""
        return self.prior_p is not None and self.others == 0


def chance_basis(inputs: str | None) -> ChanceBasis | None:
    """Read a decision's stored record; None where no engine has written one."""
    record = json.loads(inputs) if inputs else {}
    if not record:
        return None
    told = record.get("outcome", {}).get("told")
    counting = {
        one["lobe"]: one
        for one in record["inputs"]["opinions"]
        if one["status"] == "awake"
        and one["p"] is not None
        and (Decimal(one["weight"]) > 0 if told is None else one["lobe"] in told["deciding"])
    }
    observed = _observed(record["context"]["answers"])
    prior = counting.get(BaseRate.name, {})
    return ChanceBasis(
        prior_p=Decimal(prior["p"]) if prior else None,
        prior_trades=Decimal(prior.get("evidence", 0)),
        others=len(counting) - (BaseRate.name in counting),
        trades=observed.get("trades"),
        wins=observed.get("wins"),
    )


def _observed(answers: list[dict[str, Any]]) -> dict[str, Any]:
    """The track record's own count, also where it slept because there were too few."""
    for one in answers:
        if one["lobe"] == TrackRecord.name and one["response"]:
            counts: dict[str, Any] = json.loads(one["response"])
            return counts
    return {}


def chance_facts(p: Decimal | None, basis: ChanceBasis | None) -> list[tuple[str, str]]:
    """The chance with what it rests on, and the observed rate beside it, as label and words."""
    if p is None or basis is None:
        return [("Chance of a win", chance(p))]
    return [("Chance of a win", f"{chance(p)}, {_rests_on(basis)}"), ("Observed", _seen(basis))]


def _rests_on(basis: ChanceBasis) -> str:
    if basis.prior_p is None:
        return "from sources without a declared prior" if basis.others else "no source had one"
    worth = f"worth {plain_number(basis.prior_trades)} trades"
    if basis.is_prior_alone:
        return f"the prior that the strategy's policy declares ({worth}); not measured"
    prior = f"the declared prior ({chance(basis.prior_p)}, {worth})"
    return f"fused from {prior} and {counted(basis.others, 'other source')}"


def _seen(basis: ChanceBasis) -> str:
    if basis.trades is None or basis.wins is None:
        return f"{UNDEFINED} (nobody counted)"
    if basis.trades == 0:
        return f"{UNDEFINED} (no closed trade of the strategy yet)"
    share = chance(Decimal(basis.wins) / basis.trades)
    won = f"{whole(basis.wins)} of its last {counted(basis.trades, 'closed trade')} won"
    return f"{share} ({won}, all accounts, known when the alert came)"
