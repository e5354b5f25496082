"""What the desk intends on the chain, and the transactions by which a person carried it out."""

from django.db import models
from django.db.models import F, Q

from tokens.models.chain import ChainBinding, units_field
from tokens.models.units import Token
from tokens.rules.intents import INTENT_EDGES, KINDS, OPEN, PENDING, POSTED


class ChainTransaction(models.Model):
    """A transaction that the reader matched with an intent. Append-only; amounts in base units.

    `other`: raw, who gave or got the units; '' where they were burnt.
    """

    binding = models.ForeignKey(ChainBinding, on_delete=models.PROTECT, related_name="transactions")
    sha256 = models.CharField(max_length=64, unique=True)
    lt = models.DecimalField(max_digits=20, decimal_places=0)
    at = models.DateTimeField()
    way = models.CharField(max_length=4)
    units = units_field()
    other = models.CharField(max_length=67, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="tokens_transaction_hash_form"
            ),
            models.CheckConstraint(
                condition=Q(way__in=["burn", "in", "out"]), name="tokens_transaction_way"
            ),
            models.CheckConstraint(condition=Q(units__gt=0), name="tokens_transaction_units"),
        ]

    def __str__(self) -> str:
        return self.sha256


class ChainIntent(models.Model):
    """What two people want to happen on the chain until a deadline; moves along `INTENT_EDGES`.

    `units`: base units; a purchase brings at least so many. `other`: raw, who gets or gives them.
    `told`: the hash that somebody names for it.
    """

    subject_label = "tokens.chain_intent"

    binding = models.ForeignKey(ChainBinding, on_delete=models.PROTECT, related_name="intents")
    kind = models.CharField(max_length=8, choices={kind: kind for kind in KINDS})
    units = units_field()
    other = models.CharField(max_length=67, blank=True)
    deadline = models.DateTimeField()
    request = models.OneToOneField(
        "second_person.Request", on_delete=models.PROTECT, related_name="chain_intent"
    )
    trace_id = models.CharField(max_length=32)
    opened_at = models.DateTimeField()
    state = models.CharField(
        max_length=9, default=OPEN, choices={state: state for state in INTENT_EDGES}
    )
    told = models.CharField(max_length=64, blank=True, default="")
    transaction = models.OneToOneField(
        ChainTransaction,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="intent",
    )
    entry = models.OneToOneField(
        "treasury.Entry",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="chain_intent",
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["binding"], condition=Q(state__in=PENDING), name="tokens_intent_pending"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="tokens_intent_kind"),
            models.CheckConstraint(
                condition=Q(state__in=list(INTENT_EDGES)), name="tokens_intent_state"
            ),
            models.CheckConstraint(condition=Q(units__gt=0), name="tokens_intent_units"),
            models.CheckConstraint(
                condition=Q(deadline__gt=F("opened_at")), name="tokens_intent_deadline"
            ),
            models.CheckConstraint(
                condition=Q(transaction__isnull=False, state__in=["matched", POSTED])
                | (Q(transaction=None) & ~Q(state__in=["matched", POSTED])),
                name="tokens_intent_has_its_transaction",
            ),
            models.CheckConstraint(
                condition=Q(state=POSTED, entry__isnull=False) | (~Q(state=POSTED) & Q(entry=None)),
                name="tokens_intent_posted_has_entry",
            ),
            models.CheckConstraint(
                condition=Q(state__in=PENDING, ended_at=None)
                | (~Q(state__in=PENDING) & Q(ended_at__isnull=False)),
                name="tokens_intent_ended_once",
            ),
            models.CheckConstraint(
                condition=Q(told="") | Q(told__regex=r"^[0-9a-f]{64}$"),
                name="tokens_intent_told_form",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} {self.state}"


class SupplyPlanItem(models.Model):
    """One part of a token's supply as it is planned: no record of what was issued. Append-only."""

    token = models.ForeignKey(Token, on_delete=models.PROTECT, related_name="plan")
    name = models.CharField(max_length=60)
    amount = models.DecimalField(max_digits=38, decimal_places=18)
    vesting = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "name"], name="tokens_plan_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="tokens_plan_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.token_id} {self.name}"
