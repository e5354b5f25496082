"""Which Pine scripts play on which sample instrument, and with which inputs. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fusion_project.local.market.rules.prices import BAR_SECONDS


@dataclass(frozen=True, slots=True)
class PineStrategy:
    """One script on one timeframe; its slug on the server is the script's own name.

    `history` is how many bars it sees before its first own one.
    """

    script: str
    name: str
    instruments: tuple[str, ...]
    timeframe: str = f"{BAR_SECONDS}S"
    bar_seconds: int = BAR_SECONDS
    history: int = 360
    inputs: Mapping[str, str | int | float] = field(default_factory=dict)


def _sessions(first_minute: int, last_minute: int) -> str:
    """The same stretch of every twenty minutes of the day, as a Pine session."""
    starts = range(0, 24 * 60, 20)
    return ",".join(f"{_clock(at + first_minute)}-{_clock(at + last_minute)}" for at in starts)


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}{minute % 60:02d}"


# The charts' bars are of five seconds: what a day is on a real chart is twenty minutes here, and a
# stop must be more of these small bars away to be outside of the spread.
PINE_STRATEGIES = (
    # Averages cross in bursts: on five-second bars as often as TradingView allows at most.
    PineStrategy(
        "df-trend", "Pine: EMA cross", ("EURUSD", "BTCUSD"), "15S", 15, inputs={"Stop, in ATR": 6.0}
    ),
    PineStrategy(
        "df-breakout",
        "Pine: session range",
        ("GBPUSD",),
        inputs={
            "Range session": _sessions(0, 5),
            "Entry session": _sessions(5, 19),
            "Long average, bars": 60,
            "Range at most, in ATR": 40.0,
        },
    ),
    PineStrategy(
        "df-reversion",
        "Pine: RSI with regime",
        ("US500", "EURUSD"),
        inputs={"ADX at most": 35.0, "Slope at most, in ATR": 4.0, "Stop, in ATR": 5.0},
    ),
    PineStrategy(
        "df-playbook",
        "Pine: structure playbook",
        ("XAUUSD", "GBPUSD"),
        "1",
        60,
        240,
        inputs={"First": "15", "Second": "5", "Third": "3", "Points for an entry": 5},
    ),
    PineStrategy(
        "df-channel", "Pine: channel signals", ("BTCUSD", "US500"), inputs={"Stop, in ATR": 6.0}
    ),
    PineStrategy("df-bars", "Pine: bar feed", ("EURUSD", "XAUUSD"), "1", 60, 5),
    PineStrategy(
        "df-canary", "Pine: canary", ("EURUSD",), "1", 60, 5, inputs={"Every, minutes": 2}
    ),
)
