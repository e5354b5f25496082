"""Sample prices as a pure function of (seed, instrument, time): no history, so a restart continues.

The middle price is an anchor times one plus a sum of smooth value noise at nine time scales, each
scale's size growing about with the square root of its length as in a random walk, but bounded. All
arithmetic is on integers: every machine computes the same price.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from execution.paper.terms import Quote

BAR_SECONDS = 5
SEED = "fusion-demo-1"

_SCALES_MS: tuple[int, ...] = tuple(5_000 * 4**n for n in range(9))  # 5 s … 3.8 days
# Tenths. Swings of one to five minutes stand out, so that the sample's simple rules see trends.
_WEIGHTS = (6, 9, 13, 12, 10, 8, 8, 8, 8)
_PARTS = 1_000_000_000  # noise is counted in billionths of the anchor
_SAMPLES_PER_BAR = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Instrument:
    """A sample instrument, quoted in USD; one lot is `contract_size` units."""

    name: str
    exchange: str
    anchor: Decimal
    digits: int
    spread: Decimal
    swing_ppm: int  # usual relative move in a minute, in millionths
    contract_size: Decimal

    @property
    def tick_size(self) -> Decimal:
        return Decimal(1).scaleb(-self.digits)

    def in_millis(self, price: Decimal) -> int:
        """A price in thousandths of a tick."""
        return int(price.scaleb(self.digits + 3))

    def price(self, millis: int) -> Decimal:
        """The nearest price on the tick."""
        return Decimal((millis + 500) // 1_000).scaleb(-self.digits)


INSTRUMENTS: dict[str, Instrument] = {
    one.name: one
    for one in (
        Instrument(
            "EURUSD", "OANDA", Decimal("1.08500"), 5, Decimal("0.00004"), 400, Decimal(100_000)
        ),
        Instrument(
            "GBPUSD", "OANDA", Decimal("1.27000"), 5, Decimal("0.00006"), 420, Decimal(100_000)
        ),
        Instrument("XAUUSD", "OANDA", Decimal("2650.00"), 2, Decimal("0.12"), 500, Decimal(100)),
        Instrument("BTCUSD", "BITSTAMP", Decimal("68000.00"), 2, Decimal("6.00"), 900, Decimal(1)),
        Instrument("US500", "OANDA", Decimal("5900.0"), 1, Decimal("0.3"), 500, Decimal(10)),
    )
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A closed 5-second bar of middle prices; `open_at` is its first moment."""

    open_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal

    @property
    def close_at(self) -> datetime:
        return self.open_at + timedelta(seconds=BAR_SECONDS)


@dataclass(frozen=True, slots=True)
class WideBar:
    """A closed bar of several 5-second ones."""

    open_at: datetime
    close_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal


class Market:
    """All sample prices of one seed."""

    def __init__(self, seed: str = SEED) -> None:
        self._seed = seed

    def quote(self, name: str, at: datetime) -> Quote | None:
        """Bid and ask at a moment; None where the instrument is not in the sample."""
        instrument = INSTRUMENTS.get(name)
        if instrument is None:
            return None
        middle = _middle(self._seed, instrument, _milliseconds(at))
        half = instrument.in_millis(instrument.spread) // 2
        return Quote(bid=instrument.price(middle - half), ask=instrument.price(middle + half))

    def bar(self, name: str, open_at: datetime) -> Bar:
        """The bar that opens at this moment. Raises KeyError for an unknown instrument."""
        return _bar(self._seed, name, open_at)

    def wide_bar(self, name: str, open_at: datetime, seconds: int) -> WideBar:
        """The bar of so many seconds that opens at this moment; a multiple of five."""
        parts = [
            self.bar(name, open_at + timedelta(seconds=second))
            for second in range(0, seconds, BAR_SECONDS)
        ]
        return WideBar(
            open_at,
            open_at + timedelta(seconds=seconds),
            parts[0].open,
            max(one.high for one in parts),
            min(one.low for one in parts),
            parts[-1].close,
        )

    def bars(self, name: str, *, until: datetime, count: int) -> Sequence[Bar]:
        """The last `count` bars closed at `until`, oldest first."""
        last = bar_open_at(until) - timedelta(seconds=BAR_SECONDS)
        return [
            self.bar(name, last - timedelta(seconds=BAR_SECONDS * n))
            for n in range(count - 1, -1, -1)
        ]


def bar_open_at(at: datetime) -> datetime:
    """The first moment of the bar that is open at this time."""
    length = BAR_SECONDS * 1000
    return _EPOCH + timedelta(milliseconds=_milliseconds(at) // length * length)


@lru_cache(maxsize=4_096)
def _bar(seed: str, name: str, open_at: datetime) -> Bar:
    """Kept a while: each strategy looks at the same last bars again and again."""
    instrument = INSTRUMENTS[name]
    start, length = _milliseconds(open_at), BAR_SECONDS * 1000
    prices = [
        instrument.price(_middle(seed, instrument, start + length * n // _SAMPLES_PER_BAR))
        for n in range(_SAMPLES_PER_BAR + 1)
    ]
    return Bar(open_at, prices[0], max(prices), min(prices), prices[-1])


def _middle(seed: str, instrument: Instrument, at_ms: int) -> int:
    """The middle price in thousandths of a tick."""
    parts = sum(
        _noise(seed, instrument.name, scale, at_ms) * _amplitude(instrument.swing_ppm, scale)
        for scale in range(len(_SCALES_MS))
    )
    # noise and amplitude are both in billionths
    one = _PARTS * _PARTS
    return instrument.in_millis(instrument.anchor) * (one + parts) // one


def _noise(seed: str, name: str, scale: int, at_ms: int) -> int:
    """Smooth noise in [-1e9, 1e9]: hashed lattice values joined by 3x² - 2x³."""
    length = _SCALES_MS[scale]
    # Scales start at different moments, so that their corners never coincide.
    step, rest = divmod(at_ms + scale * 1_237, length)
    left = _lattice(seed, name, scale, step)
    right = _lattice(seed, name, scale, step + 1)
    eased = rest * rest * (3 * length - 2 * rest)
    return left + (right - left) * eased // length**3


@lru_cache(maxsize=4_096)
def _lattice(seed: str, name: str, scale: int, step: int) -> int:
    text = f"{seed}:{name}:{scale}:{step}".encode()
    drawn = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
    return drawn % (2 * _PARTS + 1) - _PARTS


@lru_cache(maxsize=256)
def _amplitude(swing_ppm: int, scale: int) -> int:
    """Billionths of the anchor: the minute's swing times the root of minutes in the scale."""
    # The scales are 5 s times powers of four, so the root is 2**scale times that of 1/12.
    return swing_ppm * 100 * _WEIGHTS[scale] * (1 << scale) * 289 // 1_001


def _milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)
