"""The log's tables. Rows of Event and EventLink are facts and never change (trigger)."""

from django.db import models
from django.db.models import Q
from django.db.models.lookups import Exact

from fusion_project.events.actors import actor_known


def hash_of_32(name: str, field: str) -> models.CheckConstraint:
    """A SHA-256 has 32 octets."""
    octets = models.Func(
        models.F(field), function="octet_length", output_field=models.IntegerField()
    )
    return models.CheckConstraint(condition=Exact(octets, 32), name=name)


class CurrentTransaction(models.Func):
    """The id of the writing transaction, for sealing in commit order."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class ThisCluster(models.Func):
    """The server that wrote a row; transaction ids mean something on their own server alone."""

    template = "events_cluster()"
    output_field = models.BigIntegerField()


class Event(models.Model):
    """One fact: what happened, to what, in whose name, on which trace. Append-only."""

    at = models.DateTimeField()
    name = models.TextField()
    subject = models.TextField()
    trace_id = models.TextField(blank=True)
    actor = models.TextField()
    detail = models.TextField()
    xid = models.BigIntegerField(db_default=CurrentTransaction())
    # 0 in rows from before there was a seal: their transactions are over.
    cluster = models.BigIntegerField(db_default=ThisCluster())

    class Meta:
        indexes = [
            models.Index(fields=["trace_id", "id"], name="events_event_trace"),
            models.Index(fields=["name", "-id"], name="events_event_name"),
            models.Index(fields=["subject"], name="events_event_subject"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=r"^[a-z]+\.[a-z]+$"), name="events_event_name_form"
            ),
            models.CheckConstraint(
                condition=Q(trace_id__regex=r"^([0-9a-f]{32})?$"), name="events_event_trace_form"
            ),
            actor_known("actor", name="events_event_actor_form"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.subject}"


class EventLink(models.Model):
    """A further trace that an event belongs to. Append-only."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="links")
    trace_id = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["trace_id"], name="events_link_trace")]
        constraints = [
            models.UniqueConstraint(fields=["event", "trace_id"], name="events_link_once"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.trace_id}"


class Handling(models.Model):
    """What one handler owes to one event.

    `attempts` is the fence: a claim raises it, and only its holder may mark the row done.
    `due_at` is both lease and back-off; done and parked rows have none.
    """

    # No index of its own: `events_handling_once` begins with the event.
    event = models.ForeignKey(
        Event, on_delete=models.PROTECT, related_name="handlings", db_index=False
    )
    handler = models.TextField()
    attempts = models.PositiveIntegerField(db_default=0)
    waits = models.PositiveIntegerField(db_default=0)
    due_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, db_default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["handler", "due_at"],
                name="events_handling_due",
                condition=Q(done_at=None, due_at__isnull=False),
            ),
            models.Index(
                fields=["handler"],
                name="events_handling_parked",
                condition=Q(done_at=None, due_at=None),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["event", "handler"], name="events_handling_once"),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(due_at=None), name="events_handling_done_not_due"
            ),
            models.CheckConstraint(
                condition=Q(waits__lte=models.F("attempts")), name="events_handling_waits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.handler} {self.event_id}"

    @property
    def is_parked(self) -> bool:
        return self.done_at is None and self.due_at is None


class PeriodicJob(models.Model):
    """When a periodic job is due next; who runs it claims it by moving `due_at` ahead."""

    name = models.TextField(primary_key=True)
    every_seconds = models.PositiveIntegerField()
    due_at = models.DateTimeField()
    last_run_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, db_default="")

    def __str__(self) -> str:
        return self.name


class LifeSign(models.Model):
    """A part of the machine: when it was last at work, and since when it is waited for."""

    name = models.TextField(primary_key=True)
    seen_at = models.DateTimeField(null=True)
    waited_since = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class SealBatch(models.Model):
    """The tree over rows of one log, chained to the batch before. Append-only.

    `xid`: the sealer's transaction, begun once it had seen rows up to `seen_id` (0: begun before).
    No row up to `floor_id` can still come.
    """

    pk = models.CompositePrimaryKey("log", "n")
    log = models.TextField()
    n = models.BigIntegerField()
    sealed_at = models.DateTimeField()
    count = models.IntegerField()
    root = models.BinaryField()
    previous = models.BinaryField()
    hash = models.BinaryField()
    cluster = models.BigIntegerField()
    xid = models.BigIntegerField()
    seen_id = models.BigIntegerField()
    floor_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["log", "previous"], name="events_sealbatch_no_fork"),
            models.CheckConstraint(
                condition=Q(n__gte=1) & Q(count__gte=1), name="events_sealbatch_holds_rows"
            ),
            *(
                hash_of_32(f"events_sealbatch_{name}", name)
                for name in ("root", "previous", "hash")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.log} {self.n}"


class SealLeaf(models.Model):
    """The hash of one row of a log, and its place in a batch. Append-only.

    No foreign keys: a check would lock the log's row, and rows never go.
    """

    pk = models.CompositePrimaryKey("log", "n", "position")
    log = models.TextField()
    n = models.BigIntegerField()
    position = models.IntegerField()
    row_id = models.BigIntegerField()
    sha256 = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["log", "row_id"], name="events_sealleaf_once"),
            hash_of_32("events_sealleaf_hash", "sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.log} {self.row_id}"
