"""The seal of logs: what is final is hashed into a tree, batch by batch, chained (ADR 0011).

An edit after somebody kept a digest is detected; one before the seal, within a minute, is not.
"""

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from fusion_project.events import merkle
from fusion_project.events.models import SealBatch
from fusion_project.events.periodic import every

SEAL_EVERY_SECONDS = 5
BATCH_ROWS_MAX = 1_000
# A turn of the job; a long past is sealed in several, so that others get their turn between.
TURN_SECONDS_MAX = 2.0

# Rows by their numbers, as the verifier hashes them: every value a text, a null or a list of such.
Content = Callable[[Sequence[int]], dict[int, dict[str, object]]]


@dataclass(frozen=True, slots=True)
class SealedLog:
    """A log that is sealed; its rows stand in the view `<name>_sealable`.

    `books`: those that an export can be cut to. `content`: what an export tells of a row.
    """

    name: str
    content: Content
    books: tuple[str, ...] = ()


_logs: dict[str, SealedLog] = {}


def seal_register(log: SealedLog) -> None:
    """Have a log sealed by a job of its own, `<name>.seal`; apps declare theirs in `seals.py`."""

    @every(seconds=SEAL_EVERY_SECONDS, name=f"{log.name}.seal")
    def seal() -> None:
        seal_turn(log)

    _logs[log.name] = log


def sealed_logs() -> list[SealedLog]:
    """All of them, by name."""
    return [_logs[name] for name in sorted(_logs)]


def seal_turn(log: SealedLog) -> int:
    """Seal what is final, for two seconds at most. Returns how many rows were sealed."""
    ends_at, total = time.monotonic() + TURN_SECONDS_MAX, 0
    while sealed := seal_batch(log):
        total += sealed
        if sealed < BATCH_ROWS_MAX or time.monotonic() >= ends_at:
            break
    return total


@transaction.atomic
def seal_batch(log: SealedLog, *, rows_max: int = BATCH_ROWS_MAX) -> int:
    """Seal the next rows that are final. Returns how many; 0 where there are none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM events_seal_next(%s, %s)", [log.name, rows_max])
        rows = cursor.fetchall()
        if rows:
            root = merkle.root([bytes(leaf) for _, leaf in rows])
            ids = [row_id for row_id, _ in rows]
            cursor.execute("SELECT events_seal_append(%s, %s, %s)", [log.name, ids, root])
    return len(rows)


def seal_waits_since(log: SealedLog) -> dt.datetime | None:
    """When the oldest row that is not sealed was written; None where all are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT events_seal_waits_since(%s)", [log.name])
        since: dt.datetime | None = cursor.fetchone()[0]
    return since


def seal_head(log: SealedLog) -> str:
    """The hash of the last batch, in hex, that holds all before it; empty before the first."""
    newest = SealBatch.objects.filter(log=log.name).order_by("-n")
    head = newest.values_list("hash", flat=True).first()
    return bytes(head).hex() if head else ""
