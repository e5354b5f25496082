"""What people may do with handlings, and what a new handler gets of the past."""

from collections.abc import Iterator

from django.db import connection, transaction
from django.db.models import F, Max

from fusion_project.errors import DomainError
from fusion_project.events import doorbell
from fusion_project.events.clock import now
from fusion_project.events.models import Event, Handling
from fusion_project.events.registry import handler_get


class HandlingNotParked(DomainError):
    """Only a parked handling can be retried by hand."""

    code = "handling_not_parked"


@transaction.atomic
def handling_retry(*, handling_id: int) -> None:
    """Make a parked handling due again with all its attempts. Raises HandlingNotParked."""
    parked = Handling.objects.filter(id=handling_id, done_at=None, due_at=None)
    changed = parked.update(due_at=now(), waits=F("attempts"))
    if changed != 1:
        raise HandlingNotParked(handling_id=handling_id)
    doorbell.ring_on_commit(
        [Handling.objects.values_list("handler", flat=True).get(id=handling_id)]
    )


def handlings_backfill(*, handler_name: str, chunk: int = 10_000) -> Iterator[tuple[int, int, int]]:
    """Give a handler the events of the past that it does not have yet, chunk by chunk.

    Yields (events looked at up to id, highest id, handlings added in this chunk).
    """
    handler = handler_get(handler_name)
    last = Event.objects.aggregate(last=Max("id"))["last"] or 0
    for start in range(0, last, chunk):
        end = min(start + chunk, last)
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO events_handling (event_id, handler, due_at)
                   SELECT id, %s, events_now() FROM events_event
                   WHERE id > %s AND id <= %s AND name = ANY(%s)
                   ON CONFLICT ON CONSTRAINT events_handling_once DO NOTHING""",
                [handler_name, start, end, list(handler.event_names)],
            )
            yield end, last, cursor.rowcount
