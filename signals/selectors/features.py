"""Reads features for the lobes: only what was known before the moment asked about."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import connection

from signals.lobes.base import Features

RESULT: Final = "trade.result_r"
LAST_RESULTS_MAX: Final = 500


def features_get(*, strategy_id: int, known_until: datetime) -> Features:
    """Count the last trades whose result was recorded before `known_until`.

    A restated result, known by the revision at the end of its key, replaces the earlier one. A
    result of zero did not win.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TRACK_RECORD, [RESULT, strategy_id, known_until, LAST_RESULTS_MAX])
        trades, wins = cursor.fetchone()
    return Features(trades=trades, wins=wins)


_TRACK_RECORD = """
    SELECT count(*), count(*) FILTER (WHERE value > 0) FROM (
        SELECT DISTINCT ON (trade) trade, value FROM (
            SELECT id, value, regexp_replace(key, ':[0-9]+$', '') AS trade FROM signals_feature
            WHERE name = %s AND strategy_id = %s AND recorded_at < %s
            ORDER BY id DESC LIMIT %s
        ) AS recent ORDER BY trade, id DESC
    ) AS latest
"""
