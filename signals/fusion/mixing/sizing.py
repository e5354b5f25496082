"""How much: a quarter of Kelly's fraction at the lower end of what the chance may be, capped.

Kelly, "A New Interpretation of Information Rate" (Bell System Technical Journal 35, 1956); a
quarter of it, since the chance is an estimate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from signals.fusion.numbers import steady

KELLY_SHARE: Final = 0.25
BAND_Z: Final = 1.2815515655446004  # lower end of a band that 10 % of chances fall below
MEMORY: Final = 200


@dataclass(frozen=True, slots=True)
class Band:
    """Sums over the last outcomes, the older ones fading: their number, P - y, and P (1 - P)."""

    count: float = 0.0
    over: float = 0.0
    variance: float = 0.0


def band_learned(band: Band, p: float, *, won: bool) -> Band:
    """The sums after the outcome of a chance; the weight of an outcome halves in 139 more."""
    kept = 1 - 1 / MEMORY
    return Band(
        steady(band.count * kept + 1),
        steady(band.over * kept + p - won),
        steady(band.variance * kept + p * (1 - p)),
    )


def lower_end(band: Band, p: float) -> float:
    """The chance, less what it lately promised too much, less the band of that mean error.

    One doubtful outcome is added to what was seen, so that a short past is a wide band.
    """
    seen = band.count + 1
    too_much = max(0.0, band.over / seen)
    return max(0.0, p - too_much - BAND_Z * math.sqrt(band.variance + 0.25) / seen)


def net_payoff(payoff: float, cost: float) -> float:
    """Win in units of loss when each trade costs `cost`, which a loss adds and a win gives up."""
    return (payoff - cost) / (1 + cost)


def kelly(p_lower: float, payoff: float) -> float:
    """A quarter of the fraction that grows fastest, of what the chance and payoff allow."""
    return KELLY_SHARE * max(0.0, p_lower - (1 - p_lower) / payoff)


def size(p_lower: float, payoff: float, caps: Mapping[str, float]) -> tuple[float, str]:
    """The fraction to risk and what bounds it: `kelly`, or the name of the least cap."""
    bounds = {"kelly": kelly(p_lower, payoff), **caps}
    reason = min(bounds, key=lambda name: bounds[name])
    return steady(max(0.0, bounds[reason])), reason
