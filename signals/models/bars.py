"""Bars as feeds told them, and what is known of each series of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

FEED_FORM = r"^(alert|csv|executor):[A-Za-z0-9_.\-]{1,80}$"


class Bar(models.Model):
    """One closed bar as a feed told it; never changed: a correction is a next revision.

    The table's key is (feed, symbol, timeframe_seconds, open_at, revision), its parts are months of
    `open_at`; `id` comes from one sequence. `migrations/sql/0012_tables.sql` makes the table.
    `symbol` stays as the feed writes it, exchange included.
    """

    id = models.BigAutoField(primary_key=True)
    feed = models.CharField(max_length=96)
    symbol = models.CharField(max_length=64)
    timeframe_seconds = models.PositiveIntegerField()
    open_at = models.DateTimeField()
    revision = models.PositiveIntegerField()
    close_at = models.DateTimeField()
    open = models.DecimalField(max_digits=38, decimal_places=12)
    high = models.DecimalField(max_digits=38, decimal_places=12)
    low = models.DecimalField(max_digits=38, decimal_places=12)
    close = models.DecimalField(max_digits=38, decimal_places=12)
    volume = models.DecimalField(max_digits=38, decimal_places=12, null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        managed = False
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.symbol} {self.open_at:%Y-%m-%d %H:%M}"


class BarSeries(models.Model):
    """One symbol's bars of one timeframe in one feed: when its first and newest bar opened.

    The row is also the lock that those who append to the series take in turn.
    """

    feed = models.CharField(max_length=96)
    symbol = models.CharField(max_length=64)
    timeframe_seconds = models.PositiveIntegerField()
    first_open_at = models.DateTimeField()
    newest_open_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "bar series"
        ordering = ["feed", "symbol", "timeframe_seconds"]
        constraints = [
            models.UniqueConstraint(
                fields=["feed", "symbol", "timeframe_seconds"], name="signals_barseries_once"
            ),
            models.CheckConstraint(
                condition=Q(feed__regex=FEED_FORM), name="signals_barseries_feed_form"
            ),
            models.CheckConstraint(
                condition=Q(timeframe_seconds__gte=1), name="signals_barseries_timeframe"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feed} {self.symbol} {self.timeframe_seconds} s"
