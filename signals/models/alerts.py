"""What came in: every HTTP try (delivery), and each new message among them (alert)."""

from __future__ import annotations

import json

from django.db import models
from django.db.models import Q

from signals.models.checks import OneOf
from signals.models.strategies import Strategy


class Delivery(models.Model):
    """One authenticated HTTP try with its verdict; never changed, kept in monthly partitions.

    The table's key is (id, received_at); ids come from one sequence, so `id` alone is unique too.
    `migrations/sql/0002_deliveries_table.sql` makes the table.
    """

    id = models.BigAutoField(primary_key=True)
    received_at = models.DateTimeField()
    strategy = models.ForeignKey(Strategy, on_delete=models.DO_NOTHING, related_name="+")
    secret_id = models.BigIntegerField(null=True)
    body = models.BinaryField()
    body_sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=120)
    peer = models.CharField(max_length=64)
    sent_at = models.DateTimeField(null=True)
    grade = models.CharField(max_length=1)
    provenance = models.CharField(max_length=80)
    fired_by = models.CharField(max_length=64)
    verdict = models.CharField(max_length=12)
    rule = models.CharField(max_length=40)
    detail = models.CharField(max_length=300)
    alert_id = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        verbose_name_plural = "deliveries"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"delivery {self.id} {self.verdict}"


class Alert(models.Model):
    """One message from a chart, immutable. Its intent is canonical `df.intent` JSON."""

    # No index of its own: another one begins with the strategy.
    strategy = models.ForeignKey(
        Strategy, on_delete=models.PROTECT, related_name="alerts", db_index=False
    )
    delivery_id = models.BigIntegerField()
    dialect = models.CharField(max_length=40)
    kind = models.CharField(max_length=8)
    intent = models.TextField()
    body_sha256 = models.CharField(max_length=64)
    sender_id = models.CharField(max_length=160, null=True, blank=True)
    # Whether no other message bears the sender's id: else it may be an order's name.
    id_is_unique = models.BooleanField(default=True, db_default=True)
    intent_key = models.CharField(max_length=64, null=True, blank=True)
    trade_ref = models.CharField(max_length=160, blank=True, default="")
    ref_id = models.CharField(max_length=160, blank=True, default="")
    trace_id = models.CharField(max_length=32)
    bar_time = models.DateTimeField(null=True, blank=True)
    grade = models.CharField(max_length=1, default="D")
    provenance = models.CharField(max_length=80, blank=True, default="")
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=OneOf("grade", ["A", "B", "C", "D"]), name="signals_alert_grade_known"
            ),
            models.UniqueConstraint(
                fields=["strategy", "sender_id"],
                condition=Q(sender_id__isnull=False, id_is_unique=True),
                name="signals_alert_sender_id",
            ),
            models.UniqueConstraint(
                fields=["strategy", "intent_key"],
                condition=Q(intent_key__isnull=False),
                name="signals_alert_intent_key",
            ),
            models.CheckConstraint(
                condition=OneOf("kind", ["trade", "test", "bar"]), name="signals_alert_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(trace_id__regex=r"^[0-9a-f]{32}$"), name="signals_alert_trace_is_hex"
            ),
            models.CheckConstraint(
                condition=Q(body_sha256__regex=r"^[0-9a-f]{64}$"),
                name="signals_alert_body_is_sha256",
            ),
        ]
        indexes = [
            models.Index(fields=["strategy", "body_sha256"], name="signals_alert_body"),
            models.Index(fields=["trace_id"], name="signals_alert_trace"),
            models.Index(
                fields=["strategy", "sender_id"],
                condition=Q(sender_id__isnull=False),
                name="signals_alert_named",
            ),
        ]

    def __str__(self) -> str:
        return f"alert {self.id}"

    @property
    def env(self) -> str:
        """The money that the message says it is meant for: `live`, `paper`, or '' where silent."""
        return str(json.loads(self.intent).get("env", ""))


class AlertConflict(models.Model):
    """A sender id that came again with another intent. Kept for people; never decided on."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="conflicts")
    delivery_id = models.BigIntegerField()
    intent = models.TextField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"conflict {self.id} with alert {self.alert_id}"


class UnknownCallerMinute(models.Model):
    """How many requests without a valid secret came in one minute."""

    minute = models.DateTimeField(primary_key=True)
    seen = models.PositiveIntegerField()

    class Meta:
        ordering = ["-minute"]

    def __str__(self) -> str:
        return f"{self.minute:%Y-%m-%d %H:%M}: {self.seen}"


class UnknownCallerSample(models.Model):
    """At most 1 KiB of at most 100 such requests a minute; pruned after a day."""

    at = models.DateTimeField()
    peer = models.CharField(max_length=64)
    content_type = models.CharField(max_length=120)
    size_bytes = models.PositiveIntegerField()
    body_start = models.BinaryField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["at"], name="signals_unknown_sample_at")]
        constraints = [
            models.CheckConstraint(
                condition=Q(size_bytes__gte=0), name="signals_unknown_sample_size"
            ),
        ]

    def __str__(self) -> str:
        return f"sample {self.id} from {self.peer}"


class PeerWindow(models.Model):
    """How many requests a peer made since `started_at`; for limits, so worth no disk flush.

    `migrations/sql/0002_tables.sql` makes the table unlogged: a crash empties it.
    """

    peer = models.CharField(max_length=80, primary_key=True)
    started_at = models.DateTimeField()
    seen = models.PositiveIntegerField()

    class Meta:
        ordering = ["peer"]

    def __str__(self) -> str:
        return f"{self.peer}: {self.seen}"
