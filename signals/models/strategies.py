"""Strategies: who may send alerts, and the versioned policy that judges them."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from fusion_project.events.actors import actor_known


class Strategy(models.Model):
    """A source of alerts: its name, its switch, and the policy in force.

    `version` rises with everything that web processes must hear of: policy, switch, secrets.
    """

    slug = models.SlugField(max_length=64)
    name = models.CharField(max_length=120)
    version = models.PositiveIntegerField(default=1)
    # Whether its entries are taken: what the place that owns the switches has told, never set here.
    is_active = models.BooleanField(default=True)
    # Sends faults on purpose: counted apart, watched for nothing, and no account may follow it. It
    # is said when the strategy is made and never changes.
    is_drill = models.BooleanField(default=False, db_default=False)
    # Policy and strategy name each other, so one foreign key holds both, and is checked at commit:
    # `signals_strategy_own_policy` in `migrations/sql/0002_tables.sql`.
    policy = models.ForeignKey(
        "signals.StrategyPolicy",
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "strategies"
        ordering = ["slug"]
        constraints = [
            models.UniqueConstraint(fields=["slug"], name="signals_strategy_slug"),
            models.CheckConstraint(
                condition=Q(version__gte=1), name="signals_strategy_version_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class StrategyPolicy(models.Model):
    """One version of the policy that judges a strategy's alerts; never changed, only followed."""

    class Approval(models.TextChoices):
        AUTOMATIC = "automatic", "Automatic"
        ONE = "one", "One reviewer"
        TWO = "two", "Two reviewers"

    class Grade(models.TextChoices):
        A = "A", "A: the sender itself is proven, and fresh"
        B = "B", "B: secret, from a listed address, and fresh"
        C = "C", "C: secret and fresh, or better but not fresh"
        D = "D", "D: secret alone"

    class Stop(models.TextChoices):
        REQUIRED = "required", "Required"
        OPTIONAL = "optional", "Optional: without one the loss is not limited"

    class Outage(models.TextChoices):
        ABSTAIN = "abstain", "Abstain"
        SMALLER = "smaller", "A quarter of the risk, for a higher edge, by lobes of the database"
        ASK = "ask", "Ask a person"

    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, related_name="policies")
    version = models.PositiveIntegerField()
    defaults = models.JSONField(default=dict, blank=True)
    approval = models.CharField(max_length=12, choices=Approval.choices, default=Approval.ONE)
    review_seconds = models.PositiveIntegerField(
        default=900, help_text="How long an entry may wait for its review."
    )
    entry_seconds = models.PositiveIntegerField(
        default=60, help_text="How long an entry without review stays valid after receipt."
    )
    stale_seconds = models.PositiveIntegerField(
        default=120, help_text="Entries whose bar closed longer ago than this are refused."
    )
    entries_per_minute_max = models.PositiveIntegerField(
        default=60, help_text="Entries beyond this in a minute are refused; exits always pass."
    )
    dialects = models.JSONField(
        default=list, blank=True, help_text="Dialects that may be sent; none listed means all."
    )
    members = models.JSONField(
        default=dict,
        blank=True,
        help_text=(
            "What its alerts say beside what is understood, settled by people, as"
            ' {"rsidiv": {"is": "harmless", "why": "a plot"}}; an entry with a member that is'
            " neither is refused."
        ),
    )
    formats = models.JSONField(
        default=list,
        blank=True,
        help_text=(
            "Formats that its people have taught, each a df.format document with its examples;"
            " a message that fits none may lower risk only."
        ),
    )
    live_grade_min = models.CharField(
        max_length=1,
        choices=Grade.choices,
        default=Grade.B,
        help_text="Provenance grade that an entry needs on a live account.",
    )
    risk_bps = models.PositiveIntegerField(
        default=50, help_text="Most that one entry may risk, in basis points of equity."
    )
    stop = models.CharField(
        max_length=8,
        choices=Stop.choices,
        default=Stop.REQUIRED,
        help_text=(
            "Whether an entry must name a stop. Where it is optional and missing, the alert's size"
            " counts, or lots_default of the subscription, and the loss is not limited."
        ),
    )
    prior_p = models.DecimalField(
        max_digits=7,
        decimal_places=6,
        default=Decimal("0.5"),
        help_text="Declared chance that an alert of this strategy wins.",
    )
    prior_strength = models.DecimalField(
        max_digits=9,
        decimal_places=2,
        default=Decimal("2"),
        help_text="How many observed trades the declared chance is worth.",
    )
    payoff_r = models.DecimalField(
        max_digits=9,
        decimal_places=4,
        default=Decimal("1"),
        help_text="Win in units of the risked loss where an alert names no stop and target.",
    )
    cost_r = models.DecimalField(
        max_digits=7,
        decimal_places=4,
        default=Decimal("0.05"),
        help_text="Cost of one trade in units of the risked loss.",
    )
    margin_r = models.DecimalField(
        max_digits=7,
        decimal_places=4,
        default=Decimal("0.02"),
        help_text="Edge demanded beyond cost, in units of the risked loss.",
    )
    family = models.SlugField(
        max_length=64,
        blank=True,
        default="",
        db_index=False,
        help_text="Strategies of one family learn together; without a name one learns alone.",
    )
    horizon_seconds = models.PositiveIntegerField(
        default=86_400,
        help_text="How long an entry has to reach its target; one that has not did not win.",
    )
    feeds = models.JSONField(
        default=dict,
        blank=True,
        help_text=(
            "Series of bars by instrument, the preferred one first, as"
            ' {"EURUSD": [{"feed": "csv:history", "symbol": "OANDA:EURUSD",'
            ' "timeframe_seconds": 900}]}; without one: what its own alerts tell.'
        ),
    )
    lobes = models.JSONField(
        default=list, blank=True, help_text="Lobes that are asked; none listed means all."
    )
    quorum = models.PositiveSmallIntegerField(
        default=1, help_text="How many lobes must have an opinion for an entry to be decided."
    )
    outage = models.CharField(
        max_length=8,
        choices=Outage.choices,
        default=Outage.ABSTAIN,
        help_text="What becomes of an entry below the quorum.",
    )
    lobe_share_max = models.DecimalField(
        max_digits=4,
        decimal_places=3,
        default=Decimal("0.4"),
        help_text="Most that one lobe which calls out may weigh in whether and how much.",
    )
    labels_min = models.PositiveIntegerField(
        default=30,
        help_text="From how many labels on what was learned decides; before, the declared chance.",
    )
    miss_max = models.DecimalField(
        max_digits=4,
        decimal_places=3,
        default=Decimal(0),
        help_text=(
            "How often a set of outcomes that holds a win alone may be wrong; an entry without"
            " such a set is left out. 0: no set is asked for."
        ),
    )
    gates = models.JSONField(
        default=dict,
        blank=True,
        help_text=(
            "What makes an entry smaller or closes the door, by gate, as"
            ' {"drawdown": {"full": 500, "closed": 1500, "absent": "0.5"}}; none listed: no gate.'
        ),
    )
    valid_from = models.DateTimeField()
    actor = models.CharField(max_length=80)

    class Meta:
        verbose_name_plural = "strategy policies"
        ordering = ["strategy", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["strategy", "version"], name="signals_policy_version_once"
            ),
            models.CheckConstraint(
                condition=Q(version__gte=1), name="signals_policy_version_positive"
            ),
            models.CheckConstraint(
                condition=Q(approval__in=["automatic", "one", "two"]),
                name="signals_policy_approval_known",
            ),
            models.CheckConstraint(
                condition=Q(prior_p__gt=0, prior_p__lt=1),
                name="signals_policy_prior_between_0_and_1",
            ),
            models.CheckConstraint(
                condition=Q(prior_strength__gt=0, payoff_r__gt=0, cost_r__gte=0, margin_r__gte=0),
                name="signals_policy_numbers_positive",
            ),
            models.CheckConstraint(
                condition=Q(risk_bps__gte=1, risk_bps__lte=1000),
                name="signals_policy_risk_1_to_1000_bps",
            ),
            models.CheckConstraint(
                condition=Q(review_seconds__gte=1, entry_seconds__gte=1, stale_seconds__gte=1),
                name="signals_policy_times_positive",
            ),
            models.CheckConstraint(
                condition=Q(live_grade_min__in=["A", "B", "C", "D"]),
                name="signals_policy_live_grade_known",
            ),
            models.CheckConstraint(
                condition=Q(stop__in=["required", "optional"]), name="signals_policy_stop_known"
            ),
            models.CheckConstraint(
                condition=Q(entries_per_minute_max__gte=1, entries_per_minute_max__lte=10_000),
                name="signals_policy_entries_1_to_10000",
            ),
            models.CheckConstraint(
                condition=Q(outage__in=["abstain", "smaller", "ask"]),
                name="signals_policy_outage_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    quorum__gte=1,
                    horizon_seconds__gte=60,
                    horizon_seconds__lte=7_776_000,
                    lobe_share_max__gt=0,
                    lobe_share_max__lte=1,
                    miss_max__gte=0,
                    miss_max__lt=1,
                ),
                name="signals_policy_learning_in_range",
            ),
            actor_known("actor", name="signals_policy_actor_form"),
        ]

    def __str__(self) -> str:
        return f"policy {self.version} of strategy {self.strategy_id}"

    @property
    def learns_as(self) -> str:
        """The family that it learns with, its own slug where it learns alone."""
        return self.family or self.strategy.slug

    @property
    def stop_is_required(self) -> bool:
        """Whether an entry without a stop is never ordered."""
        return self.stop == self.Stop.REQUIRED


class StrategySecret(models.Model):
    """One webhook secret, stored as SHA-256 only. Several may be live while one is rotated."""

    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, related_name="secrets")
    label = models.CharField(max_length=60, blank=True, default="")
    sha256 = models.CharField(max_length=64)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["sha256"], name="signals_secret_sha256"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="signals_secret_is_sha256"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="signals_secret_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.strategy_id}/{self.label or self.id}"
