"""What pages, commands and watches read of tokens and their chains."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection

from fusion_project.events.clock import now
from tokens.models import ChainBinding, ChainIntent, SupplyPlanItem
from tokens.rules.chain_states import FRESH, Held
from tokens.rules.intents import PENDING

# So much later than it was due, and nobody has looked.
LATE = timedelta(minutes=5)
_ENDED_MAX = 5
_UNREADY = """
    SELECT b.id, t.code || ' ' || tokens_binding_unready(b.id, ARRAY['green'])
    FROM tokens_chainbinding b JOIN tokens_token t ON t.id = b.token_id
    WHERE %(book)s::text IS NULL OR b.book = %(book)s ORDER BY b.book, t.code"""


@dataclass(frozen=True, slots=True)
class ChainRow:
    """A bound token for people: amounts in whole tokens, None where nothing was read yet.

    `held_by`: why it lets its book pay nothing out; empty where it does.
    """

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
    held_by: str

    @property
    def is_ready(self) -> bool:
        """Whether it lets the book pay out."""
        return not self.held_by


def chain_rows(*, book: str | None = None) -> list[ChainRow]:
    """Every bound token, of one book or of all, with the last block that was read."""
    bindings = ChainBinding.objects.select_related("token", "observation")
    if book is not None:
        bindings = bindings.filter(book=book)
    held = _unready(book)
    return [
        _row(one, now(), held.get(one.pk) or "") for one in bindings.order_by("book", "token__code")
    ]


def chains_unready(*, book: str) -> list[str]:
    """Why the book pays nothing out, for each token whose chain stands in the way.

    Asked of the function that the trigger on entries asks.
    """
    return [words for words in _unready(book).values() if words is not None]


@dataclass(frozen=True, slots=True)
class IntentRow:
    """An intent for people: `amount` in whole tokens, `transaction` '' until it was seen.

    `entry` is None until it is posted, `outcome` empty until it has ended.
    """

    number: int
    token: str
    kind: str
    amount: Decimal
    other: str
    state: str
    deadline: datetime
    trace_id: str
    transaction: str
    entry: int | None
    outcome: str


def intent_rows(*, book: str) -> list[IntentRow]:
    """What is open on the chains of a book, the oldest first, and then what has ended lately."""
    rows = ChainIntent.objects.filter(binding__book=book)
    rows = rows.select_related("binding__token", "transaction")
    ended = rows.exclude(state__in=PENDING).order_by("-ended_at", "-id")[:_ENDED_MAX]
    found = [*rows.filter(state__in=PENDING).order_by("id"), *ended]
    return [_intent_row(one) for one in found]


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


def _intent_row(one: ChainIntent) -> IntentRow:
    return IntentRow(
        number=one.pk,
        token=one.binding.token.code,
        kind=one.kind,
        amount=one.units.scaleb(-one.binding.token.decimals),
        other=one.other,
        state=one.state,
        deadline=one.deadline,
        trace_id=one.trace_id,
        transaction=one.transaction.sha256 if one.transaction else "",
        entry=one.entry_id,
        outcome=one.outcome,
    )


def _unready(book: str | None) -> dict[int, str | None]:
    """Each binding with what stands in the way of payouts; None where nothing does."""
    with connection.cursor() as cursor:
        cursor.execute(_UNREADY, {"book": book})
        return dict(cursor.fetchall())


def _row(bound: ChainBinding, moment: datetime, held_by: str) -> ChainRow:
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
        held_by=held_by,
    )
