"""Opinions of the lobes, the decision made from them, and people's reviews."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import Q

from fusion_project.events.actors import actor_known
from fusion_project.text.formats import plain_number
from signals.fusion import states
from signals.intake.reasons import REVIEW_REASONS, review_words
from signals.models.alerts import Alert
from signals.models.checks import OneOf
from signals.models.strategies import Strategy

VERBS = ["entry", "exit", "partial_exit", "amend", "cancel", "cancel_all", "close_all"]
# Which entries a leg that opens nothing means: the trade that it names, the last one on its symbol,
# or all of the symbol or of the strategy. An entry means none.
SCOPES = ["order", "trade", "last", "symbol", "strategy", "older"]


class Opinion(models.Model):
    """One lobe's answer to one leg, with what it was asked and what it said; never changed."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="opinions")
    leg_no = models.PositiveSmallIntegerField()
    lobe = models.CharField(max_length=60)
    lobe_version = models.CharField(max_length=120)
    status = models.CharField(max_length=12)
    p = models.DecimalField(max_digits=13, decimal_places=12, null=True, blank=True)
    evidence = models.DecimalField(max_digits=18, decimal_places=6)
    eps = models.DecimalField(max_digits=13, decimal_places=12)
    reason = models.CharField(max_length=120, blank=True, default="")
    request = models.TextField(blank=True, default="")
    response = models.TextField(blank=True, default="")
    latency_ms = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=15, decimal_places=9, default=0)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "leg_no", "lobe", "lobe_version"], name="signals_opinion_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["awake", "asleep", "failed", "late"]),
                name="signals_opinion_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="awake") | Q(p__gt=0, p__lt=1),
                name="signals_opinion_awake_has_p",
            ),
            models.CheckConstraint(
                condition=Q(cost_usd__gte=0), name="signals_opinion_cost_is_not_negative"
            ),
        ]
        indexes = [models.Index(fields=["lobe", "created_at"], name="signals_opinion_lobe")]

    def __str__(self) -> str:
        return f"{self.lobe} on alert {self.alert_id}.{self.leg_no}"


class LobeSpend(models.Model):
    """What asking a model has cost on a day of UTC, and what calls under way may cost at most."""

    lobe = models.CharField(max_length=60)
    day = models.DateField()
    usd = models.DecimalField(max_digits=18, decimal_places=9)

    class Meta:
        ordering = ["-day", "lobe"]
        constraints = [
            models.UniqueConstraint(fields=["lobe", "day"], name="signals_spend_once_a_day"),
            models.CheckConstraint(condition=Q(usd__gte=0), name="signals_spend_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.lobe} on {self.day}: {plain_number(self.usd)} USD"


class LobeWeight(models.Model):
    """How much people let one lobe version count, before weights were learned (`FusionState`).

    Kept for reading: `engine:fusion/1` went by them, and its records hold what they were.
    """

    lobe = models.CharField(max_length=60)
    lobe_version = models.CharField(max_length=120)
    version = models.PositiveIntegerField()
    weight = models.DecimalField(max_digits=13, decimal_places=12)
    valid_from = models.DateTimeField()
    actor = models.CharField(max_length=80)

    class Meta:
        ordering = ["lobe", "lobe_version", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["lobe", "lobe_version", "version"], name="signals_weight_version_once"
            ),
            models.CheckConstraint(
                condition=Q(version__gte=1), name="signals_weight_version_positive"
            ),
            models.CheckConstraint(
                condition=Q(weight__gte=0, weight__lte=1), name="signals_weight_between_0_and_1"
            ),
            actor_known("actor", name="signals_weight_actor_form"),
        ]

    def __str__(self) -> str:
        return f"{self.lobe} {plain_number(self.weight)}"


class Decision(models.Model):
    """What is done about one leg of an alert. Only its state moves, along `states.py`.

    An entry waits as `proposed` with empty `inputs` until fusion has authored it. A leg that
    lowers risk is born `approved` by rule; `scope` and `target_trace_id` say which trade it means,
    as `signals_target` found when the alert came.
    """

    # No indexes of their own: others begin with the alert and with the strategy.
    alert = models.ForeignKey(
        Alert, on_delete=models.PROTECT, related_name="decisions", db_index=False
    )
    strategy = models.ForeignKey(
        Strategy, on_delete=models.PROTECT, related_name="decisions", db_index=False
    )
    leg_no = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=16, default=states.PROPOSED)
    verb = models.CharField(max_length=16)
    side = models.CharField(max_length=4)
    instrument = models.CharField(max_length=64, blank=True, default="")
    leg = models.TextField()
    trade_ref = models.CharField(max_length=160, blank=True, default="")
    trace_id = models.CharField(max_length=32)
    scope = models.CharField(max_length=8, blank=True, default="")
    target_trace_id = models.CharField(max_length=32, blank=True, default="")
    risk_bps = models.PositiveIntegerField(null=True, blank=True)
    size_factor = models.DecimalField(max_digits=13, decimal_places=12, null=True, blank=True)
    p_final = models.DecimalField(max_digits=13, decimal_places=12, null=True, blank=True)
    reviews_needed = models.PositiveSmallIntegerField(null=True, blank=True)
    ref_price = models.DecimalField(max_digits=38, decimal_places=10, null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    author = models.CharField(max_length=60, blank=True, default="")
    inputs = models.TextField(null=True, blank=True)
    inputs_sha256 = models.CharField(max_length=64, blank=True, default="")
    reason = models.CharField(max_length=60, blank=True, default="")
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "leg_no", "version"], name="signals_decision_version"
            ),
            models.UniqueConstraint(
                fields=["alert", "leg_no"],
                condition=Q(state__in=states.LIVE),
                name="signals_decision_one_live_version",
            ),
            models.CheckConstraint(
                condition=OneOf("state", states.DECISION_STATES),
                name="signals_decision_state_known",
            ),
            models.CheckConstraint(
                condition=OneOf("verb", VERBS), name="signals_decision_verb_known"
            ),
            models.CheckConstraint(
                condition=OneOf("side", ["buy", "sell", "any"]), name="signals_decision_side_known"
            ),
            models.CheckConstraint(
                condition=~Q(verb="entry") | (~Q(side="any") & Q(valid_until__isnull=False)),
                name="signals_decision_entry_has_side_and_end",
            ),
            models.CheckConstraint(
                condition=~Q(verb="entry")
                | ~Q(OneOf("state", ["approved", "pending_review"]))
                | Q(
                    inputs__isnull=False,
                    p_final__isnull=False,
                    risk_bps__gt=0,
                    size_factor__gt=0,
                    size_factor__lte=1,
                    reviews_needed__isnull=False,
                ),
                name="signals_decision_entry_was_authored",
            ),
            models.CheckConstraint(
                condition=Q(trace_id__regex=r"^[0-9a-f]{32}$"),
                name="signals_decision_trace_is_hex",
            ),
            models.CheckConstraint(
                condition=Q(verb="entry", scope="", target_trace_id="")
                | (~Q(verb="entry") & Q(OneOf("scope", SCOPES))),
                name="signals_decision_scope_fits_verb",
            ),
        ]
        indexes = [
            models.Index(fields=["strategy", "trade_ref"], name="signals_decision_trade"),
            # The strategy comes second: while the table is small, this index must not look as good
            # to the planner as the two others that begin with it.
            models.Index(fields=["instrument", "strategy", "-id"], name="signals_decision_symbol"),
            models.Index(fields=["trace_id"], name="signals_decision_trace"),
            models.Index(
                fields=["strategy", "created_at"],
                condition=Q(verb="entry"),
                name="signals_decision_entries",
            ),
            models.Index(
                fields=["valid_until"],
                condition=Q(state__in=states.UNDECIDED),
                name="signals_decision_undecided",
            ),
        ]

    def __str__(self) -> str:
        return f"decision {self.id} {self.verb} {self.instrument} {self.state}"

    @property
    def is_live(self) -> bool:
        """Whether it is the version of its leg that counts."""
        return self.state in states.LIVE


class Preview(models.Model):
    """What would be ordered of an entry, as a later app worked it out; never changed."""

    decision = models.OneToOneField(
        Decision, on_delete=models.PROTECT, primary_key=True, related_name="preview"
    )
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="signals_preview_has_hash"
            ),
        ]

    def __str__(self) -> str:
        return f"preview of decision {self.decision_id}"


class Review(models.Model):
    """A person's approve or reject of exactly what was shown; never changed."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decision_reviews"
    )
    verdict = models.CharField(max_length=8)
    reason = models.CharField(max_length=60)
    note = models.TextField(blank=True, default="")
    shown_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "reviewer"], name="signals_review_one_per_person"
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=list(REVIEW_REASONS)), name="signals_review_verdict_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="signals_review_has_reason"),
            # Added without a look at older rows: each verdict had the reasons of both.
            models.CheckConstraint(
                condition=reduce(
                    or_,
                    (
                        Q(Q(verdict=verdict), OneOf("reason", list(reasons)))
                        for verdict, reasons in REVIEW_REASONS.items()
                    ),
                ),
                name="signals_review_reason_fits_verdict",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} of decision {self.decision_id}"

    @property
    def reason_words(self) -> str:
        """The reason as the form told it."""
        return review_words(self.reason)
