"""Writing the log: `record` stands in the transaction that makes the fact."""

from collections.abc import Sequence

from django.db import connection, transaction

from fusion_project.events import doorbell, names
from fusion_project.events.models import EventLink
from fusion_project.events.registry import handlers_of
from fusion_project.text.actors import actor_check
from fusion_project.text.canonical import canonical_json


def record(
    name: str,
    *,
    subject: str,
    trace_id: str,
    actor: str,
    detail: dict[str, object],
    links: Sequence[str] = (),
) -> int:
    """Append one fact and what its handlers owe to it; ring their doorbells after commit.

    Returns the event's id. Raises ValueError for an unknown name, ActorUnknown, and
    TransactionManagementError outside a transaction: a fact and its record commit together or not
    at all.
    """
    if name not in names.ALL:
        raise ValueError(f"unknown event name: {name}")
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("record() belongs in the fact's transaction")
    handlers, text = handlers_of(name), canonical_json(detail)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT events_record(%s, %s, %s, %s, %s, %s)",
            [name, subject, trace_id, actor_check(actor), text, handlers],
        )
        event_id = int(cursor.fetchone()[0])
    others = [EventLink(event_id=event_id, trace_id=one) for one in sorted({*links} - {trace_id})]
    EventLink.objects.bulk_create(others)
    doorbell.ring_on_commit(handlers, text)
    return event_id
