"""Periods of a book that are closed, with what every account held then. All append-only.

Written by the SQL function `treasury_period_close` alone (`sql/periods.sql`).
"""

from django.db import models
from django.db.models import F, Q

from fusion_project.events.actors import actor_known
from treasury.models.ledger import BOOKS, Entry, LedgerAccount, money_field


class PeriodClose(models.Model):
    """One closed period: entries up to `cutoff` of what happened before `ends_at`.

    It begins where the one before it ended, whose hash is in its own. What is booked after it for
    a time before `ends_at` is an adjustment of a later period, and names this one.
    """

    subject_label = "treasury.period"

    book = models.CharField(max_length=8, choices={book: book for book in BOOKS})
    period = models.CharField(max_length=10)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField()
    cutoff = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+", db_index=False)
    previous = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="following"
    )
    sha256 = models.CharField(max_length=64)
    closed_at = models.DateTimeField()
    closed_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "period"], name="treasury_period_once"),
            models.UniqueConstraint(fields=["book", "ends_at"], name="treasury_period_ends_once"),
            models.CheckConstraint(condition=Q(book__in=BOOKS), name="treasury_period_book"),
            models.CheckConstraint(
                condition=Q(period__regex=r"^\d{4}-\d{2}(-\d{2})?$"), name="treasury_period_form"
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None, previous=None)
                | Q(starts_at__lt=F("ends_at"), previous__isnull=False),
                name="treasury_period_follows",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__gte=F("ends_at")), name="treasury_period_is_over"
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="treasury_period_hash_form"
            ),
            actor_known("closed_by", name="treasury_period_closed_by_form"),
        ]

    def __str__(self) -> str:
        return f"{self.period} ({self.book})"


class PeriodFigure(models.Model):
    """An account in a closed period, debit positive; closing = opening + debit - credit.

    `adjusted`: how much of the movement belongs to periods that were closed before.
    """

    close = models.ForeignKey(
        PeriodClose, on_delete=models.PROTECT, related_name="figures", db_index=False
    )
    account = models.ForeignKey(
        LedgerAccount, on_delete=models.PROTECT, related_name="figures", db_index=False
    )
    opening = money_field()
    debit = money_field()
    credit = money_field()
    adjusted = money_field()
    closing = money_field()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["close", "account"], name="treasury_figure_once"),
            models.CheckConstraint(
                condition=Q(debit__gte=0, credit__gte=0)
                & Q(closing=F("opening") + F("debit") - F("credit")),
                name="treasury_figure_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.close_id}"


class PeriodAdjustment(models.Model):
    """An entry that a closed period has booked for an earlier one that was closed before it."""

    close = models.ForeignKey(
        PeriodClose, on_delete=models.PROTECT, related_name="adjustments", db_index=False
    )
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="adjustment")
    belongs_to = models.ForeignKey(
        PeriodClose, on_delete=models.PROTECT, related_name="adjusted_by"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["close", "entry"], name="treasury_adjustment_once"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} of {self.belongs_to_id}"
