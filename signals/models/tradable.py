"""What each strategy can trade just now, as execution pushes it: a snapshot, not a fact."""

from __future__ import annotations

from django.db import models

from signals.models.strategies import Strategy


class Tradable(models.Model):
    """What would become of a strategy's entries, by instrument; kept by execution.

    `reasons`: instrument to why none of its entries is ordered, '' where they are. `otherwise`:
    the same for every instrument that is not named. `is_live_alone`: each account that follows is
    of the live book.
    """

    strategy = models.OneToOneField(
        Strategy, on_delete=models.CASCADE, primary_key=True, related_name="tradable"
    )
    reasons = models.JSONField(default=dict, blank=True)
    otherwise = models.CharField(max_length=64, blank=True, default="")
    is_live_alone = models.BooleanField(default=False)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "tradable"
        ordering = ["strategy"]

    def __str__(self) -> str:
        return f"what strategy {self.strategy_id} can trade"
