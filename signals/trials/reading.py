"""Reads what a backtest goes by: bars of one chart, and the alerts that its strategy sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from signals.dialects.base import Reading, StrategyDefaults
from signals.dialects.closed_world import names_text
from signals.dialects.registry import read_alert
from signals.intake.parsing import Unreadable, read_content
from signals.intents.intent import Intent
from signals.intents.symbols import SymbolUnreadable, instrument_of
from signals.market.barriers import LabelBar
from signals.market.bars import BarFacts, BarFault, bars_check
from signals.market.csv_bars import CsvFault, csv_bars
from signals.market.timeframes import timeframe_seconds


class TrialFault(ValueError):
    """A file that cannot be walked. `line` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


@dataclass(frozen=True, slots=True)
class TrialAlert:
    """One alert of the file, as it would have been taken in."""

    line: int
    received_at: datetime
    intent: Intent


def bars_read(lines: Iterable[str], step_seconds: int, now: datetime) -> list[LabelBar]:
    """Return the bars of a chart's export, oldest first. Raises TrialFault."""
    try:
        numbered = list(csv_bars(lines))
        bars_check([bar for _, bar in numbered], step_seconds, now)
    except CsvFault as error:
        raise TrialFault(error.line, error.reason) from error
    except BarFault as error:
        line = numbered[error.index][0] if numbered else 1
        raise TrialFault(line, error.reason) from error
    if not numbered:
        raise TrialFault(1, "it holds no bar")
    return [_bar(number, bar, step_seconds) for number, (_, bar) in enumerate(numbered, start=1)]


def _bar(number: int, bar: BarFacts, step_seconds: int) -> LabelBar:
    """A bar is on record when it has closed, as it would have been."""
    closed_at = bar.closed_at(step_seconds)
    return LabelBar(
        id=number,
        open_at=bar.open_at,
        close_at=closed_at,
        open=bar.open,
        high=bar.high,
        low=bar.low,
        close=bar.close,
        recorded_at=closed_at,
    )


def alerts_read(lines: Sequence[str], defaults: StrategyDefaults) -> list[TrialAlert]:
    """Return the alerts, each line one message, or JSON whose `body` is the message.

    Raises TrialFault for a message that the webhook would refuse, one whose time nobody knows, and
    one that is older than the one before it: a walk goes forward.
    """
    found: list[TrialAlert] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            reading = read_alert(read_content(_body(line)), defaults)
        except Unreadable as error:
            raise TrialFault(number, f"{error.code}: {error.message}".rstrip(": ")) from error
        if reading.entry_rule:
            raise TrialFault(number, f"{reading.entry_rule}: {names_text(reading.unknown)}")
        received_at = _received_at(reading)
        if received_at is None:
            raise TrialFault(number, "it tells no time at which it was sent")
        if found and received_at < found[-1].received_at:
            raise TrialFault(number, "it was sent before the alert of the line before")
        found.append(TrialAlert(number, received_at, reading.intent))
    return found


def instrument_of_chart(symbol: str) -> str:
    """Return the instrument that a chart's symbol means, as alerts' symbols are read."""
    try:
        return instrument_of(symbol)
    except SymbolUnreadable:
        return symbol


def _body(line: str) -> bytes:
    try:
        told = json.loads(line)
    except ValueError:
        return line.strip().encode()
    body = told.get("body") if isinstance(told, dict) else None
    return (body if isinstance(body, str) else line.strip()).encode()


def _received_at(reading: Reading) -> datetime | None:
    """When it was sent; else when its bar closed."""
    intent = reading.intent
    told = reading.sent_at or reading.signalled_at
    if told is not None or intent.bar_time is None:
        return told
    seconds = timeframe_seconds(intent.timeframe or "")
    return None if seconds is None else intent.bar_time + timedelta(seconds=seconds)
