"""Bars from a chart's CSV export: `time,open,high,low,close,volume`, times as epoch seconds. Pure.

A file is named as TradingView names its exports: `EXCHANGE_SYMBOL-15.csv` or `EXCHANGE_SYMBOL, 15`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from signals.market.bars import BarFacts

COLUMNS: Final = ("time", "open", "high", "low", "close", "volume")
_NAME: Final = re.compile(r"(?P<exchange>\w+)_(?P<symbol>[^_]+?)(-|, ?)(?P<tf>[0-9]*[SDWM]?)\.csv")
_NUMBER: Final = re.compile(r"[0-9]{1,14}(\.[0-9]{1,18})?")
_TIME: Final = re.compile(r"[0-9]{1,10}")


class CsvFault(ValueError):
    """A file that holds no bars. `line` counts from 1, the line of the columns."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


@dataclass(frozen=True, slots=True)
class CsvName:
    """What a file's name tells."""

    symbol: str
    timeframe: str


def csv_name(name: str) -> CsvName | None:
    """Return symbol and timeframe of an export, or None where its name tells neither."""
    found = _NAME.fullmatch(name)
    return CsvName(f"{found['exchange']}:{found['symbol']}", found["tf"]) if found else None


def csv_bars(lines: Iterable[str]) -> Iterator[tuple[int, BarFacts]]:
    """Yield (line number, bar) of each line. Raises CsvFault for what is no bar."""
    rows = csv.reader(lines, strict=True)
    try:
        columns = tuple(name.strip().lower() for name in next(rows, []))
        if columns != COLUMNS:
            raise CsvFault(1, f"the columns must be {','.join(COLUMNS)}")
        for row in rows:
            if row:
                yield rows.line_num, _bar(row, rows.line_num)
    except csv.Error as error:
        raise CsvFault(rows.line_num, str(error)) from error


def _bar(row: list[str], line: int) -> BarFacts:
    if len(row) != len(COLUMNS):
        raise CsvFault(line, f"{len(row)} values instead of {len(COLUMNS)}")
    told = {name: value.strip() for name, value in zip(COLUMNS, row, strict=True)}
    if not _TIME.fullmatch(told["time"]):
        raise CsvFault(line, f"the time {told['time'][:40]!r} is not in epoch seconds")
    return BarFacts(
        open_at=datetime.fromtimestamp(int(told["time"]), UTC),
        open=_number(told["open"], "open", line),
        high=_number(told["high"], "high", line),
        low=_number(told["low"], "low", line),
        close=_number(told["close"], "close", line),
        volume=_number(told["volume"], "volume", line) if told["volume"] else None,
    )


def _number(text: str, name: str, line: int) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise CsvFault(line, f"the {name} {text[:40]!r} is not a positive decimal number")
    return Decimal(text)
