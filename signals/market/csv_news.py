"""Economic events from CSV: `at,currency,impact,title` and, where there is one, `uid`. Pure.

`at` is a time with its zone, as 2026-03-06T13:30:00Z, or epoch seconds.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from signals.market.news import Declared, NewsFact, NewsFault, news_made, news_told_apart

COLUMNS: Final = ("at", "currency", "impact", "title")
_SECONDS: Final = re.compile(r"[0-9]{1,10}")


def csv_news(lines: Iterable[str], declared: Declared) -> Iterator[tuple[int, NewsFact]]:
    """Yield (line number, event) of each line. Raises NewsFault."""
    return news_told_apart(_facts(lines, declared))


def _facts(lines: Iterable[str], declared: Declared) -> Iterator[tuple[int, NewsFact, bool]]:
    rows = csv.reader(lines, strict=True)
    try:
        columns = [name.strip().lower() for name in next(rows, [])]
        if [one for one in columns if one != "uid"] != list(COLUMNS) or columns.count("uid") > 1:
            raise NewsFault(1, f"the columns must be {','.join(COLUMNS)}, and uid if there is one")
        for row in rows:
            if row:
                yield _fact(columns, row, rows.line_num, declared)
    except csv.Error as error:
        raise NewsFault(rows.line_num, str(error)) from error


def _fact(
    columns: list[str], row: list[str], line: int, declared: Declared
) -> tuple[int, NewsFact, bool]:
    if len(row) != len(columns):
        raise NewsFault(line, f"{len(row)} values instead of {len(columns)}")
    told = {name: value.strip() for name, value in zip(columns, row, strict=True)}
    uid = told.get("uid", "")
    fact = news_made(
        line,
        uid=uid,
        at=_at(told["at"], line),
        currency=told["currency"].upper() or declared.currency,
        impact=told["impact"].lower() or declared.impact,
        title=told["title"],
    )
    return line, fact, bool(uid)


def _at(text: str, line: int) -> datetime:
    if _SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC)
    try:
        told = datetime.fromisoformat(text)
    except ValueError as error:
        raise NewsFault(line, f"the time {text[:40]!r} is not like 2026-03-06T13:30:00Z") from error
    if told.tzinfo is None:
        raise NewsFault(line, f"the time {text[:40]!r} names no zone; write Z for UTC")
    return told.astimezone(UTC)
