"""What a few dozen bars say of a market: trend, momentum, volatility, where the price stands. Pure.

Every number is without a unit, so that one scale serves every instrument. Only `math`; outputs have
12 significant digits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

BARS_MIN: Final = 40
BARS_MAX: Final = 60
_FAST, _SLOW, _MOMENTUM, _RANGE = 8, 32, 10, 14


@dataclass(frozen=True, slots=True, kw_only=True)
class BarFeatures:
    """In units of the average range of a bar, except `volatility`, a ratio.

    `trend`: fast average above the slow one; `momentum`: rise over ten bars; `volatility`: recent
    range over that of the whole stretch; `room_up`, `room_down`: to its highest and lowest price.
    """

    trend: Decimal
    momentum: Decimal
    volatility: Decimal
    room_up: Decimal
    room_down: Decimal

    def for_side(self, side: str) -> tuple[Decimal, Decimal, Decimal, Decimal, Decimal]:
        """The same as one who buys, or one who sells, meets it: ahead and behind, not up and down.

        A market seen from the other side is its mirror image, so both sides share what is learned.
        """
        if side == "buy":
            return (self.trend, self.momentum, self.volatility, self.room_up, self.room_down)
        return (-self.trend, -self.momentum, self.volatility, self.room_down, self.room_up)


def bar_features(
    highs: Sequence[Decimal | float],
    lows: Sequence[Decimal | float],
    closes: Sequence[Decimal | float],
) -> BarFeatures | None:
    """Return what the bars say, oldest first; None where there are too few or nothing moved."""
    if len(closes) < BARS_MIN:
        return None
    high, low, close = ([float(one) for one in row[-BARS_MAX:]] for row in (highs, lows, closes))
    ranges = [top - bottom for top, bottom in zip(high, low, strict=True)]
    usual = math.fsum(ranges) / len(ranges)
    if usual <= 0:
        return None
    recent = math.fsum(ranges[-_RANGE:]) / _RANGE
    return BarFeatures(
        trend=_kept((_average(close, _FAST) - _average(close, _SLOW)) / usual),
        momentum=_kept((close[-1] - close[-1 - _MOMENTUM]) / (usual * math.sqrt(_MOMENTUM))),
        volatility=_kept(recent / usual),
        room_up=_kept((max(high) - close[-1]) / usual),
        room_down=_kept((close[-1] - min(low)) / usual),
    )


def _average(values: Sequence[float], length: int) -> float:
    """Exponential: the weight of a value halves in about 0.35 of the length."""
    average, share = values[0], 2 / (length + 1)
    for value in values[1:]:
        average += share * (value - average)
    return average


def _kept(value: float) -> Decimal:
    """Twelve significant digits, at most twelve after the point."""
    return Decimal(f"{value:.11e}").quantize(Decimal("1e-9")) + 0
