"""Sums of the ledger: trial balance, one account, and whether all sums to zero.

Each read starts from an account's checkpoint and adds the lines after it, so it does not grow with
history. `ledger_check` proves the checkpoints.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection

from treasury.rules.drafts import EXACT


@dataclass(frozen=True, slots=True)
class TrialBalanceRow:
    """An account's sums; `balance` is debit minus credit."""

    account_id: int
    code: str
    kind: str
    currency: str
    debit: Decimal
    credit: Decimal

    @property
    def balance(self) -> Decimal:
        return self.debit - self.credit


def trial_balance(*, book: str, recorded_until: datetime | None = None) -> list[TrialBalanceRow]:
    """Every account of the book with its sums, in the order of codes.

    `recorded_until`: as the ledger stood at that moment.
    """
    return _sums(book=book, codes="%", recorded_until=recorded_until)


def totals_of(rows: Iterable[TrialBalanceRow]) -> dict[str, Decimal]:
    """What accounts sum to in each currency: zero over a whole book, or it is broken."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        totals[row.currency] = EXACT.add(totals[row.currency], row.balance)
    return totals


def ledger_is_balanced() -> bool:
    """Whether every book sums to zero in every currency."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT book FROM treasury_ledgeraccount")
        books = [book for (book,) in cursor.fetchall()]
    return all(not any(totals_of(trial_balance(book=book)).values()) for book in books)


def account_balance(*, book: str, code: str, recorded_until: datetime | None = None) -> Decimal:
    """The sum of one account in its own currency or unit, debit positive; zero before its time.

    `recorded_until`: as the ledger stood at that moment.
    """
    return _sum_of(book=book, codes=_literal(code), recorded_until=recorded_until)


def subtree_balance(*, book: str, root: str, recorded_until: datetime | None = None) -> Decimal:
    """The sum of all accounts below `root` (`Liabilities:Holders`), which share one unit."""
    return _sum_of(book=book, codes=f"{_literal(root)}:%", recorded_until=recorded_until)


def standing_sum(
    *, book: str, root: str, cutoff: int, recorded_until: datetime | None = None
) -> Decimal:
    """The sum of `root` and of all accounts below it, over entries up to `cutoff`.

    They share one currency. `recorded_until`: of these entries, what had been recorded by then.
    """
    codes = {"codes": _literal(root), "below": f"{_literal(root)}:%"}
    until = {"book": book, "cutoff": cutoff, "until": recorded_until, **codes}
    with connection.cursor() as cursor:
        cursor.execute(_CUT_OFF_AT_ANY_TIME if recorded_until is None else _CUT_OFF_STOOD, until)
        return Decimal(cursor.fetchone()[0])


def _sum_of(*, book: str, codes: str, recorded_until: datetime | None) -> Decimal:
    rows = _sums(book=book, codes=codes, recorded_until=recorded_until)
    return sum((row.balance for row in rows), Decimal(0))


def _sums(
    *, book: str, codes: str, recorded_until: datetime | None = None
) -> list[TrialBalanceRow]:
    until = {"book": book, "codes": codes, "until": recorded_until}
    at_any_time = recorded_until is None
    with connection.cursor() as cursor:
        cursor.execute(_STANDING if at_any_time else _STOOD, until)
        return [TrialBalanceRow(*row) for row in cursor.fetchall()]


def _literal(code: str) -> str:
    """The code as a LIKE pattern that matches it alone."""
    return code.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_FROM_CHECKPOINT = """
    SELECT a.id, a.code, a.kind, a.currency_id,
        coalesce(kept.debit, 0) + coalesce(later.debit, 0),
        coalesce(kept.credit, 0) + coalesce(later.credit, 0)
    FROM treasury_ledgeraccount a
        LEFT JOIN LATERAL (
            SELECT c.entry_id, c.debit, c.credit FROM treasury_checkpoint c
            WHERE c.account_id = a.id{checkpoint_until} ORDER BY c.entry_id DESC LIMIT 1
        ) kept ON true
        LEFT JOIN LATERAL (
            SELECT sum(l.amount) FILTER (WHERE l.amount > 0) AS debit,
                -sum(l.amount) FILTER (WHERE l.amount < 0) AS credit
            FROM treasury_line l{line_until}
            WHERE l.account_id = a.id AND l.entry_id > coalesce(kept.entry_id, 0){entry_until}
        ) later ON true
    WHERE a.book = %(book)s AND a.code LIKE %(codes)s ORDER BY a.code"""
_STANDING = _FROM_CHECKPOINT.format(checkpoint_until="", line_until="", entry_until="")
# No entry is recorded an hour after others with higher numbers (`ledger_check` says if one is), so
# what follows the next checkpoint but an hour was recorded later: a moment long past costs no more.
_STOOD = _FROM_CHECKPOINT.format(
    checkpoint_until=" AND c.recorded_until <= %(until)s",
    line_until=" JOIN treasury_entry e ON e.id = l.entry_id AND e.recorded_at <= %(until)s",
    entry_until="""
                AND l.entry_id <= coalesce((
                    SELECT c.entry_id FROM treasury_checkpoint c
                    WHERE c.recorded_until >= %(until)s + interval '1 hour'
                    ORDER BY c.recorded_until, c.entry_id LIMIT 1), 9223372036854775807)""",
)
_CUT_OFF = """
    SELECT coalesce(sum(coalesce(kept.amount, 0) + coalesce(later.amount, 0)), 0)
    FROM treasury_ledgeraccount a
        LEFT JOIN LATERAL (
            SELECT c.entry_id, c.debit - c.credit AS amount FROM treasury_checkpoint c
            WHERE c.account_id = a.id AND c.entry_id <= %(cutoff)s{checkpoint_until}
            ORDER BY c.entry_id DESC LIMIT 1
        ) kept ON true
        LEFT JOIN LATERAL (
            SELECT sum(l.amount) AS amount FROM treasury_line l{line_until}
            WHERE l.account_id = a.id AND l.entry_id > coalesce(kept.entry_id, 0)
                AND l.entry_id <= %(cutoff)s
        ) later ON true
    WHERE a.book = %(book)s AND (a.code LIKE %(codes)s OR a.code LIKE %(below)s)"""
_CUT_OFF_AT_ANY_TIME = _CUT_OFF.format(checkpoint_until="", line_until="")
_CUT_OFF_STOOD = _CUT_OFF.format(
    checkpoint_until=" AND c.recorded_until <= %(until)s ",
    line_until=" JOIN treasury_entry e ON e.id = l.entry_id AND e.recorded_at <= %(until)s",
)
