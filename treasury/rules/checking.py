"""What of an account is compared with its broker, and when the two agree. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from treasury.rules.drafts import EXACT

CASH, CREDIT, EQUITY, TICKETS, TRANSIT = "cash", "credit", "equity", "tickets", "transit"
STATEMENT = "statement"
# Of each heartbeat; a statement is compared when a person imports one.
KINDS_OF_HEARTBEAT = (CASH, CREDIT, EQUITY, TICKETS, TRANSIT)
KINDS = (*KINDS_OF_HEARTBEAT, STATEMENT)

AGREES, DIFFERS, NOT_TOLD, BLIND = "agrees", "differs", "not_told", "blind"
STATES = (AGREES, DIFFERS, NOT_TOLD, BLIND)

# So long may money be on its way to an account before somebody says where it came from.
TRANSIT_DAYS_MAX = 3
_LISTED = 10


@dataclass(frozen=True, slots=True)
class Told:
    """What the broker says of an account; None where its executor does not tell it."""

    balance: Decimal
    equity: Decimal | None
    credit: Decimal | None
    floating: Decimal | None
    tickets: frozenset[int]
    digits: int


@dataclass(frozen=True, slots=True)
class TransitItem:
    """Money that came (below zero) or went, as far as nobody has answered for it yet."""

    entry_id: int
    amount: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Ours:
    """What the ledger says; `transit` is the account's sum, `items` what it is made of.

    `items_may_stay`: nobody has to answer for them, as in the paper book.
    """

    cash: Decimal
    credit: Decimal
    tickets: frozenset[int]
    transit: Decimal
    items: Sequence[TransitItem]
    items_may_stay: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one kind; amounts in the account's currency, tickets counted."""

    kind: str
    state: str
    ours: Decimal | None
    theirs: Decimal | None
    difference: Decimal
    note: str = ""


def findings_of(told: Told, ours: Ours, *, moment: datetime) -> list[Finding]:
    """One finding for each kind of a heartbeat."""
    return [
        _amounts(CASH, ours.cash, told.balance, told.digits),
        _amounts(CREDIT, ours.credit, told.credit, told.digits),
        _equity(told),
        _tickets(told.tickets, ours.tickets),
        _transit(ours, moment),
    ]


def transit_open(balance: Decimal, newest_first: Iterable[TransitItem]) -> list[TransitItem]:
    """What the balance of a transit account is made of, oldest first.

    What is answered for is the oldest: the newest moves in the balance's direction are open, the
    last of them perhaps in part.
    """
    left, items = balance, []
    for item in newest_first:
        if left == 0:
            break
        if (item.amount > 0) == (left > 0):
            part = min(item.amount, left, key=abs)
            items.append(TransitItem(item.entry_id, part, item.at))
            left = EXACT.subtract(left, part)
    return items[::-1]


def _amounts(kind: str, ours: Decimal, theirs: Decimal | None, digits: int) -> Finding:
    """Compared at the account's digits, to the last one."""
    if theirs is None:
        note = "" if ours == 0 else "the ledger holds some, the executor tells none"
        return Finding(kind, NOT_TOLD, ours, None, Decimal(0), note)
    unit = Decimal(1).scaleb(-digits)
    difference = EXACT.subtract(theirs, ours.quantize(unit, context=EXACT))
    return Finding(kind, AGREES if difference == 0 else DIFFERS, ours, theirs, difference)


def _equity(told: Told) -> Finding:
    """Equity is balance, credit and what open positions have gained, within the last digit."""
    if told.equity is None or told.credit is None or told.floating is None:
        lacking = [
            name
            for name, value in (
                ("equity", told.equity),
                ("credit", told.credit),
                ("floating", told.floating),
            )
            if value is None
        ]
        return Finding(
            EQUITY, NOT_TOLD, None, told.equity, Decimal(0), f"not told: {', '.join(lacking)}"
        )
    sum_of = EXACT.add(EXACT.add(told.balance, told.credit), told.floating)
    difference = EXACT.subtract(told.equity, sum_of)
    state = AGREES if abs(difference) <= Decimal(1).scaleb(-told.digits) else DIFFERS
    return Finding(EQUITY, state, sum_of, told.equity, difference)


def _tickets(theirs: frozenset[int], ours: frozenset[int]) -> Finding:
    words = [
        f"{where}: {', '.join(str(one) for one in sorted(those)[:_LISTED])}"
        for where, those in (("open here alone", ours - theirs), ("there alone", theirs - ours))
        if those
    ]
    return Finding(
        TICKETS,
        DIFFERS if words else AGREES,
        Decimal(len(ours)),
        Decimal(len(theirs)),
        Decimal(len(ours ^ theirs)),
        "; ".join(words),
    )


def _transit(ours: Ours, moment: datetime) -> Finding:
    """The account's sum is what its items come to, and none has waited for too long."""
    listed = Decimal(0)
    for item in ours.items:
        listed = EXACT.add(listed, item.amount)
    difference = EXACT.subtract(ours.transit, listed)
    late = [
        str(item.entry_id)
        for item in ours.items
        if moment - item.at > timedelta(days=TRANSIT_DAYS_MAX) and not ours.items_may_stay
    ]
    note = f"nobody has said where entry {', '.join(late[:_LISTED])} comes from" if late else ""
    state = DIFFERS if late or difference != 0 else AGREES
    return Finding(TRANSIT, state, ours.transit, listed, difference, note)
