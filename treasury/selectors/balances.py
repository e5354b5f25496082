"""Sums of the ledger: trial balance, one account, and whether all sums to zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum

from treasury.models import Line


@dataclass(frozen=True, slots=True)
class TrialBalanceRow:
    """An account's sums; `balance` is debit minus credit."""

    account_id: int
    code: str
    kind: str
    currency: str
    debit: Decimal
    credit: Decimal
    balance: Decimal


def trial_balance(*, book: str) -> list[TrialBalanceRow]:
    """Every account of the book with its sums, in the order of codes."""
    return [
        TrialBalanceRow(*row)
        for row in _rows(
            """SELECT a.id, a.code, a.kind, a.currency_id,
                   coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0),
                   coalesce(-sum(l.amount) FILTER (WHERE l.amount < 0), 0),
                   coalesce(sum(l.amount), 0)
               FROM treasury_ledgeraccount a LEFT JOIN treasury_line l ON l.account_id = a.id
               WHERE a.book = %s GROUP BY a.id ORDER BY a.code""",
            [book],
        )
    ]


def ledger_is_balanced() -> bool:
    """Whether every book sums to zero in every currency."""
    return not _rows(
        """SELECT a.book, l.currency_id
           FROM treasury_line l JOIN treasury_ledgeraccount a ON a.id = l.account_id
           GROUP BY a.book, l.currency_id HAVING sum(l.amount) <> 0 LIMIT 1""",
        [],
    )


def account_balance(*, book: str, code: str, recorded_until: datetime | None = None) -> Decimal:
    """The sum of one account in its own currency or unit, debit positive; zero before its time.

    `recorded_until`: as the ledger stood at that moment.
    """
    lines = Line.objects.filter(account__book=book, account__code=code)
    if recorded_until is not None:
        lines = lines.filter(entry__recorded_at__lte=recorded_until)
    return lines.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def _rows(sql: str, parameters: Sequence[str | int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
