"""Reads economic events near a moment, as a calendar had told them by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from signals.market.news import EVERYBODY, IMPACTS
from signals.models import NewsImport


@dataclass(frozen=True, slots=True)
class NewsNear:
    """When the newest import that covers the moment was made; (row, time) of each event."""

    imported_at: datetime
    events: tuple[tuple[int, datetime], ...]


def news_near(
    calendar: str,
    at: datetime,
    *,
    reach: timedelta,
    currencies: Sequence[str],
    impact: str,
) -> NewsNear | None:
    """Return the events within `reach` of a moment; None where no import covers that moment.

    Only what was on record before `at`; of an event that moved, where it was told to be by then.
    """
    covering = NewsImport.objects.filter(
        calendar=calendar, covers_from__lte=at, covers_until__gt=at, recorded_at__lt=at
    )
    imported_at = covering.order_by("-id").values_list("recorded_at", flat=True).first()
    if imported_at is None:
        return None
    grave = list(IMPACTS[IMPACTS.index(impact) :])
    first, last = at - reach, at + reach
    with connection.cursor() as cursor:
        cursor.execute(
            _NEAR,
            [calendar, first, last, calendar, at, first, last, grave, [*currencies, EVERYBODY]],
        )
        return NewsNear(imported_at, tuple((row, moment) for row, moment in cursor.fetchall()))


_NEAR = """
    SELECT id, at FROM (
        SELECT DISTINCT ON (key) id, at, currency, impact, is_cancelled FROM signals_newsevent
        WHERE key IN (SELECT key FROM signals_newsevent
                       WHERE calendar = %s AND at BETWEEN %s AND %s)
            AND calendar = %s AND recorded_at < %s
        ORDER BY key, revision DESC
    ) AS known
    WHERE at BETWEEN %s AND %s AND NOT is_cancelled AND impact = ANY(%s) AND currency = ANY(%s)
    ORDER BY at, id
"""
