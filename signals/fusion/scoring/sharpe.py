"""What a Sharpe ratio is worth once it is known how many were tried.

Bailey and Lopez de Prado, "The Deflated Sharpe Ratio" (Journal of Portfolio Management 40, 2014):
the chance that the true ratio is above what the best of so many worthless trials would show. All
ratios are of one trade, not of a year.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

_EULER: Final = 0.5772156649015329
_NORMAL: Final = NormalDist()
TRADES_MIN: Final = 10


@dataclass(frozen=True, slots=True)
class Deflated:
    """`sharpe` of one trade, `hurdle` of the best of so many worthless trials, and the chance that
    the true one is above it."""

    sharpe: float
    hurdle: float
    chance: float


def deflated_sharpe(results: Sequence[float], *, trials: int) -> Deflated | None:
    """Return it for results of single trades; None for fewer than ten, or where all are the same.

    The trials' ratios are taken to scatter as worthless ones do: by 1 / (T - 1).
    """
    count = len(results)
    if count < TRADES_MIN:
        return None
    mean = math.fsum(results) / count
    moments = [math.fsum((one - mean) ** power for one in results) / count for power in (2, 3, 4)]
    deviation = math.sqrt(moments[0])
    if deviation <= 1e-12:
        return None
    sharpe = mean / deviation
    skew, kurtosis = moments[1] / deviation**3, moments[2] / deviation**4
    hurdle = _best_of(trials) / math.sqrt(count - 1)
    spread = 1 - skew * sharpe + (kurtosis - 1) / 4 * sharpe * sharpe
    if spread <= 0:
        return None
    z = (sharpe - hurdle) * math.sqrt(count - 1) / math.sqrt(spread)
    return Deflated(sharpe, hurdle, _NORMAL.cdf(z))


def _best_of(trials: int) -> float:
    """The expected largest of so many standard normal draws; 0 for one."""
    if trials < 2:
        return 0.0
    first = _NORMAL.inv_cdf(1 - 1 / trials)
    second = _NORMAL.inv_cdf(1 - 1 / (trials * math.e))
    return (1 - _EULER) * first + _EULER * second
