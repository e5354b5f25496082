"""What pages, commands and watches read of tokens and their chains."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection

from fusion_project.events.clock import now
from tokens.models import ChainBinding, ChainIntent, SupplyPlanItem
from tokens.rules.chain_states import FRESH, GREEN, Held
from tokens.rules.intents import PENDING

# So much later than it was due, and nobody has looked.
LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ChainRow:
    """A bound token for people: amounts in whole tokens, None where nothing was read yet."""

    token: str
    book: str
    network: str
    is_loopback: bool
    state: str
    reason: str
    since: datetime
    seen_at: datetime | None
    is_fresh: bool
    block: int | None
    supply: Decimal | None
    balance: Decimal | None
    ledger_supply: Decimal
    ledger_balance: Decimal

    @property
    def is_ready(self) -> bool:
        """Whether it lets the book pay out."""
        return self.state == GREEN and self.is_fresh


def chain_rows(*, book: str | None = None) -> list[ChainRow]:
    """Every bound token, of one book or of all, with the last block that was read."""
    bindings = ChainBinding.objects.select_related("token", "observation")
    if book is not None:
        bindings = bindings.filter(book=book)
    return [_row(one, now()) for one in bindings.order_by("book", "token__code")]


@dataclass(frozen=True, slots=True)
class IntentRow:
    """An open intent for people: `amount` in whole tokens, `transaction` '' until it was seen."""

    number: int
    token: str
    kind: str
    amount: Decimal
    other: str
    state: str
    deadline: datetime
    trace_id: str
    transaction: str


def intent_rows(*, book: str) -> list[IntentRow]:
    """What is open on the chains of a book, the oldest first."""
    rows = ChainIntent.objects.filter(binding__book=book, state__in=PENDING)
    return [
        IntentRow(
            number=one.pk,
            token=one.binding.token.code,
            kind=one.kind,
            amount=one.units.scaleb(-one.binding.token.decimals),
            other=one.other,
            state=one.state,
            deadline=one.deadline,
            trace_id=one.trace_id,
            transaction=one.transaction.sha256 if one.transaction else "",
        )
        for one in rows.select_related("binding__token", "transaction").order_by("id")
    ]


def supply_plan() -> list[SupplyPlanItem]:
    """How each token's supply is planned; no record of anything."""
    return list(SupplyPlanItem.objects.select_related("token").order_by("token__code", "-amount"))


def ledger_units(*, token_id: int, book: str) -> Held:
    """What the ledger holds of the token, in base units; the database's own sum."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT supply, balance FROM tokens_ledger_units(%s, %s)", [token_id, book])
        supply, balance = cursor.fetchone()
    return Held(int(supply), int(balance))


def bindings_due(*, at: datetime) -> list[int]:
    """Bindings that are to be read now, the longest overdue first."""
    due = ChainBinding.objects.filter(due_at__lte=at).order_by("due_at")
    return list(due.values_list("id", flat=True))


def bindings_unwatched() -> Iterable[ChainBinding]:
    """Bindings that nobody has read although they are long due."""
    late = ChainBinding.objects.select_related("token").filter(due_at__lte=now() - LATE)
    return late.order_by("id")


def _row(bound: ChainBinding, moment: datetime) -> ChainRow:
    seen = bound.observation
    read = bound.observations.exclude(seqno=None).order_by("-id").first()
    held = ledger_units(token_id=bound.token_id, book=bound.book)
    scale = -bound.token.decimals
    return ChainRow(
        token=bound.token.code,
        book=bound.book,
        network=bound.network,
        is_loopback=bound.is_loopback,
        state=bound.state,
        reason=bound.reason,
        since=bound.since,
        seen_at=seen.at if seen is not None else None,
        is_fresh=seen is not None and seen.at >= moment - FRESH,
        block=read.seqno if read is not None else None,
        supply=read.supply.scaleb(scale) if read is not None else None,
        balance=read.balance.scaleb(scale) if read is not None else None,
        ledger_supply=Decimal(held.supply).scaleb(scale),
        ledger_balance=Decimal(held.balance).scaleb(scale),
    )
