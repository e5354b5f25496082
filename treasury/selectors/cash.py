"""Realised cash by what moved it: one sum for each position, one step for each other booking."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection

_CASH = "Assets:Broker:%:Cash"


@dataclass(frozen=True, slots=True)
class CashStep:
    """What the entries of one position, or one entry beside all positions, did to the cash.

    `account_id` and `position_ticket` name the position (0: none); `has_trades` says whether a
    trading deal is among them. `at`: the latest of their times, as the broker told it.
    """

    account_id: int | None
    position_ticket: int
    has_trades: bool
    currency: str
    at: datetime
    change: Decimal


def cash_step_list(*, book: str, recorded_until: datetime) -> list[CashStep]:
    """Steps of a book, oldest first, as the ledger stood at that moment; reversals are in them.

    From entries alone: the profit of open positions is not in it, so it is no equity.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STEPS, [book, _CASH, recorded_until])
        return [CashStep(*row) for row in cursor.fetchall()]


# A reversal belongs to the deal whose entry it takes back.
_STEPS = """
    WITH cash AS (
        SELECT e.id, coalesce(e.reverses_id, e.id) AS origin_id, e.event_at,
            l.currency_id AS currency, sum(l.amount) AS change
        FROM treasury_line l
            JOIN treasury_ledgeraccount a ON a.id = l.account_id
            JOIN treasury_entry e ON e.id = l.entry_id
        WHERE a.book = %s AND a.code LIKE %s AND e.recorded_at <= %s
        GROUP BY e.id, l.currency_id
    )
    SELECT d.account_id, coalesce(d.position_ticket, 0),
        coalesce(bool_or(d.kind IN ('buy', 'sell')), false), c.currency, max(c.event_at),
        sum(c.change)
    FROM cash c
        LEFT JOIN treasury_dealposting p ON p.entry_id = c.origin_id
        LEFT JOIN execution_deal d ON d.id = p.deal_id
    GROUP BY d.account_id, coalesce(d.position_ticket, 0), c.currency,
        CASE WHEN coalesce(d.position_ticket, 0) = 0 THEN c.id END
    ORDER BY max(c.event_at), max(c.id)"""
