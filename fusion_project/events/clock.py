"""The one clock: the database's `events_now()`, the same from Python and SQL."""

import datetime as dt

from django.db import connection


def now() -> dt.datetime:
    """Aware UTC time of the database clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT events_now()")
        moment: dt.datetime = cursor.fetchone()[0]
    return moment.astimezone(dt.UTC)
