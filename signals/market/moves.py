"""How much a market moves in a day, and how alike two markets move, from closed bars. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Final

RETURNS_MIN: Final = 20
_DAY_SECONDS: Final = 86_400


def daily_bps(closes: Sequence[Decimal], timeframe_seconds: int) -> Decimal | None:
    """Return a day's standard deviation of the price, in basis points; None for too few bars.

    Root of the mean square of the logarithmic returns, times the root of how many bars a day has.
    """
    returns = _returns(closes)
    if len(returns) < RETURNS_MIN:
        return None
    square = math.fsum(one * one for one in returns) / len(returns)
    return _kept(10_000 * math.sqrt(square * _DAY_SECONDS / timeframe_seconds))


def correlation(
    left: Mapping[datetime, Decimal], right: Mapping[datetime, Decimal]
) -> Decimal | None:
    """Return the correlation of returns over the bars that both have; closes by opening time.

    None where they have too few in common, or one of them did not move.
    """
    shared = sorted(left.keys() & right.keys())
    one, other = (_returns([closes[at] for at in shared]) for closes in (left, right))
    if len(one) < RETURNS_MIN:
        return None
    own, its = (math.fsum(row) / len(row) for row in (one, other))
    both = math.fsum((a - own) * (b - its) for a, b in zip(one, other, strict=True))
    spread = math.fsum((a - own) ** 2 for a in one) * math.fsum((b - its) ** 2 for b in other)
    if spread <= 0:
        return None
    return _kept(max(-1.0, min(1.0, both / math.sqrt(spread))))


def _returns(closes: Sequence[Decimal]) -> list[float]:
    logs = [math.log(float(one)) for one in closes]
    return [after - before for before, after in pairwise(logs)]


def _kept(value: float) -> Decimal:
    return Decimal(f"{value:.11e}").quantize(Decimal("1e-9")) + 0
