"""Handlings in the state that their life would bring them to."""

from django.db import connection

from fusion_project.events.models import Handling
from fusion_project.events.work import ATTEMPTS_MAX


def handling_parked(event_id: int, handler: str, error: str) -> Handling:
    """One that failed as often as may be."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_handling (event_id, handler, due_at)"
            " VALUES (%s, %s, events_now()) RETURNING id",
            [event_id, handler],
        )
        rows = Handling.objects.filter(id=cursor.fetchone()[0])
    for attempts in range(1, ATTEMPTS_MAX + 1):
        rows.update(attempts=attempts)
    rows.update(due_at=None, last_error=error)
    return rows.get()
