"""The event log is sealed: what its verifier hashes of each event."""

from collections.abc import Sequence

from django.db import connection

from fusion_project.events.sealing import SealedLog, seal_register

_CONTENT = """
    SELECT e.id, e.id::text, events_microseconds(e.at), e.name, e.subject, e.trace_id, e.actor,
        e.detail, array(SELECT link.trace_id FROM events_eventlink link
            WHERE link.event_id = e.id ORDER BY link.trace_id COLLATE "C")
    FROM events_event e WHERE e.id = ANY(%s)"""
_NAMES = ("id", "at", "name", "subject", "trace_id", "actor", "detail", "links")


def event_content(ids: Sequence[int]) -> dict[int, dict[str, object]]:
    """What is hashed of each event that is there."""
    with connection.cursor() as cursor:
        cursor.execute(_CONTENT, [list(ids)])
        return {
            number: dict(zip(_NAMES, values, strict=True)) for number, *values in cursor.fetchall()
        }


seal_register(SealedLog("events", event_content))
