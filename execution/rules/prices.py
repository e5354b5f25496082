"""Stops and targets as prices. Pure; all values are Decimals in the symbol's own price."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise
from typing import Final

# Every reason that an entry's prices are refused with.
PRICE_REASONS: Final = (
    "stop_kind_unknown",
    "no_reference_price",
    "stop_below_zero",
    "stop_on_wrong_side",
)

# What a stop or target may be told in, beside a price: how far it is from the fill.
DISTANCES: Final = ("points", "pips", "percent")
# Those that are as far at any price: no price is needed to know what they may lose.
FIXED_DISTANCES: Final = ("points", "pips")

OPPOSITE = {"buy": "sell", "sell": "buy"}


class PriceRefused(ValueError):
    """The wanted price cannot be meant; `reason` is the order's refusal code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PriceScale:
    """How a symbol's prices are counted."""

    digits: int
    tick_size: Decimal

    @property
    def point(self) -> Decimal:
        return Decimal(1).scaleb(-self.digits)

    @property
    def pip(self) -> Decimal:
        """Ten points where the broker quotes a fractional pip (3 or 5 digits), else one."""
        return self.point * 10 if self.digits in (3, 5) else self.point


def snap_price(price: Decimal, scale: PriceScale) -> Decimal:
    """Return the nearest price on the symbol's tick grid."""
    ticks = (price / scale.tick_size).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    return (ticks * scale.tick_size).quantize(scale.point.min(scale.tick_size))


def target_price(
    *,
    kind: str,
    value: Decimal | None,
    base: Decimal | None,
    side: str,
    is_stop: bool,
    scale: PriceScale,
) -> Decimal | None:
    """Return the price of a stop (`is_stop`) or target of a `side` position opened at `base`.

    `remove` gives None. Raises PriceRefused where a distance has no price to count from.
    """
    if kind == "remove" or value is None:
        return None
    if kind == "price":
        return _on_the_grid(value, scale)
    if base is None:
        raise PriceRefused("no_reference_price")
    distance = distance_of(kind, value, base, scale)
    is_below = (side == "buy") == is_stop
    return _on_the_grid(base - distance if is_below else base + distance, scale)


def _on_the_grid(price: Decimal, scale: PriceScale) -> Decimal:
    """Return the nearest price that can be sent; zero would tell the broker that there is none."""
    snapped = snap_price(price, scale)
    if snapped <= 0:
        raise PriceRefused("stop_below_zero")
    return snapped


def fixed_distance(kind: str, value: Decimal, scale: PriceScale) -> Decimal:
    """Return one of `FIXED_DISTANCES` in the symbol's own price."""
    return value * (scale.point if kind == "points" else scale.pip)


def distance_of(kind: str, value: Decimal, base: Decimal, scale: PriceScale) -> Decimal:
    """Return one of `DISTANCES` from `base` in the symbol's own price. Raises PriceRefused."""
    if kind in FIXED_DISTANCES:
        return fixed_distance(kind, value, scale)
    if kind == "percent":
        return abs(base) * value / 100
    raise PriceRefused("stop_kind_unknown")


def check_sides(*, side: str, base: Decimal | None, sl: Decimal | None, tp: Decimal | None) -> None:
    """Raise PriceRefused unless sl < base < tp for a buy, mirrored for a sell."""
    ladder = [price for price in (sl, base, tp) if price is not None]
    if side == "sell":
        ladder.reverse()
    if any(low >= high for low, high in pairwise(ladder)):
        raise PriceRefused("stop_on_wrong_side")


def widens_stop(*, side: str, current: Decimal | None, wanted: Decimal | None) -> bool:
    """Tell whether `wanted` risks more than `current`; taking a stop away always does."""
    if current is None:
        return False
    if wanted is None:
        return True
    return wanted < current if side == "buy" else wanted > current


def tightest(side: str, stops: Iterable[Decimal]) -> Decimal | None:
    """Return the stop that risks least; None where there is none."""
    return max(stops, default=None) if side == "buy" else min(stops, default=None)


def slippage_bps(*, side: str, wanted: Decimal | None, got: Decimal | None) -> Decimal:
    """Return how much worse than `wanted` the fill was, in basis points; better is negative.

    Bounded by the whole price either way: beyond that one of the two prices is nonsense.
    """
    if not wanted or got is None:
        return Decimal(0)
    worse = got - wanted if side == "buy" else wanted - got
    share = max(Decimal(-1), min(Decimal(1), worse / abs(wanted)))
    return (share * 10_000).quantize(Decimal("0.0001"))
