"""A token's binding to a chain, and what was seen there. Amounts are base units, whole numbers."""

from typing import Any

from django.db import models
from django.db.models import Q

from fusion_project.events.actors import actor_known
from tokens.models.units import Token
from tokens.rules.chain_states import CHAIN_EDGES, UNKNOWN
from treasury.models import BOOKS

TON, TON_TEST, LOOPBACK = NETWORKS = ("ton", "ton_test", "loopback")
RAW_ADDRESS_FORM = r"^(0|-1):[0-9a-f]{64}$"
# Servers of this machine; a live book never asks one.
_THIS_MACHINE = r"^https?://(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?(/|$)"


def units_field(**options: Any) -> "models.DecimalField[Any, Any]":
    """Base units: 120 bits have 37 digits."""
    return models.DecimalField(max_digits=38, decimal_places=0, **options)


class ChainBinding(models.Model):
    """One token of one book, bound to a jetton; where both stand. Moves along `CHAIN_EDGES`.

    `owner` is the treasury's wallet. `opening_…`: what the chain held when it was bound, as two
    people told it; the ledger takes it over once the chain says the same. `pinned`: the first
    reading, whose contract must not change.
    """

    subject_label = "tokens.chain_binding"

    token = models.ForeignKey(Token, on_delete=models.PROTECT, related_name="bindings")
    book = models.CharField(max_length=8, choices={book: book for book in BOOKS})
    network = models.CharField(max_length=8, choices={one: one for one in NETWORKS})
    node_url = models.CharField(max_length=200)
    index_url = models.CharField(max_length=200)
    master = models.CharField(max_length=67)
    owner = models.CharField(max_length=67)
    opening_supply = units_field()
    opening_balance = units_field()
    request = models.OneToOneField(
        "second_person.Request",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="chain_binding",
    )
    trace_id = models.CharField(max_length=32)
    bound_at = models.DateTimeField()
    bound_by = models.CharField(max_length=80)
    state = models.CharField(
        max_length=8, default=UNKNOWN, choices={state: state for state in CHAIN_EDGES}
    )
    reason = models.CharField(max_length=300, blank=True, default="not read yet")
    since = models.DateTimeField()
    observation = models.ForeignKey(
        "tokens.ChainObservation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    drifts_in_row = models.PositiveIntegerField(default=0)
    failures_in_row = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    pinned = models.ForeignKey(
        "tokens.ChainObservation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    # The last one by which two people thawed it.
    release = models.OneToOneField(
        "second_person.Request",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="chain_release",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "book"], name="tokens_binding_once"),
            models.CheckConstraint(condition=Q(book__in=BOOKS), name="tokens_binding_book"),
            models.CheckConstraint(
                condition=Q(state__in=list(CHAIN_EDGES)), name="tokens_binding_state"
            ),
            models.CheckConstraint(
                condition=Q(network__in=NETWORKS), name="tokens_binding_network"
            ),
            # Live money rests on the main network alone, asked over TLS on other machines.
            models.CheckConstraint(
                condition=~Q(book="live")
                | Q(
                    network=TON,
                    node_url__startswith="https://",
                    index_url__startswith="https://",
                )
                & ~Q(node_url__iregex=_THIS_MACHINE)
                & ~Q(index_url__iregex=_THIS_MACHINE),
                name="tokens_binding_live_is_no_loopback",
            ),
            models.CheckConstraint(
                condition=~Q(network=LOOPBACK)
                | Q(node_url__iregex=_THIS_MACHINE, index_url__iregex=_THIS_MACHINE),
                name="tokens_binding_loopback_is_here",
            ),
            models.CheckConstraint(
                condition=Q(master__regex=RAW_ADDRESS_FORM, owner__regex=RAW_ADDRESS_FORM),
                name="tokens_binding_addresses",
            ),
            models.CheckConstraint(
                condition=Q(
                    opening_balance__gte=0, opening_supply__gte=models.F("opening_balance")
                ),
                name="tokens_binding_opening",
            ),
            models.CheckConstraint(
                condition=Q(network=LOOPBACK) | Q(request__isnull=False),
                name="tokens_binding_wanted_by_two",
            ),
            actor_known("bound_by", name="tokens_binding_bound_by_form"),
        ]

    def __str__(self) -> str:
        return f"{self.token_id} {self.book} {self.state}"

    @property
    def is_loopback(self) -> bool:
        return self.network == LOOPBACK


class ChainObservation(models.Model):
    """One look at the chain, what the ledger held then, and the verdict. Append-only.

    Without a block nothing is known: then `reason` says why, and no amount stands here.
    """

    binding = models.ForeignKey(ChainBinding, on_delete=models.PROTECT, related_name="observations")
    at = models.DateTimeField()
    state = models.CharField(max_length=8, choices={state: state for state in CHAIN_EDGES})
    reason = models.CharField(max_length=300, blank=True, default="")
    ledger_supply = units_field()
    ledger_balance = units_field()
    seqno = models.BigIntegerField(null=True, blank=True)
    block_at = models.DateTimeField(null=True, blank=True)
    supply = units_field(null=True, blank=True)
    balance = units_field(null=True, blank=True)
    admin = models.CharField(max_length=67, null=True, blank=True)
    mintable = models.BooleanField(null=True, blank=True)
    wallet = models.CharField(max_length=67, null=True, blank=True)
    wallet_code = models.CharField(max_length=64, null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["binding", "-id"], name="tokens_observation_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(CHAIN_EDGES)), name="tokens_observation_state"
            ),
            models.CheckConstraint(
                condition=Q(seqno=None, block_at=None, supply=None, balance=None)
                | Q(
                    seqno__isnull=False,
                    block_at__isnull=False,
                    supply__isnull=False,
                    balance__isnull=False,
                    admin__isnull=False,
                    mintable__isnull=False,
                    wallet__isnull=False,
                    wallet_code__isnull=False,
                ),
                name="tokens_observation_whole_or_nothing",
            ),
            models.CheckConstraint(
                condition=Q(seqno__isnull=False) | Q(state__in=[UNKNOWN, "frozen"]),
                name="tokens_observation_nothing_is_unknown",
            ),
            models.CheckConstraint(
                condition=Q(seqno__isnull=False) | ~Q(reason=""),
                name="tokens_observation_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.binding_id} {self.state} at {self.seqno}"
