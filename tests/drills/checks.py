"""What must hold after a chaos run, asked in SQL: nothing lost, nothing twice, all sums zero."""

import sqlite3
from dataclasses import dataclass
from decimal import Decimal

from tests.drills.trial import Trial

# query → must be zero
_NONE_OF = {
    "orders twice for one decision": """
        SELECT count(*) FROM (SELECT 1 FROM execution_order
        GROUP BY decision_id, account_id, position_ticket HAVING count(*) > 1) x""",
    "entry orders filled more than once": """
        SELECT count(*) FROM (SELECT 1 FROM execution_deal
        WHERE entry = 'in' AND order_id IS NOT NULL GROUP BY order_id HAVING count(*) > 1) x""",
    "deals twice or restated": """
        SELECT count(*) FROM (SELECT 1 FROM execution_deal
        GROUP BY account_id, ticket HAVING count(*) > 1) x""",
    "decisions twice for one leg": """
        SELECT count(*) FROM (SELECT 1 FROM signals_decision
        GROUP BY alert_id, leg_no, version HAVING count(*) > 1) x""",
    "journal entries twice for one key": """
        SELECT count(*) FROM (SELECT 1 FROM treasury_entry
        GROUP BY idem_key HAVING count(*) > 1) x""",
    "deals without exactly one entry": """
        SELECT count(*) FROM execution_deal d LEFT JOIN treasury_dealposting p ON p.deal_id = d.id
        WHERE p.state IS DISTINCT FROM 'posted'""",
    "closed positions without DAI, DA and accrual": """
        SELECT count(*) FROM execution_position p WHERE closed_at IS NOT NULL AND net <> 0 AND 3 <>
        (SELECT count(*) FROM treasury_entry e WHERE e.idem_key LIKE
         'tok:' || p.account_id || ':' || p.position_ticket || ':' || p.fold_revision || ':%%')""",
    "token entries beyond three a position": """
        SELECT count(*) FROM (SELECT 1 FROM treasury_entry WHERE kind LIKE 'token.%%'
        GROUP BY split_part(idem_key, ':', 3) HAVING count(*) > 3) x""",
    "journal entries that do not sum to zero": """
        SELECT count(*) FROM (SELECT 1 FROM treasury_line l
        JOIN treasury_ledgeraccount a ON a.id = l.account_id
        GROUP BY l.entry_id, a.currency_id HAVING sum(l.amount) <> 0) x""",
    "currencies that do not sum to zero": """
        SELECT count(*) FROM (SELECT 1 FROM treasury_line l
        JOIN treasury_ledgeraccount a ON a.id = l.account_id
        GROUP BY a.book, a.currency_id HAVING sum(l.amount) <> 0) x""",
    "handlings undone": "SELECT count(*) FROM events_handling WHERE done_at IS NULL",
    "handlings ever parked": "SELECT count(*) FROM events_event WHERE name = 'handling.parked'",
    "switches turned": "SELECT count(*) FROM execution_switch WHERE state <> 'active'",
}

_DECIDED = """
    SELECT count(DISTINCT d.alert_id) FROM signals_decision d
    WHERE d.state NOT IN ('proposed', 'pending_review')
      AND NOT EXISTS (SELECT 1 FROM signals_decision o
                      WHERE o.alert_id = d.alert_id AND o.state IN ('proposed', 'pending_review'))
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table."""

    what: str
    found: str
    wanted: str
    is_fine: bool


def findings(trial: Trial, *, alerts: int, closed_min: int) -> list[Finding]:
    """Every check with what was found and what was wanted."""
    stored = trial.value("SELECT count(*) FROM signals_alert")
    decided = trial.value(_DECIDED)
    closed = trial.value("SELECT count(*) FROM execution_position WHERE closed_at IS NOT NULL")
    held = trial.value("SELECT count(*) FROM execution_position WHERE closed_at IS NULL")
    return [
        count_finding("alerts stored", stored, alerts),
        count_finding("alerts decided", decided, alerts),
        Finding("positions closed", str(closed), f"at least {closed_min}", closed >= closed_min),
        count_finding("positions left open", held, 0),
        *(count_finding(what, trial.value(query), 0) for what, query in _NONE_OF.items()),
        _deals_known(trial),
        _cash(trial),
    ]


def _deals_known(trial: Trial) -> Finding:
    """The broker's own books are the other witness: each of its deals once, and no other."""
    books = sqlite3.connect(f"file:{trial.home.path}/paper/broker.sqlite3?mode=ro", uri=True)
    try:
        at_broker = {int(row[0]) for row in books.execute("SELECT ticket FROM deal")}
    finally:
        books.close()
    here = {row[0] for row in trial.rows("SELECT ticket FROM execution_deal")}
    return Finding(
        "deals here and at the broker", str(len(here)), str(len(at_broker)), here == at_broker
    )


def _cash(trial: Trial) -> Finding:
    """Ledger cash equals the broker's balance exactly."""
    cash = trial.value("""
        SELECT coalesce(sum(l.amount), 0) FROM treasury_line l
        JOIN treasury_ledgeraccount a ON a.id = l.account_id WHERE a.code LIKE 'Assets:Broker:%%'
    """) or Decimal(0)
    balance = trial.value("SELECT balance FROM execution_brokeraccount") or Decimal(0)
    return Finding("ledger cash", f"{cash:.2f}", f"{balance:.2f} at the broker", cash == balance)


def count_finding(what: str, found: int, wanted: int) -> Finding:
    """A count that must be exactly so."""
    return Finding(what, str(found), str(wanted), found == wanted)


def table(rows: list[Finding]) -> str:
    """One line a check; what is not fine starts with BAD."""
    width = max(len(row.what) for row in rows)
    return "\n".join(
        f"{'ok ' if row.is_fine else 'BAD'} {row.what:<{width}}  {row.found:>10}  "
        f"(wanted {row.wanted})"
        for row in rows
    )
