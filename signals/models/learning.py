"""What became of entries, what was learned from that, and how good it was; all append-only."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from signals.models.decisions import Decision


class Label(models.Model):
    """How one entry leg would have ended, traded or not; written once, when it can be known.

    `known_at`: when the last bar that it rests on was on record. `result_r`: in units of the
    risked loss, net of cost. `features`: what stood in the decision's question about the market,
    seen from its side; empty where nothing did.
    """

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="label")
    rule = models.CharField(max_length=40)
    outcome = models.CharField(max_length=12)
    reason = models.CharField(max_length=40, blank=True, default="")
    won = models.BooleanField(null=True)
    result_r = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    feed = models.CharField(max_length=96, blank=True, default="")
    symbol = models.CharField(max_length=64, blank=True, default="")
    timeframe_seconds = models.PositiveIntegerField(null=True)
    price = models.DecimalField(max_digits=38, decimal_places=12, null=True)
    target = models.DecimalField(max_digits=38, decimal_places=12, null=True)
    bars = models.PositiveIntegerField(default=0)
    last_bar_id = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    features = models.JSONField(default=list)
    known_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["target", "stop", "time", "unlabelled"]),
                name="signals_label_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    outcome="unlabelled", won__isnull=True, result_r__isnull=True, reason__gt=""
                )
                | Q(~Q(outcome="unlabelled"), won__isnull=False, result_r__isnull=False),
                name="signals_label_says_won_or_why_not",
            ),
            models.CheckConstraint(
                condition=~Q(won=True) | Q(outcome="target", result_r__gt=0),
                name="signals_label_won_at_target",
            ),
        ]
        indexes = [models.Index(fields=["known_at"], name="signals_label_known")]

    def __str__(self) -> str:
        return f"label {self.outcome} of decision {self.decision_id}"


class FusionState(models.Model):
    """All that one family has learned for one horizon after some label; the newest counts.

    `value` is canonical JSON, `sha256` its hash together with the former state's.
    """

    family = models.CharField(max_length=64)
    horizon_seconds = models.PositiveIntegerField()
    version = models.PositiveIntegerField()
    value = models.TextField()
    sha256 = models.CharField(max_length=64)
    former_sha256 = models.CharField(max_length=64, blank=True, default="")
    label = models.OneToOneField(Label, on_delete=models.PROTECT, related_name="state")
    known_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["family", "horizon_seconds", "version"], name="signals_state_version_once"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="signals_state_version"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="signals_state_is_sha256"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.family} {self.horizon_seconds} s, after {self.version} labels"


class FusionScore(models.Model):
    """Running scores of a family after one label; `value` is `signals.fusion.scoring.scores`."""

    state = models.OneToOneField(
        FusionState, on_delete=models.PROTECT, primary_key=True, related_name="score"
    )
    value = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-state"]

    def __str__(self) -> str:
        return f"scores of state {self.state_id}"
