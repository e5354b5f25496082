"""What the ledger page shows: trial balance per book, its check, and the latest entries."""

from dataclasses import dataclass
from decimal import Decimal

from treasury.models import BOOKS, AccountCheck, Conversion, Entry, Hold, PeriodClose
from treasury.rules import checking
from treasury.selectors.balances import TrialBalanceRow, totals_of, trial_balance
from treasury.selectors.entries import entry_list
from treasury.selectors.green import book_not_green
from treasury.selectors.holds import hold_pending_list
from treasury.selectors.periods import Adjustment, adjustments_among, period_list
from treasury.selectors.prices import conversions_waiting

ENTRIES_MAX = 30
HOLDS_MAX = 50
PERIODS_MAX = 12
CHECK_TITLES = {
    checking.CASH: "Cash",
    checking.CREDIT: "Credit",
    checking.EQUITY: "Equity",
    checking.TICKETS: "Open tickets",
    checking.TRANSIT: "On its way",
    checking.STATEMENT: "Statement",
}


@dataclass(frozen=True, slots=True)
class BookView:
    """One book: its accounts, what they sum to in each currency (zero, or it is broken), holds."""

    book: str
    rows: list[TrialBalanceRow]
    totals: list[tuple[str, Decimal]]
    holds: list[Hold]

    @property
    def is_balanced(self) -> bool:
        return all(total == 0 for _, total in self.totals)


def book_view_get(*, book: str) -> BookView:
    """The trial balance of one book; books never share a total."""
    rows = trial_balance(book=book)
    holds = list(hold_pending_list(book=book)[:HOLDS_MAX])
    return BookView(book, rows, sorted(totals_of(rows).items()), holds)


@dataclass(frozen=True, slots=True)
class Checks:
    """What was compared of the accounts of a book; `against` is empty where it is green."""

    rows: list[tuple[str, AccountCheck]]
    against: list[str]


def checks_view_get(*, book: str) -> Checks:
    """The last check of each kind and account, with the word for its kind."""
    rows = AccountCheck.objects.select_related("account").filter(account__book=book)
    ordered = rows.order_by("account__name", "kind")
    return Checks([(CHECK_TITLES[one.kind], one) for one in ordered], book_not_green(book=book))


@dataclass(frozen=True, slots=True)
class Periods:
    """The newest closed periods, and which of the entries shown adjust a closed one."""

    closed: list[PeriodClose]
    adjustments: list[Adjustment]


def periods_view_get(*, book: str, entries: list[Entry]) -> Periods:
    """Closed periods of one book, for a page that shows these entries of it."""
    closed = list(period_list(book=book)[:PERIODS_MAX])
    return Periods(closed, adjustments_among(book=book, entries=entries))


def waiting_list(*, book: str) -> list[Conversion]:
    """Conversions of one book that wait, the oldest first."""
    return list(conversions_waiting(book=book)[:HOLDS_MAX])


def book_list() -> tuple[str, ...]:
    return BOOKS


def entry_page(*, book: str, account_code: str, before_id: int | None) -> list[Entry]:
    """The newest entries of a book, or of one of its accounts, older than `before_id`."""
    return list(
        entry_list(
            book=book, account_code=account_code or None, before_id=before_id, limit=ENTRIES_MAX
        )
    )
