"""What `ledger_check` asks of tokens: supply is what is held, and moved as was seen."""

from django.db import connection

from tokens.selectors.reserves import reserves_unlike_leaves
from treasury.selectors.integrity import FINDINGS_MAX, check_register

# From the lines, not from kept balances.
_SUPPLY = """
    SELECT t.code || ' of the ' || a.book || ' book: issued ' || sums.issued
        || ', held ' || sums.held || coalesce(', cap ' || t.cap, '')
    FROM tokens_token t
        CROSS JOIN (SELECT DISTINCT book FROM treasury_ledgeraccount) a
        CROSS JOIN LATERAL (
            SELECT
                coalesce(sum(l.amount) FILTER (
                    WHERE x.code IN ('Equity:Issued:' || t.code, 'Equity:Shortfall:' || t.code)
                ), 0) AS issued,
                -coalesce(sum(l.amount) FILTER (WHERE starts_with(
                    x.code, 'Liabilities:Holders:' || t.code || ':')), 0) AS held
            FROM treasury_ledgeraccount x JOIN treasury_line l ON l.account_id = x.id
            WHERE x.book = a.book AND x.currency_id = t.code) sums
    WHERE sums.issued <> sums.held OR sums.issued < 0 OR sums.issued > t.cap LIMIT %s"""
_UNSEEN = """
    SELECT 'entry ' || e.id || ' (' || e.kind || ') has no intent that was seen on its chain'
    FROM treasury_entry e
        LEFT JOIN tokens_chainintent i ON i.entry_id = e.id AND i.state = 'posted'
            AND i.transaction_id IS NOT NULL
    WHERE e.kind IN ('token.mint', 'token.burn', 'token.buyback', 'token.payout') AND i.id IS NULL
    LIMIT %s"""


def supply_unlike_holders() -> list[str]:
    """Tokens whose issued units are not what pools and holders have, or pass the cap."""
    return _texts(_SUPPLY)


def entries_without_intent() -> list[str]:
    """Entries of units on a chain that no posted intent stands behind."""
    return _texts(_UNSEEN)


def _texts(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [FINDINGS_MAX])
        return [text for (text,) in cursor.fetchall()]


def checks_register() -> None:
    """Have `ledger_check` ask them all."""
    check_register("supply of tokens is what is held", supply_unlike_holders)
    check_register("units on chains moved as was seen there", entries_without_intent)
    check_register("reserves are what their leaves give", reserves_unlike_leaves)
