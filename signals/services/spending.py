"""What a day's calls may cost: put by before a lobe is asked, settled when it has answered.

A process that dies in between leaves the day with the most that its calls can have cost.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import connection


def spend_take(*, lobe: str, usd: Decimal, cap: Decimal) -> date | None:
    """Put so many dollars by; return the day, None where it has no room for them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT signals_spend_take(%s, %s, %s)", [lobe, usd, cap])
        [day] = cursor.fetchone()
    return day if isinstance(day, date) else None


def spend_settle(*, lobe: str, day: date, taken: Decimal, spent: Decimal) -> None:
    """Replace what was put by with what it came to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT signals_spend_settle(%s, %s, %s, %s)", [lobe, day, taken, spent])
