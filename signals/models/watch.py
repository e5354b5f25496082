"""What the watch for lost alerts remembers: positions that senders told, and what is due when."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import F, Q

from signals.models.alerts import Alert
from signals.models.strategies import Strategy

_STATES: Final = r"^((flat|long|short)(,(flat|long|short)){0,2})?$"


class ToldPosition(models.Model):
    """The sender's own position around one alert, as the alert told it. Sizes are signed.

    `before` and `after` hold every possible state, comma-separated, empty where none is told.
    `gap_after` is the alert after which one was found missing, so that it is reported once.
    """

    alert = models.OneToOneField(Alert, on_delete=models.PROTECT, related_name="told_position")
    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, related_name="+")
    instrument = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    before = models.CharField(max_length=16, blank=True, default="")
    before_size = models.DecimalField(max_digits=38, decimal_places=18, null=True, blank=True)
    after = models.CharField(max_length=16, blank=True, default="")
    after_size = models.DecimalField(max_digits=38, decimal_places=18, null=True, blank=True)
    gap_after = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-alert_id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(before__regex=_STATES),
                name="signals_told_before_known",
            ),
            models.CheckConstraint(
                condition=Q(after__regex=_STATES),
                name="signals_told_after_known",
            ),
            models.CheckConstraint(
                condition=Q(gap_after__isnull=True) | ~Q(gap_after=F("alert_id")),
                name="signals_told_gap_has_two_ends",
            ),
        ]
        indexes = [
            models.Index(fields=["strategy", "instrument", "-alert"], name="signals_told_chain"),
        ]

    def __str__(self) -> str:
        return f"{self.before or '?'} → {self.after or '?'} by alert {self.alert_id}"


class Expectation(models.Model):
    """When the next alert is due at the latest: a symbol's trades, or a strategy's canary.

    `due_by` is empty where nothing is expected, or its absence has been reported already.
    """

    class Kind(models.TextChoices):
        TRADE = "trade", "Trades of a symbol"
        TEST = "test", "Canary"

    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, related_name="expectations")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    instrument = models.CharField(max_length=64, blank=True, default="")
    declared_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="How often a canary comes, as the strategy's owner says."
    )
    last_alert_id = models.BigIntegerField(default=0)
    last_at = models.DateTimeField(null=True, blank=True)
    due_by = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["strategy", "kind", "instrument"]
        constraints = [
            models.UniqueConstraint(
                fields=["strategy", "kind", "instrument"], name="signals_expectation_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="trade", declared_seconds__isnull=True) & ~Q(instrument="")
                | Q(kind="test", instrument=""),
                name="signals_expectation_fits_kind",
            ),
            models.CheckConstraint(
                condition=Q(declared_seconds__isnull=True)
                | Q(declared_seconds__gte=30, declared_seconds__lte=604_800),
                name="signals_expectation_30_s_to_7_days",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_by"],
                condition=Q(due_by__isnull=False),
                name="signals_expectation_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.instrument} of strategy {self.strategy_id}".replace("  ", " ")
