"""Bars: appended as feeds tell them, once each; a bar told otherwise is its next revision."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db import connection, transaction

from fusion_project.events.clock import now
from signals.errors import BarsRefused
from signals.intents.legs import BarPrices
from signals.market.bars import BarFacts, BarFault, bars_check
from signals.market.timeframes import timeframe_seconds as seconds_of
from signals.models import Alert
from signals.models.bars import FEED_FORM

__all__ = ["BarFacts", "BarsRecorded", "alert_bar_record", "alert_feed", "bars_record"]

SYMBOL_LENGTH_MAX: Final = 64
BARS_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class BarsRecorded:
    """How many bars are new, how many revise one that stands, and how many stand already."""

    added: int
    revised: int
    known: int


@transaction.atomic
def bars_record(
    *, feed: str, symbol: str, timeframe_seconds: int, bars: Sequence[BarFacts]
) -> BarsRecorded:
    """Append closed bars of one series, oldest first, all of them or none.

    `feed`: `alert:<strategy>`, `csv:<name>` or `executor:<id>`; `symbol` stays as the feed writes
    it. At most `BARS_MAX` at once. Raises BarsRefused, whose detail names the first wrong bar by
    its `index` from 0.
    """
    if not re.fullmatch(FEED_FORM, feed):
        raise BarsRefused(f"{feed[:100]!r} is no feed.", index=0)
    if not 1 <= len(symbol) <= SYMBOL_LENGTH_MAX or not symbol.isprintable():
        raise BarsRefused(f"{symbol[:100]!r} is no symbol.", index=0)
    if len(bars) > BARS_MAX:
        raise BarsRefused(f"At most {BARS_MAX} bars at once.", index=BARS_MAX)
    try:
        bars_check(bars, timeframe_seconds, now())
    except BarFault as error:
        raise BarsRefused(f"Bar {error.index}: {error.reason}.", index=error.index) from error
    if not bars:
        return BarsRecorded(0, 0, 0)
    rows = [_row(bar, timeframe_seconds) for bar in bars]
    with connection.cursor() as cursor:
        cursor.execute(
            _SERIES,
            [feed, symbol, timeframe_seconds, bars[0].open_at, bars[-1].open_at],
        )
        cursor.execute(
            _APPEND,
            {
                "feed": feed,
                "symbol": symbol,
                "timeframe_seconds": timeframe_seconds,
                "rows": json.dumps(rows),
            },
        )
        added, revised = cursor.fetchone()
    return BarsRecorded(added, revised, len(bars) - added - revised)


def alert_feed(slug: str) -> str:
    """The feed of what a strategy's own alerts tell; it serves that strategy alone."""
    return f"alert:{slug}"


def alert_bar_record(*, alert_id: int) -> BarsRecorded | None:
    """Record the bar that an accepted alert tells; None where no bar can be made of it."""
    alert = Alert.objects.select_related("strategy").get(id=alert_id)
    intent = json.loads(alert.intent)
    told = BarPrices.from_dict(intent["bar"])
    seconds = seconds_of(intent["timeframe"] or "")
    if seconds is None or alert.bar_time is None:
        return None
    bar = BarFacts(
        open_at=alert.bar_time,
        close_at=told.close_at,
        open=told.open,
        high=told.high,
        low=told.low,
        close=told.close,
        volume=told.volume,
    )
    return bars_record(
        feed=alert_feed(alert.strategy.slug),
        symbol=told.symbol_raw,
        timeframe_seconds=seconds,
        bars=[bar],
    )


def _row(bar: BarFacts, timeframe_seconds: int) -> dict[str, str | None]:
    return {
        "open_at": bar.open_at.isoformat(),
        "close_at": bar.closed_at(timeframe_seconds).isoformat(),
        "volume": _text(bar.volume),
        **{name: _text(getattr(bar, name)) for name in ("open", "high", "low", "close")},
    }


def _text(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"


# The row is locked until the end, so two who append to one series take turns.
_SERIES: Final = """
    INSERT INTO signals_barseries AS s
        (feed, symbol, timeframe_seconds, first_open_at, newest_open_at, recorded_at)
    VALUES (%s, %s, %s, %s, %s, events_now())
    ON CONFLICT (feed, symbol, timeframe_seconds) DO UPDATE SET
        first_open_at = least(s.first_open_at, excluded.first_open_at),
        newest_open_at = greatest(s.newest_open_at, excluded.newest_open_at),
        recorded_at = excluded.recorded_at
"""

_APPEND: Final = """
    WITH told AS (
        SELECT * FROM json_to_recordset(%(rows)s::json) AS r (
            open_at timestamptz, close_at timestamptz, open numeric(38, 12), high numeric(38, 12),
            low numeric(38, 12), close numeric(38, 12), volume numeric(38, 12))
    ), standing AS (
        SELECT DISTINCT ON (b.open_at) b.* FROM signals_bar b
        WHERE b.feed = %(feed)s AND b.symbol = %(symbol)s
            AND b.timeframe_seconds = %(timeframe_seconds)s
            AND b.open_at BETWEEN (SELECT min(open_at) FROM told)
                AND (SELECT max(open_at) FROM told)
        ORDER BY b.open_at, b.revision DESC
    ), appended AS (
        INSERT INTO signals_bar (feed, symbol, timeframe_seconds, open_at, revision, close_at,
            open, high, low, close, volume, recorded_at)
        SELECT %(feed)s, %(symbol)s, %(timeframe_seconds)s, t.open_at, coalesce(s.revision, 0) + 1,
            t.close_at, t.open, t.high, t.low, t.close, t.volume, events_now()
        FROM told t LEFT JOIN standing s USING (open_at)
        WHERE s.id IS NULL OR (t.close_at, t.open, t.high, t.low, t.close, t.volume)
            IS DISTINCT FROM (s.close_at, s.open, s.high, s.low, s.close, s.volume)
        ORDER BY t.open_at
        RETURNING revision
    )
    SELECT count(*) FILTER (WHERE revision = 1), count(*) FILTER (WHERE revision > 1) FROM appended
"""
