"""Reads bars: which series serve a strategy, what of them was on record, and when bars opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from signals.intents.symbols import SymbolUnreadable, instrument_of
from signals.market.barriers import LabelBar
from signals.market.holes import WEEK
from signals.models import Bar, BarSeries, StrategyPolicy

_KEY: Final = ("feed", "symbol", "timeframe_seconds")


@dataclass(frozen=True, slots=True)
class SeriesRef:
    """One symbol's bars of one timeframe in one feed; there may be none of them yet."""

    feed: str
    symbol: str
    timeframe_seconds: int


def series_of(policy: StrategyPolicy, slug: str, instrument: str) -> list[SeriesRef]:
    """Return the series that tell a strategy of an instrument, the preferred one first.

    Those that its policy names, of one timeframe; else the finest that its own alerts tell.
    """
    named = [SeriesRef(**one) for one in policy.feeds.get(instrument, ())]
    if named:
        return [one for one in named if one.timeframe_seconds == named[0].timeframe_seconds]
    own = BarSeries.objects.filter(feed=f"alert:{slug}").order_by("timeframe_seconds", "symbol")
    of_it = [one for one in own if _instrument(one.symbol) == instrument]
    return [SeriesRef(*(getattr(one, name) for name in _KEY)) for one in of_it[:1]]


def bars_known(series: Sequence[SeriesRef], *, known_until: datetime, count: int) -> list[LabelBar]:
    """Return the newest bars, oldest first, that had closed and were on record before a moment.

    Where a later series reaches further back than those before it, it tells what came before.
    """
    merged: list[LabelBar] = []
    for one in series:
        before = merged[0].open_at if merged else known_until
        with connection.cursor() as cursor:
            key = (one.feed, one.symbol, one.timeframe_seconds)
            left = count - len(merged)
            cursor.execute(_NEWEST, [*key, before, known_until, known_until, left])
            merged = [LabelBar(**row) for row in _rows(cursor)] + merged
        if len(merged) >= count:
            break
    return merged


def bars_between(
    series: Sequence[SeriesRef], first: datetime, last: datetime, *, known_until: datetime
) -> list[LabelBar]:
    """Return the bars that opened from `first` to `last`, as they were known, oldest first."""
    merged: list[LabelBar] = []
    for one in series:
        until = merged[0].open_at if merged else last
        with connection.cursor() as cursor:
            cursor.execute(
                _BETWEEN,
                [one.feed, one.symbol, one.timeframe_seconds, first, until, known_until],
            )
            rows = [LabelBar(**row) for row in _rows(cursor)]
        merged = [bar for bar in rows if not merged or bar.open_at < merged[0].open_at] + merged
    return merged


def opens_last(series: BarSeries, count: int) -> list[datetime]:
    """Return when the newest bars of the series opened, oldest first."""
    rows = _of(series).filter(revision=1).order_by("-open_at")
    return sorted(rows.values_list("open_at", flat=True)[:count])


def opens_between(series: BarSeries | SeriesRef, first: datetime, last: datetime) -> list[datetime]:
    """Return when bars of the series opened between two moments, oldest first."""
    rows = _of(series).filter(revision=1, open_at__range=(first, last))
    return list(rows.order_by("open_at").values_list("open_at", flat=True))


def is_young(series: Sequence[SeriesRef], at: datetime) -> bool:
    """Whether none of the series reaches a week further back than this moment."""
    return not any(_of_ref(one).filter(first_open_at__lte=at - WEEK).exists() for one in series)


def _of_ref(one: SeriesRef) -> Any:
    return BarSeries.objects.filter(**{name: getattr(one, name) for name in _KEY})


def _of(series: BarSeries | SeriesRef) -> Any:
    return Bar.objects.filter(**{name: getattr(series, name) for name in _KEY})


def _instrument(symbol: str) -> str:
    try:
        return instrument_of(symbol)
    except SymbolUnreadable:
        return ""


def _rows(cursor: Any) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


# Of each bar the newest revision that was on record by then; a later one is not known yet.
_NEWEST: Final = """
    SELECT * FROM (
        SELECT DISTINCT ON (open_at) id, open_at, close_at, open, high, low, close, recorded_at
        FROM signals_bar
        WHERE feed = %s AND symbol = %s AND timeframe_seconds = %s AND open_at < %s
            AND close_at <= %s AND recorded_at < %s
        ORDER BY open_at DESC, revision DESC LIMIT %s
    ) AS newest ORDER BY open_at
"""
_BETWEEN: Final = """
    SELECT DISTINCT ON (open_at) id, open_at, close_at, open, high, low, close, recorded_at
    FROM signals_bar
    WHERE feed = %s AND symbol = %s AND timeframe_seconds = %s AND open_at BETWEEN %s AND %s
        AND recorded_at <= %s
    ORDER BY open_at, revision DESC
"""
