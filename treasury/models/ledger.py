"""Tables of the ledger. All but what becomes of deals and of checks are facts that never change.

Amounts are signed, a debit is positive. Entries, lines, leaves and balances are written by
the SQL function `treasury_post` alone (`sql/posting.sql`).
"""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from fusion_project.text.formats import exact_number
from treasury.rules import states

BOOKS = ("paper", "live")
ACCOUNT_ROOTS = {
    "asset": "Assets",
    "liability": "Liabilities",
    "equity": "Equity",
    "income": "Income",
    "expense": "Expenses",
}
ACCOUNT_CODE_FORM = r"^(Assets|Liabilities|Equity|Income|Expenses)(:[A-Z0-9][A-Za-z0-9-]*)+$"


def money_field(**options: Any) -> "models.DecimalField[Any, Any]":
    """Amount with 18 places."""
    return models.DecimalField(max_digits=38, decimal_places=18, **options)


if TYPE_CHECKING:
    _XidField = models.Field[str, str]
else:
    _XidField = models.Field


class Xid8Field(_XidField):
    """A Postgres transaction id that does not wrap around."""

    def db_type(self, connection: Any) -> str:
        return "xid8"


class Currency(models.Model):
    """A unit of account and the digits it may have. Append-only."""

    code = models.CharField(max_length=12, primary_key=True)
    scale = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "currencies"
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z][A-Z0-9]{1,11}$"),
                name="treasury_currency_code_form",
            ),
            models.CheckConstraint(condition=Q(scale__lte=18), name="treasury_currency_scale"),
        ]

    def __str__(self) -> str:
        return self.code


class LedgerAccount(models.Model):
    """One account of one book in one currency. Append-only.

    A `floor` (in the account's own direction) needs a kept balance: `tracked`.
    """

    book = models.CharField(max_length=8, choices={book: book for book in BOOKS})
    code = models.CharField(max_length=160)
    currency = models.ForeignKey(Currency, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices={kind: kind for kind in ACCOUNT_ROOTS})
    floor = money_field(null=True, blank=True)
    tracked = models.BooleanField(default=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        constraints = (
            [
                models.UniqueConstraint(fields=["book", "code"], name="treasury_account_once"),
                models.CheckConstraint(condition=Q(book__in=BOOKS), name="treasury_account_book"),
                models.CheckConstraint(
                    condition=Q(code__regex=ACCOUNT_CODE_FORM), name="treasury_account_code_form"
                ),
                models.CheckConstraint(
                    condition=Q(floor=None) | Q(tracked=True),
                    name="treasury_account_floor_is_tracked",
                ),
            ]
            + [
                models.CheckConstraint(
                    condition=~Q(kind=kind) | Q(code__startswith=f"{root}:"),
                    name=f"treasury_account_{kind}_root",
                )
                for kind, root in ACCOUNT_ROOTS.items()
            ]
            + [
                models.CheckConstraint(
                    condition=Q(kind__in=list(ACCOUNT_ROOTS)), name="treasury_account_kind"
                )
            ]
        )

    def __str__(self) -> str:
        return f"{self.code} ({self.book})"


class Entry(models.Model):
    """A journal entry: a balanced set of lines, named by its idempotency key. Append-only."""

    idem_key = models.CharField(max_length=200)
    request_sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=40)
    book = models.CharField(max_length=8)
    event_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    source = models.CharField(max_length=80)
    trace_id = models.CharField(max_length=32)
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )
    note = models.CharField(max_length=500, blank=True)
    xid = Xid8Field()
    cluster = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["idem_key"], name="treasury_entry_idem_key_once"),
            models.CheckConstraint(
                condition=Q(idem_key__regex=r"^[ -~]+$"), name="treasury_entry_idem_key_form"
            ),
            models.CheckConstraint(
                condition=Q(request_sha256__regex=r"^[0-9a-f]{64}$"),
                name="treasury_entry_request_hash_form",
            ),
            models.CheckConstraint(
                condition=Q(kind__regex=r"^[a-z_]+(\.[a-z_]+)*$"), name="treasury_entry_kind_form"
            ),
            models.CheckConstraint(condition=Q(book__in=BOOKS), name="treasury_entry_book"),
            models.CheckConstraint(
                condition=Q(trace_id__regex=r"^[0-9a-f]{32}$"), name="treasury_entry_trace_form"
            ),
            models.CheckConstraint(
                condition=Q(reverses=None) | ~Q(reverses=F("id")),
                name="treasury_entry_reverses_another",
            ),
        ]
        indexes = [
            models.Index(fields=["trace_id"], name="treasury_entry_trace"),
            models.Index(fields=["source"], name="treasury_entry_source"),
            models.Index(fields=["book", "kind", "-id"], name="treasury_entry_book_kind"),
        ]

    def __str__(self) -> str:
        return self.idem_key


class Line(models.Model):
    """One posting: a signed amount on one account. Append-only."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="lines", db_index=False)
    n = models.PositiveSmallIntegerField()
    account = models.ForeignKey(
        LedgerAccount, on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    currency = models.ForeignKey(
        Currency, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    amount = money_field()

    class Meta:
        ordering = ["entry_id", "n"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "n"], name="treasury_line_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="treasury_line_not_zero"),
        ]
        indexes = [
            models.Index(
                fields=["account", "entry"], include=["amount"], name="treasury_line_of_account"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id}.{self.n} {exact_number(self.amount)} {self.currency_id}"


class Leaf(models.Model):
    """The hash of an entry, made when its lines came in; its presence closes the entry."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True)
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "leaves"
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="treasury_leaf_hash_form"
            ),
        ]

    def __str__(self) -> str:
        return self.sha256


class Balance(models.Model):
    """The kept sum of a tracked account, and what is held of it; moved by triggers alone.

    `held` is in the account's own direction: what no other entry may take below the floor.
    """

    account = models.OneToOneField(LedgerAccount, on_delete=models.PROTECT, primary_key=True)
    amount = money_field()
    held = money_field(db_default=0)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(held__gte=0), name="treasury_balance_held_sign"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {exact_number(self.amount)}"


class Checkpoint(models.Model):
    """What an account got and gave up to an entry, that entry included. Append-only.

    Written by the SQL function `treasury_checkpoint_next` alone. `recorded_until`: when the newest
    of all entries up to it was recorded, whatever their accounts.
    """

    account = models.ForeignKey(
        LedgerAccount, on_delete=models.PROTECT, related_name="checkpoints", db_index=False
    )
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    debit = money_field()
    credit = money_field()
    recorded_until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "entry"], name="treasury_checkpoint_once"),
            models.CheckConstraint(
                condition=Q(debit__gte=0) & Q(credit__gte=0), name="treasury_checkpoint_signs"
            ),
        ]
        indexes = [
            models.Index(fields=["recorded_until", "entry"], name="treasury_checkpoint_recorded"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} up to {self.entry_id}"


class DealPosting(models.Model):
    """What became of a deal: its entry, nothing to post, or quarantine with the reason."""

    STATES = (states.POSTED, states.NOTHING, states.QUARANTINED)

    deal = models.OneToOneField(
        "execution.Deal", on_delete=models.PROTECT, related_name="treasury_posting"
    )
    state = models.CharField(max_length=12, choices={state: state for state in STATES})
    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, null=True, blank=True, related_name="deal_posting"
    )
    reason = models.CharField(max_length=300, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[states.POSTED, states.NOTHING, states.QUARANTINED]),
                name="treasury_dealposting_state",
            ),
            models.CheckConstraint(
                condition=Q(state=states.POSTED, entry__isnull=False)
                | (~Q(state=states.POSTED) & Q(entry=None)),
                name="treasury_dealposting_posted_has_entry",
            ),
            models.CheckConstraint(
                condition=Q(state=states.POSTED) | ~Q(reason=""),
                name="treasury_dealposting_reason_given",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(state=states.QUARANTINED),
                name="treasury_dealposting_held",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal_id} {self.state}"


class PostedMark(models.Model):
    """Each deal of the account up to this one has its posting; it only rises."""

    account = models.OneToOneField(
        "execution.BrokerAccount",
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="treasury_posted_mark",
    )
    deal = models.ForeignKey("execution.Deal", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.account_id} up to {self.deal_id}"
