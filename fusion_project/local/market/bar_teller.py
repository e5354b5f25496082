"""Tells each sample strategy's one-minute bars by alert, and writes their history as CSV files.

How far each has come is kept in FUSION_HOME/market, so that a short restart leaves no hole.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fusion_project.local.home.folder import json_read, json_write
from fusion_project.local.market.hook_sender import STORED, HookSender
from fusion_project.local.market.rules.alert_text import bar_message, message_text
from fusion_project.local.market.rules.prices import INSTRUMENTS, Market
from fusion_project.local.market.rules.sample_rules import SampleStrategy

# A minute is as short as TradingView's limit on fires allows beside the trades' own alerts.
SECONDS, TIMEFRAME = 60, "1"
# After a longer pause the bars between are not told: they would come faster than it allows.
CATCH_UP_MAX = 5
HISTORY_HOURS = 1
_MINUTE = timedelta(seconds=SECONDS)


class BarTeller:
    """What was told last on each instrument of each strategy."""

    def __init__(self, folder: Path, sender: HookSender, market: Market) -> None:
        self._path = folder / "bars.json"
        self._sender = sender
        self._market = market
        self._told: dict[str, int] = json_read(self._path) or {}

    def tell(
        self, rule: SampleStrategy, name: str, at: datetime, pause: Callable[[float], object]
    ) -> None:
        """Post the minute bars that closed until this moment and were not told yet."""
        key = f"{rule.slug}/{name}"
        newest = minute_of(at) - _MINUTE
        first = newest - _MINUTE * (CATCH_UP_MAX - 1)
        if key in self._told:
            first = max(first, datetime.fromtimestamp(self._told[key], UTC) + _MINUTE)
        else:
            first = newest
        while first <= newest:
            text = message_text(
                bar_message(
                    script=rule.slug,
                    instrument=INSTRUMENTS[name],
                    bar=self._market.wide_bar(name, first, SECONDS),
                    timeframe=TIMEFRAME,
                    sent_at=datetime.now(UTC),
                )
            )
            if self._sender.post(rule.slug, text, "bar") not in STORED:
                # Told again after the next bar.
                return
            self._told[key] = int(first.timestamp())
            json_write(self._path, self._told)
            first += _MINUTE
            pause(0.05)


def history_write(folder: Path, until: datetime, *, hours: int = HISTORY_HOURS) -> list[Path]:
    """Write the last hours' minute bars of each instrument as a chart would export them."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    market, last = Market(), minute_of(until) - _MINUTE
    written = []
    for name, instrument in INSTRUMENTS.items():
        lines = ["time,open,high,low,close,volume"]
        for back in range(hours * 60 - 1, -1, -1):
            bar = market.wide_bar(name, last - _MINUTE * back, SECONDS)
            prices = f"{bar.open},{bar.high},{bar.low},{bar.close}"
            lines.append(f"{int(bar.open_at.timestamp())},{prices},")
        path = folder / f"{instrument.exchange}_{name}-{TIMEFRAME}.csv"
        path.write_text("\n".join(lines) + "\n")
        written.append(path)
    return written


def minute_of(at: datetime) -> datetime:
    """The first moment of the minute."""
    return at.replace(second=0, microsecond=0)
