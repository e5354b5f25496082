"""What a stranger needs to check a seal: rows, their sealed hashes and the chain, line by line.

The format `df.seal_export.v1` is told in docs/verify/README.md; `docs/verify/` reads it.
"""

from collections.abc import Iterator

from django.db import connection, transaction

from fusion_project.errors import DomainError
from fusion_project.events import merkle
from fusion_project.events.clock import now
from fusion_project.events.models import SealBatch, SealLeaf
from fusion_project.events.sealing import SealedLog
from fusion_project.text.formats import iso

FORMAT = "df.seal_export.v1"
PROOF_FORMAT = "df.seal_proof.v1"

Line = dict[str, object]


class RowNotSealed(DomainError):
    """The log has no sealed row of this number; a new one waits for seconds."""

    code = "row_not_sealed"
    status = 404


class SealBroken(DomainError):
    """The hashes of the row's batch do not give its root: no proof can be made of it."""

    code = "seal_broken"


def seal_export(log: SealedLog, *, book: str | None = None) -> Iterator[tuple[Line, int]]:
    """Lines of the export as one moment shows them, each with the share done in per mille.

    With `book`, rows of other books give their hashes alone.
    """
    with transaction.atomic():
        _one_moment()
        batches = SealBatch.objects.filter(log=log.name).order_by("n")
        total, head, floor = batches.count(), bytes(32), 0
        yield {"format": FORMAT, "log": log.name, "book": book, "exported_at": iso(now())}, 0
        for done, batch in enumerate(batches.iterator(chunk_size=100)):
            yield _batch_line(batch), done * 1_000 // total
            for line in _row_lines(log, batch.n, book):
                yield line, done * 1_000 // total
            head, floor = bytes(batch.hash), batch.floor_id
        yield _last_line(log, total, head, floor), 1_000


def seal_proof(log: SealedLog, row_id: int) -> Iterator[Line]:
    """Lines that show one row to be in the log, without any other: row, way to its root, chain.

    Raises RowNotSealed, SealBroken.
    """
    with transaction.atomic():
        _one_moment()
        leaf = SealLeaf.objects.filter(log=log.name, row_id=row_id).first()
        if leaf is None:
            raise RowNotSealed(f"{log.name} has no sealed row {row_id}")
        chain = list(SealBatch.objects.filter(log=log.name, n__gte=leaf.n).order_by("n"))
        hashes = SealLeaf.objects.filter(log=log.name, n=leaf.n).order_by("position")
        leaves = [bytes(sha256) for sha256 in hashes.values_list("sha256", flat=True)]
        place = list(hashes.values_list("row_id", flat=True)).index(row_id)
        beside = merkle.proof(leaves, place)
        if merkle.root_by_proof(leaves[place], place, len(leaves), beside) != bytes(chain[0].root):
            raise SealBroken(f"batch {leaf.n} of {log.name}: its root does not follow")
        yield {"format": PROOF_FORMAT, "log": log.name, "exported_at": iso(now())}
        yield {
            "id": str(row_id),
            "leaf": leaves[place].hex(),
            "row": log.content([row_id]).get(row_id),
            "place": str(place),
            "beside": [one.hex() for one in beside],
        }
        yield from map(_batch_line, chain)
        yield {"end": True, "head": bytes(chain[-1].hash).hex()}


def _one_moment() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


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
