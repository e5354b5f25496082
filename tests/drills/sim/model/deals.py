"""From deals to entries: revisions of a ticket, what each reverses, and what payouts make of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.drills.sim.model.books import Books, Lines, result_of

# kind → where the money lies, where it comes from; below the account's own part of the code.
CASH = "Assets:Broker:{}:Cash"
CREDIT = "Assets:Broker:{}:Credit"
KINDS: dict[str, tuple[str, str]] = {
    "buy": (CASH, "Income:Trading:{}:Realised"),
    "sell": (CASH, "Income:Trading:{}:Realised"),
    "buy_canceled": (CASH, "Income:Trading:{}:Realised"),
    "sell_canceled": (CASH, "Income:Trading:{}:Realised"),
    "balance": (CASH, "Assets:Transit:{}"),
    "credit": (CREDIT, "Liabilities:Broker:{}:Credit"),
    "bonus": (CREDIT, "Liabilities:Broker:{}:Credit"),
    "charge": (CASH, "Expenses:Trading:{}:Charge"),
    "correction": (CASH, "Income:Trading:{}:Correction"),
    "commission": (CASH, "Expenses:Trading:{}:Commission"),
    "commission_daily": (CASH, "Expenses:Trading:{}:CommissionDaily"),
    "commission_monthly": (CASH, "Expenses:Trading:{}:CommissionMonthly"),
    "commission_agent_daily": (CASH, "Income:Trading:{}:CommissionAgentDaily"),
    "commission_agent_monthly": (CASH, "Income:Trading:{}:CommissionAgentMonthly"),
    "interest": (CASH, "Income:Trading:{}:Interest"),
    "dividend": (CASH, "Income:Trading:{}:Dividend"),
    "dividend_franked": (CASH, "Income:Trading:{}:DividendFranked"),
    "tax": (CASH, "Expenses:Trading:{}:Tax"),
}
DELETED = "deleted"
POSTED, NOTHING, QUARANTINED = "posted", "nothing", "quarantined"


@dataclass(frozen=True, slots=True)
class Told:
    """One revision of a deal; amounts as the account gained them."""

    revision: int
    kind: str
    entry: str = ""
    profit: int = 0
    swap: int = 0
    commission: int = 0
    fee: int = 0
    is_held: bool = False

    @property
    def is_understood(self) -> bool:
        trades = self.kind in ("buy", "sell")
        is_odd = trades and self.entry not in ("in", "out", "inout", "out_by")
        return self.kind == DELETED or (self.kind in KINDS and not is_odd)

    @property
    def gained(self) -> int:
        return self.profit + self.swap + self.commission + self.fee


@dataclass(frozen=True, slots=True)
class Payout:
    """A distribution that counted an account: up to which entry, for whose results."""

    cut: int
    place: str
    currency: str


@dataclass
class Account:
    """One broker account. `part`: its part of account codes."""

    number: int
    book: str
    part: str
    currency: str = "USD"
    payouts: list[Payout] = field(default_factory=list)
    floating: int = 0

    def code(self, pattern: str) -> str:
        return pattern.format(self.part)


@dataclass(slots=True)
class Taken:
    """A reversal: how much of the result it took, and where in the order of entries."""

    lost: int
    index: int
    is_told: bool = False


@dataclass(slots=True)
class Ticket:
    """What became of one ticket so far."""

    account: Account
    told: list[Told] = field(default_factory=list)
    done: int = 0
    states: dict[int, str] = field(default_factory=dict)
    standing: Lines | None = None
    first: int | None = None
    taken: list[Taken] = field(default_factory=list)

    @property
    def counts(self) -> Told | None:
        """The newest revision that is not held."""
        return next((one for one in reversed(self.told) if not one.is_held), None)


def lines_of(account: Account, deal: Told) -> Lines:
    """The entry of one revision; empty where it moves nothing."""
    if deal.kind == DELETED:
        return {}
    holds, comes_from = (account.code(one) for one in KINDS[deal.kind])
    swap = "Income" if deal.swap > 0 else "Expenses"
    cash, own = account.code(CASH), f"Expenses:Trading:{account.part}"
    lines: Counter[str] = Counter()
    for amount, debit, credit in (
        (deal.profit, holds, comes_from),
        (deal.swap, cash, f"{swap}:Trading:{account.part}:Swap"),
        (deal.commission, cash, f"{own}:Commission"),
        (deal.fee, cash, f"{own}:Fee"),
    ):
        lines[debit] += amount
        lines[credit] -= amount
    return {code: amount for code, amount in lines.items() if amount}


class Deals:
    """Posts tickets. `states`: deals in each state; `held`: by account, in quarantine."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.states: Counter[str] = Counter()
        self.held: Counter[int] = Counter()

    def post(self, ticket: Ticket) -> None:
        """All that was told of a ticket and is not posted yet; a second time it changes nothing."""
        first_before = ticket.first
        for deal in ticket.told[ticket.done :]:
            self._revision(ticket, deal)
        ticket.done = len(ticket.told)
        self._states(ticket)
        if first_before is not None:
            self._shortfalls(ticket, first_before)

    def _revision(self, ticket: Ticket, deal: Told) -> None:
        if deal.is_held or not deal.is_understood:
            return
        account, lines = ticket.account, lines_of(ticket.account, deal)
        if ticket.standing is not None:
            mirror = {code: -amount for code, amount in ticket.standing.items()}
            lost = result_of(ticket.standing) - result_of(lines)
            index = self.books.enter(account.book, "deal.reversed", mirror)
            ticket.taken.append(Taken(lost, index))
        ticket.standing = lines or None
        if lines:
            index = self.books.enter(account.book, "deal", lines)
            ticket.first = ticket.first or index

    def _states(self, ticket: Ticket) -> None:
        counting = max((one.revision for one in ticket.told if not one.is_held), default=0)
        for deal in ticket.told:
            if deal.is_held:
                state = NOTHING if deal.revision < counting else QUARANTINED
            elif not deal.is_understood:
                state = QUARANTINED
            else:
                state = POSTED if lines_of(ticket.account, deal) else NOTHING
            self._moved(ticket, deal.revision, state)

    def _moved(self, ticket: Ticket, revision: int, state: str) -> None:
        was = ticket.states.get(revision)
        if was == state:
            return
        for one, by in ((was, -1), (state, 1)):
            if one is not None:
                self.states[one] += by
            if one == QUARANTINED:
                self.held[ticket.account.number] += by
        ticket.states[revision] = state

    def _shortfalls(self, ticket: Ticket, first: int) -> None:
        """What was paid and is gone: it moves into the shortfall of whoever's result it was."""
        for one in ticket.taken:
            paid = _paid(ticket.account.payouts, first, one.index)
            if one.is_told or one.lost <= 0 or paid is None:
                continue
            one.is_told = True
            lines = {
                f"Equity:Shortfall:{paid.place}:{paid.currency}": one.lost,
                f"Equity:Distributed:{paid.place}:{paid.currency}": -one.lost,
            }
            self.books.enter(ticket.account.book, "shortfall.restated", lines)


def _paid(payouts: Sequence[Payout], first: int, taken: int) -> Payout | None:
    """The last payout that counted the ticket and not yet its reversal."""
    counted = (one for one in reversed(payouts) if first <= one.cut < taken)
    return next(counted, None)
