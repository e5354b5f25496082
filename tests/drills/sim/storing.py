"""Deals as execution stores them, many at once: rows and their events in one transaction."""

import json
from collections.abc import Sequence
from typing import Any

from fusion_project.events import names
from fusion_project.events.registry import handlers_of
from tests.drills.sim.world import Pending

TRACE = "5" * 32
MYSTERY = "mystery"
_STORE = """
    WITH told AS (
        SELECT * FROM json_to_recordset(%(deals)s) AS t (
            account_id bigint, ticket bigint, revision int, position_ticket bigint, kind text,
            kind_raw text, entry text, volume numeric, price numeric, profit numeric, swap numeric,
            commission numeric, fee numeric, time_msc bigint, held_for text, order_id bigint)
    ), report AS (
        INSERT INTO execution_report (account_id, report_id, seq, instance, kind,
                broker_order_ticket, message, raw, raw_sha256, trace_id, received_at)
            SELECT DISTINCT account_id, %(batch)s::text, %(batch)s::bigint, 'sim', 'deal', 0, '',
                '{}', repeat('0', 64), %(trace)s, events_now() FROM told
        RETURNING id, account_id
    ), deal AS (
        INSERT INTO execution_deal (account_id, ticket, revision, position_ticket,
                broker_order_ticket, magic, kind, kind_raw, entry, reason, symbol, instrument,
                volume_lots, price, profit, swap, commission, fee, time_msc, broker_offset_seconds,
                at, at_is_sure, held_for, comment, order_id, report_id, content_sha256, trace_id,
                recorded_at)
            SELECT account_id, ticket, revision, position_ticket, 0, 0, kind, kind_raw, entry, '',
                'EURUSD', 'EURUSD', volume, price, profit, swap, commission, fee, time_msc, 0,
                to_timestamp(time_msc / 1000.0), true, held_for, '', order_id, r.id,
                repeat('0', 64), %(trace)s, events_now()
            FROM told JOIN report r USING (account_id)
        RETURNING id, account_id, ticket, revision
    )
    SELECT id, account_id, ticket, revision, events_record(%(name)s, 'execution.deal:' || id,
        %(trace)s, 'system', '{}', %(handlers)s)
    FROM deal ORDER BY id"""


def deals_store(cursor: Any, deals: Sequence[Pending], *, batch: int) -> list[int]:
    """Store them; returns the id of each."""
    cursor.execute(
        _STORE,
        {
            "deals": json.dumps([_members(one) for one in deals]),
            "batch": batch,
            "trace": TRACE,
            "name": names.DEAL_RECORDED,
            "handlers": handlers_of(names.DEAL_RECORDED),
        },
    )
    ids = {(account, ticket, n): number for number, account, ticket, n, _ in cursor.fetchall()}
    return [ids[known.desk.row.pk, known.number, told.revision] for known, told in deals]


def _members(one: Pending) -> dict[str, Any]:
    """As JSON; a kind that nobody knows keeps its word."""
    known, told = one
    is_odd, is_trade = told.kind == MYSTERY, told.kind in ("buy", "sell")
    return {
        "account_id": known.desk.row.pk,
        "ticket": known.number,
        "revision": told.revision,
        "position_ticket": known.position_ticket,
        "kind": "unknown" if is_odd else told.kind,
        "kind_raw": told.kind if is_odd else "",
        "entry": told.entry,
        "volume": "0.1" if is_trade else "0",
        "price": known.price if is_trade else "0",
        "profit": money(told.profit),
        "swap": money(told.swap),
        "commission": money(told.commission),
        "fee": money(told.fee),
        "time_msc": known.time_msc,
        "held_for": "moment" if told.is_held else "",
        "order_id": known.order_id,
    }


def money(units: int, digits: int = 8) -> str:
    """Whole units of 10^-digits as a decimal text."""
    sign, text = "-" if units < 0 else "", f"{abs(units):0{digits + 1}d}"
    return f"{sign}{text[:-digits]}.{text[-digits:]}"
