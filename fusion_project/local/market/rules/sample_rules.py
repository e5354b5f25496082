"""The sample strategies: which instruments, which crossing of averages, which side is wanted. Pure.

What a strategy wants depends on its last few bars alone, so it needs no memory of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from fusion_project.local.market.rules.prices import BAR_SECONDS, Bar, Instrument


@dataclass(frozen=True, slots=True)
class SampleStrategy:
    """Two averages of closes (in bars); nearer than the band to each other, it wants nothing."""

    slug: str
    name: str
    instruments: tuple[str, ...]
    fast: int
    slow: int
    band_percent: int  # of the instrument's usual move in a minute
    approval: str = "automatic"
    holds: bool = False  # leaves a trade only for the opposite one: a reversal


# Sends the broken messages: a drill, so nobody takes them for faults.
FAULTY_STRATEGY = "faulty"

# TradingView stops an alert above 15 fires in 3 minutes. Bars of five seconds would reach that, so
# a script enters at the close of every ninth bar alone: at most five entries and five exits.
ENTRY_BARS = 9

# Stop at four times the usual move in a minute, target at twice that.
STOP_SWINGS = 4
PAYOFF = Decimal(2)

SAMPLE_STRATEGIES = (
    SampleStrategy(
        "swing", "Sample: fast swings", ("BTCUSD", "XAUUSD", "US500", "GBPUSD"), 3, 9, 20
    ),
    SampleStrategy("trend", "Sample: slower trends", ("EURUSD", "GBPUSD", "US500"), 3, 12, 30),
    SampleStrategy("turn", "Sample: always in, reverses", ("BTCUSD",), 3, 12, 30, holds=True),
    SampleStrategy("careful", "Sample: reviewed by a person", ("XAUUSD",), 6, 24, 60, "one"),
)


def wanted_side(bars: Sequence[Bar], rule: SampleStrategy, instrument: Instrument) -> str:
    """`buy`, `sell` or empty, from the last `slow` closes. Fewer bars want nothing."""
    if len(bars) < rule.slow:
        return ""
    closes = [bar.close for bar in bars[-rule.slow :]]
    fast = sum(closes[-rule.fast :], Decimal(0)) / rule.fast
    slow = sum(closes, Decimal(0)) / rule.slow
    band = slow * instrument.swing_ppm * rule.band_percent / 100_000_000
    if fast - slow > band:
        return "buy"
    return "sell" if slow - fast > band else ""


def is_entry_bar(bar: Bar) -> bool:
    """Whether a script may enter at this bar's close."""
    return int(bar.close_at.timestamp()) // BAR_SECONDS % ENTRY_BARS == 0


def stop_share(instrument: Instrument) -> Decimal:
    """The stop's distance as a share of the price."""
    return Decimal(instrument.swing_ppm * STOP_SWINGS) / 1_000_000


def bracket_is_hit(bar: Bar, *, side: str, sl: Decimal, tp: Decimal) -> bool:
    """Whether stop or target lies within the bar: the broker has closed the trade by itself."""
    if side == "buy":
        return bar.low <= sl or bar.high >= tp
    return bar.high >= sl or bar.low <= tp
