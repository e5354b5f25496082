"""Who gets what an account or a stream of revenue earns: policies, their versions, bindings."""

from typing import Any

from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import Exact

from fusion_project.events.actors import actor_known
from treasury.models.ledger import BOOKS, Currency
from treasury.rules.allocation import BASIS

HOUSE, INVESTOR, SUBSCRIPTION = POLICIES = ("house", "investor", "subscription")


def _requested(name: str) -> "models.OneToOneField[Any, Any]":
    return models.OneToOneField(
        "second_person.Request",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name=name,
    )


class AllocationPolicy(models.Model):
    """A way to split results. They come with migrations; what they give is versioned.

    `shares`: names in order; `kept`: those that stay in the treasury. `per_unit`: paid to holders
    of units, above a high-water mark; else paid from results. The house's versions follow the rule
    of DCT.
    """

    code = models.CharField(max_length=16, unique=True)
    shares = models.JSONField()
    kept = models.JSONField(default=list)
    per_unit = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "allocation policies"
        constraints = [
            models.CheckConstraint(
                condition=Q(code__in=POLICIES), name="treasury_allocationpolicy_code"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class PolicyVersion(models.Model):
    """The basis points of a policy from a moment to another; versions of one never overlap.

    `bps`: share → whole basis points. The first came with the policy and has no request.
    """

    subject_label = "treasury.policy_version"

    policy = models.ForeignKey(AllocationPolicy, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    bps = models.JSONField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80, default="system")
    request = _requested("policy_version")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "version"], name="treasury_policyversion_once"
            ),
            models.CheckConstraint(
                condition=Exact(
                    Func(
                        F("bps"),
                        function="treasury_bps_sum",
                        output_field=models.IntegerField(),
                    ),
                    BASIS,
                ),
                name="treasury_policyversion_sum",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                name="treasury_policyversion_dates",
            ),
            actor_known("recorded_by", name="treasury_policyversion_recorded_by_form"),
        ]

    def __str__(self) -> str:
        return f"{self.policy} version {self.version}"


class RevenueStream(models.Model):
    """Income beside trading, such as subscriptions; a policy says who gets it. Append-only."""

    subject_label = "treasury.revenue_stream"

    book = models.CharField(max_length=8, choices={book: book for book in BOOKS})
    name = models.CharField(max_length=40)
    currency = models.ForeignKey(Currency, on_delete=models.PROTECT, related_name="+")
    digits = models.PositiveSmallIntegerField(default=2)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "name"], name="treasury_revenuestream_once"),
            models.CheckConstraint(
                condition=Q(name__regex=r"^[A-Z0-9][A-Za-z0-9-]*$"),
                name="treasury_revenuestream_name_form",
            ),
            models.CheckConstraint(condition=Q(book__in=BOOKS), name="treasury_revenuestream_book"),
            models.CheckConstraint(
                condition=Q(digits__lte=18), name="treasury_revenuestream_digits"
            ),
            actor_known("created_by", name="treasury_revenuestream_created_by_form"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.book})"


class PolicyBinding(models.Model):
    """Under which policy an account or a stream is, from when to when; never two at a time.

    What nobody has bound is the house's.
    """

    subject_label = "treasury.policy_binding"

    policy = models.ForeignKey(AllocationPolicy, on_delete=models.PROTECT, related_name="bindings")
    account = models.ForeignKey(
        "execution.BrokerAccount",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="treasury_policies",
    )
    stream = models.ForeignKey(
        RevenueStream, on_delete=models.PROTECT, null=True, blank=True, related_name="policies"
    )
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    recorded_by = models.CharField(max_length=80)
    request = _requested("policy_binding")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(account__isnull=False, stream=None)
                | Q(account=None, stream__isnull=False),
                name="treasury_policybinding_of_one",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                name="treasury_policybinding_dates",
            ),
            actor_known("recorded_by", name="treasury_policybinding_recorded_by_form"),
        ]

    def __str__(self) -> str:
        return f"{self.account or self.stream}: {self.policy}"
