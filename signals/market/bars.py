"""A closed bar, and what is wrong with one that cannot be. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from signals.market.timeframes import SECONDS_MAX

# Clocks differ a little; a bar that closes later than this is one that nobody can know.
AHEAD_MAX: Final = timedelta(seconds=30)
PRICE_BELOW: Final = Decimal(10) ** 14
PLACES_MAX: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class BarFacts:
    """One closed bar; times are aware. `volume` is in the feed's units, None where it has none.

    `close_at`: when it closed; None means one timeframe after it opened.
    """

    open_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal | None = None
    close_at: datetime | None = None

    def closed_at(self, timeframe_seconds: int) -> datetime:
        """When the bar closed."""
        return self.close_at or self.open_at + timedelta(seconds=timeframe_seconds)


class BarFault(ValueError):
    """A bar that cannot be. `index` counts the bars that were given from 0."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(reason)
        self.index, self.reason = index, reason


def bars_check(bars: Sequence[BarFacts], timeframe_seconds: int, now: datetime) -> None:
    """Raise BarFault for the first bar that is wrong, or does not come after the one before."""
    if not 1 <= timeframe_seconds <= SECONDS_MAX:
        raise BarFault(0, f"a bar of {timeframe_seconds} seconds is none")
    former: datetime | None = None
    for index, bar in enumerate(bars):
        reason = _fault(bar, timeframe_seconds, now)
        if reason is None and former is not None and bar.open_at <= former:
            reason = "its time is not after the time of the bar before"
        if reason is not None:
            raise BarFault(index, reason)
        former = bar.open_at


def _fault(bar: BarFacts, timeframe_seconds: int, now: datetime) -> str | None:
    if bar.open_at.tzinfo is None or (bar.close_at and bar.close_at.tzinfo is None):
        return "its time names no zone"
    closed_at = bar.closed_at(timeframe_seconds)
    if closed_at <= bar.open_at:
        return "it closes before it opens"
    if closed_at > now + AHEAD_MAX:
        return "it is from the future: it has not closed yet"
    prices = (bar.open, bar.high, bar.low, bar.close)
    if not all(price.is_finite() and 0 < price < PRICE_BELOW for price in prices):
        return "a price is not positive"
    if not all(_is_plain(price) for price in prices):
        return f"a price has more than {PLACES_MAX} decimals"
    if bar.high < bar.low:
        return "its high is below its low"
    if bar.low > min(bar.open, bar.close) or bar.high < max(bar.open, bar.close):
        return "its open or close lies outside of its low and high"
    volume = bar.volume
    if volume is not None and not (volume.is_finite() and 0 <= volume < PRICE_BELOW):
        return "its volume is not a positive number"
    if volume is not None and not _is_plain(volume):
        return f"its volume has more than {PLACES_MAX} decimals"
    return None


def _is_plain(number: Decimal) -> bool:
    exponent = number.normalize().as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -PLACES_MAX
