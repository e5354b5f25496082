"""What would have been traded on a mixture's chances, at what size, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from signals.fusion.mixing.abstention import (
    Conformal,
    conformal_learned,
    conformal_start,
    coverage_bound,
    outcome_set,
    threshold,
)
from signals.fusion.mixing.sizing import Band, band_learned, lower_end, net_payoff, size
from signals.fusion.numbers import steady


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Win, cost of a trade and least edge in units of the loss; most of the capital at risk.

    `coverage`: a set of outcomes that holds what happens this often must hold a win alone.
    """

    payoff: float
    cost: float
    margin: float = 0.0
    cap: float = 0.01
    coverage: float | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    is_worth: bool
    is_sure: bool
    has_missed: bool
    size: float
    result: float


def trading_told(
    terms: Terms, chances: Sequence[float], wins: Sequence[bool], delay: int
) -> dict[str, Any]:
    """Each entry by what was known before it; results are in units of the loss, net of cost."""
    entries = _entries(terms, chances, wins, delay)
    traded = [one for one in entries if one.is_worth and one.is_sure and one.size > 0]
    told: dict[str, Any] = {
        "threshold": steady(threshold(terms.payoff, terms.cost, terms.margin)),
        "rounds": len(entries),
        "traded": len(traded),
        "abstained_share": steady(1 - len(traded) / len(entries)),
        "too_little_edge": sum(not one.is_worth for one in entries),
        "not_sure": sum(one.is_worth and not one.is_sure for one in entries),
        "size_zero": sum(one.is_worth and one.is_sure and one.size == 0 for one in entries),
        "mean_result": _mean([one.result for one in traded]),
        "mean_result_if_all_were_traded": _mean([one.result for one in entries]),
        "mean_size": _mean([one.size for one in traded]),
        "largest_size": max((one.size for one in traded), default=None),
    }
    if terms.coverage is not None:
        missed = sum(one.has_missed for one in entries) / len(entries)
        told["coverage"] = {
            "aim": terms.coverage,
            "found": steady(1 - missed),
            "bound": steady(coverage_bound(1 - terms.coverage, len(entries))),
        }
    return told


def _entries(
    terms: Terms, chances: Sequence[float], wins: Sequence[bool], delay: int
) -> list[_Entry]:
    least = threshold(terms.payoff, terms.cost, terms.margin)
    payoff = net_payoff(terms.payoff, terms.cost)
    band = Band()
    sets: Conformal | None = None
    if terms.coverage is not None:
        sets = conformal_start(1 - terms.coverage)
    entries: list[_Entry] = []
    for number, (p, won) in enumerate(zip(chances, wins, strict=True)):
        if number > delay:
            past = number - delay - 1
            band = band_learned(band, chances[past], won=wins[past])
            sets = sets and conformal_learned(sets, chances[past], won=wins[past])
        held = outcome_set(sets, p) if sets else (False, True)
        fraction, _ = size(lower_end(band, p), payoff, {"cap": terms.cap})
        result = (terms.payoff if won else -1) - terms.cost
        entries.append(_Entry(p >= least, held == (False, True), not held[won], fraction, result))
    return entries


def _mean(values: Sequence[float]) -> float | None:
    return steady(math.fsum(values) / len(values)) if values else None
