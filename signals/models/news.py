"""Economic events as calendars told them, and which times each import of a calendar covers."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class NewsImport(models.Model):
    """One file of a calendar that was imported; it tells all that there is between two moments.

    Outside of what imports cover nothing is known, which is not the same as no news.
    """

    calendar = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    covers_from = models.DateTimeField()
    covers_until = models.DateTimeField()
    events = models.PositiveIntegerField()
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(covers_until__gt=F("covers_from")), name="signals_newsimport_covers"
            ),
        ]
        indexes = [
            models.Index(fields=["calendar", "covers_until"], name="signals_newsimport_read"),
        ]

    def __str__(self) -> str:
        return f"{self.calendar} until {self.covers_until:%Y-%m-%d %H:%M}"


class NewsEvent(models.Model):
    """One event as a calendar told it; never changed: what moves or is called off is a revision.

    `currency` is a code such as USD, or ALL. The title is for people and reaches no model.
    """

    calendar = models.CharField(max_length=40)
    key = models.CharField(max_length=255)
    revision = models.PositiveIntegerField()
    at = models.DateTimeField()
    currency = models.CharField(max_length=5)
    impact = models.CharField(max_length=6)
    title = models.CharField(max_length=200)
    is_cancelled = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "key", "revision"], name="signals_newsevent_once"
            ),
            models.CheckConstraint(
                condition=Q(impact__in=["low", "medium", "high"]), name="signals_newsevent_impact"
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z0-9]{3,5}$"), name="signals_newsevent_currency"
            ),
            models.CheckConstraint(condition=Q(revision__gte=1), name="signals_newsevent_revision"),
        ]
        indexes = [models.Index(fields=["calendar", "at"], name="signals_newsevent_read")]

    def __str__(self) -> str:
        return f"{self.currency} {self.at:%Y-%m-%d %H:%M} {self.title}"
