"""The ledger is sealed: entries by the leaf that each got when its lines came in."""

from collections.abc import Sequence

from django.db import connection

from fusion_project.events.sealing import SealedLog, seal_register
from treasury.models import BOOKS

# In the order of `treasury_leaf_bytes`, which hashes the same.
_NAMES = (
    "id",
    "idem_key",
    "request_sha256",
    "kind",
    "book",
    "event_at",
    "recorded_at",
    "source",
    "trace_id",
    "reverses_id",
    "note",
    "lines",
)
_CONTENT = """
    SELECT e.id, e.id::text, e.idem_key, e.request_sha256, e.kind, e.book,
        events_microseconds(e.event_at), events_microseconds(e.recorded_at), e.source, e.trace_id,
        e.reverses_id::text, e.note,
        (SELECT coalesce(json_agg(json_build_array(
                l.n::text, a.code, l.currency_id, l.amount::text) ORDER BY l.n), '[]')
            FROM treasury_line l JOIN treasury_ledgeraccount a ON a.id = l.account_id
            WHERE l.entry_id = e.id)
    FROM treasury_entry e WHERE e.id = ANY(%s)"""


def entry_content(ids: Sequence[int]) -> dict[int, dict[str, object]]:
    """What is hashed of each entry that is there, its lines included."""
    with connection.cursor() as cursor:
        cursor.execute(_CONTENT, [list(ids)])
        return {
            number: dict(zip(_NAMES, values, strict=True)) for number, *values in cursor.fetchall()
        }


seal_register(SealedLog("treasury", entry_content, books=BOOKS))
