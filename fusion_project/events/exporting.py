"""What a stranger needs to check a seal: rows, their sealed hashes and the chain, line by line.

The format `df.seal_export.v1` is told in docs/verify/README.md; `docs/verify/` reads it.
"""

from collections.abc import Iterator

from django.db import connection, transaction

from fusion_project.events.clock import now
from fusion_project.events.models import SealBatch, SealLeaf
from fusion_project.events.sealing import SealedLog
from fusion_project.text.formats import iso

FORMAT = "df.seal_export.v1"

Line = dict[str, object]


def seal_export(log: SealedLog, *, book: str | None = None) -> Iterator[tuple[Line, int]]:
    """Lines of the export as one moment shows them, each with the share done in per mille.

    With `book`, rows of other books give their hashes alone.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        batches = SealBatch.objects.filter(log=log.name).order_by("n")
        total, head, floor = batches.count(), bytes(32), 0
        yield {"format": FORMAT, "log": log.name, "book": book, "exported_at": iso(now())}, 0
        for done, batch in enumerate(batches.iterator(chunk_size=100)):
            yield _batch_line(batch), done * 1_000 // total
            for line in _row_lines(log, batch.n, book):
                yield line, done * 1_000 // total
            head, floor = bytes(batch.hash), batch.floor_id
        yield _last_line(log, total, head, floor), 1_000


def _batch_line(batch: SealBatch) -> Line:
    with connection.cursor() as cursor:
        cursor.execute("SELECT events_microseconds(%s)", [batch.sealed_at])
        (sealed_at,) = cursor.fetchone()
    return {
        "batch": str(batch.n),
        "sealed_at": sealed_at,
        "count": str(batch.count),
        "root": bytes(batch.root).hex(),
        "previous": bytes(batch.previous).hex(),
        "hash": bytes(batch.hash).hex(),
    }


def _row_lines(log: SealedLog, n: int, book: str | None) -> Iterator[Line]:
    leaves = SealLeaf.objects.filter(log=log.name, n=n).order_by("position")
    places = list(leaves.values_list("row_id", "sha256"))
    content = log.content([row_id for row_id, _ in places])
    for row_id, sha256 in places:
        row = content.get(row_id)
        line: Line = {"id": str(row_id), "leaf": bytes(sha256).hex()}
        if book and row and row["book"] != book:
            yield {**line, "withheld": True}
        else:
            yield {**line, "row": row}


def _last_line(log: SealedLog, batches: int, head: bytes, floor: int) -> Line:
    """The head, what still waits, and rows that turned up where nothing could come any more."""
    unsealed = f"""
        SELECT s.id FROM {log.name}_sealable s WHERE (s.id <= %s) = %s AND NOT EXISTS (
            SELECT FROM events_sealleaf l WHERE l.log = %s AND l.row_id = s.id) ORDER BY s.id"""
    with connection.cursor() as cursor:
        cursor.execute(unsealed, [floor, True, log.name])
        intruders = [str(row_id) for (row_id,) in cursor.fetchall()]
        cursor.execute(f"SELECT count(*) FROM ({unsealed}) u", [floor, False, log.name])
        (waiting,) = cursor.fetchone()
    return {
        "end": True,
        "batches": str(batches),
        "head": head.hex(),
        "waiting": str(waiting),
        "unsealed_below": {"floor": str(floor), "ids": intruders},
    }
