"""Numbers that later apps push for fusion: results, drawdown, exposure, account health."""

from __future__ import annotations

from django.db import models

from fusion_project.text.formats import plain_number
from signals.models.strategies import Strategy


class Feature(models.Model):
    """One measured number with the time it became true; never changed."""

    key = models.CharField(max_length=200)
    name = models.CharField(max_length=60)
    strategy = models.ForeignKey(
        Strategy, null=True, blank=True, on_delete=models.PROTECT, related_name="features"
    )
    instrument = models.CharField(max_length=64, blank=True, default="")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    value = models.DecimalField(max_digits=38, decimal_places=18)
    trace_id = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["key"], name="signals_feature_key")]
        indexes = [
            models.Index(fields=["name", "strategy", "recorded_at"], name="signals_feature_read"),
        ]

    def __str__(self) -> str:
        return f"{self.name}={plain_number(self.value)}"
