"""A long past of one desk, for the queue's bench: decisions, orders, deals and closed positions.

Written with triggers off and indexes made afterwards, by a superuser of the bench's own cluster.
Ids are below zero, so that whatever comes later is newer. No row here passed a service.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

# An order of the past by its number, from the newest on, seven seconds apart.
_VERBS = "(ARRAY['entry', 'exit', 'entry', 'exit', 'amend'])[1 + n % 5]"
_STATES = {"done": 46, "filled": 30, "rejected": 12, "expired": 8, "cancelled": 4}
_STATE = "(ARRAY[{}])[1 + (n / 5) % 100]".format(
    ", ".join(f"'{state}'" for state, many in _STATES.items() for _ in range(many))
)
_AT = "now() - interval '1 hour' - n * interval '7 seconds'"
_SIDE = "(ARRAY['buy', 'sell'])[1 + (n / 2) % 2]"
_IS_TRADED = f"{_STATE} IN ('done', 'filled') AND {_VERBS} <> 'amend'"
_OPENED = f"{_IS_TRADED} AND {_VERBS} = 'entry'"
_DESK = {
    "account_id": "desk.account_id",
    "strategy_id": "desk.strategy_id",
    "instrument": "'EURUSD'",
    "broker_symbol": "'EURUSD'",
    "symbol": "'EURUSD'",
    "trace_id": "md5(n::text)",
}
# table: (which numbers have a row in it, columns that are not empty)
_TABLES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "signals_decision": (
        "true",
        {
            "id": "-n",
            "alert_id": "-n",
            "version": "1",
            "verb": _VERBS,
            "side": _SIDE,
            "state": "'approved'",
            "leg": "desk.leg",
            "scope": f"CASE {_VERBS} WHEN 'entry' THEN '' ELSE 'last' END",
            "created_at": _AT,
            "decided_at": _AT,
            "valid_until": f"CASE {_VERBS} WHEN 'entry' THEN {_AT} + interval '1 minute' END",
            "author": "'engine:bench'",
            "inputs": "'{}'",
            "risk_bps": f"CASE {_VERBS} WHEN 'entry' THEN 50 END",
            "size_factor": f"CASE {_VERBS} WHEN 'entry' THEN 1 END",
            "p_final": f"CASE {_VERBS} WHEN 'entry' THEN 0.6 END",
            "reviews_needed": "0",
        },
    ),
    "execution_order": (
        "true",
        {
            "id": "-n",
            "decision_id": "-n",
            "verb": _VERBS,
            "side": _SIDE,
            "state": _STATE,
            "order_type": "'market'",
            "volume_lots": "0.01",
            "filled_lots": f"CASE WHEN {_IS_TRADED} THEN 0.01 ELSE 0 END",
            "position_ticket": f"CASE {_VERBS} WHEN 'entry' THEN 0 ELSE n END",
            "attempt": "1",
            "fence": "1",
            "staged_at": _AT,
            "ended_at": f"{_AT} + interval '1 second'",
        },
    ),
    "execution_position": (
        _OPENED,
        {
            "id": "-n",
            "position_ticket": "n",
            "decision_id": "-n",
            "order_id": "-n",
            "side": _SIDE,
            "volume_closed_lots": "0.01",
            "volume_base_lots": "0.01",
            "price_open": "1.08420",
            "price_close": "1.08430",
            # The newest are won, or the desk would have to cool off.
            "net": "0.10",
            "profit": "0.10",
            "opened_at": _AT,
            "closed_at": f"{_AT} + interval '1 minute'",
            "updated_at": _AT,
            "fold_revision": "1",
        },
    ),
    "execution_deal": (
        _IS_TRADED,
        {
            "id": "-n",
            "ticket": "n",
            "revision": "1",
            "position_ticket": "n",
            "magic": "n",
            "kind": _SIDE,
            "entry": f"CASE {_VERBS} WHEN 'entry' THEN 'in' ELSE 'out' END",
            "volume_lots": "0.01",
            "price": "1.08420",
            "time_msc": f"(extract(epoch FROM {_AT}) * 1000)::bigint",
            "at": _AT,
            "at_is_sure": "true",
            "order_id": "-n",
            "report_id": "-n",
            "recorded_at": _AT,
        },
    ),
}
GROWING = tuple(_TABLES)
_END_WHAT_IS_OUT = """
    UPDATE execution_order SET state = 'done', staged_at = staged_at - interval '1 hour',
        ended_at = staged_at
     WHERE id > 0 AND account_id = %s
"""
_EMPTY = {"numeric": "0", "text": "''", "boolean": "false", "jsonb": "'{}'"}


def past_write(url: str, *, account_id: int, strategy_id: int, first: int, last: int) -> None:
    """Give the desk the orders numbered so, of whom 1 is the newest, and end what it has out."""
    with psycopg.connect(url, autocommit=True) as superuser:
        superuser.execute("SET maintenance_work_mem = '512MB'")
        for table, (has_row, columns) in _TABLES.items():
            with superuser.transaction(), bare(superuser, table):
                if table == "execution_order":
                    superuser.execute(_END_WHAT_IS_OUT, [account_id])
                insert = _insert(superuser, table, has_row, columns)
                superuser.execute(insert, [account_id, strategy_id, first, last])
            superuser.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))


def _insert(
    superuser: "psycopg.Connection[Any]", table: str, has_row: str, columns: Mapping[str, str]
) -> sql.Composed:
    """One statement that fills every column: as said, else null, else with what is empty."""
    wanted = {**_DESK, **columns}
    found = superuser.execute(
        "SELECT attname, attnotnull, format_type(atttypid, NULL) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        [table],
    ).fetchall()
    values = {name: wanted.get(name) or _empty(kind, is_needed) for name, is_needed, kind in found}
    return sql.SQL(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM (SELECT %s::bigint AS"
        " account_id, %s::bigint AS strategy_id, (SELECT leg FROM signals_decision"
        " WHERE verb = 'entry' ORDER BY id DESC LIMIT 1) AS leg) desk,"
        " generate_series(%s::int, %s::int) n WHERE {}"
    ).format(
        sql.Identifier(table),
        sql.SQL(", ").join(sql.Identifier(name) for name in values),
        sql.SQL(", ").join(_said(one) for one in values.values()),
        _said(has_row),
    )


def _said(text: str) -> sql.SQL:
    """An expression of this module; psycopg takes a lone percent sign for a place."""
    return sql.SQL(text.replace("%", "%%"))


def _empty(kind: str, is_needed: bool) -> str:
    if not is_needed:
        return "NULL"
    for start, value in (("character", "''"), ("timestamp", "now()")):
        if kind.startswith(start):
            return value
    return _EMPTY.get(kind, "0")


@contextmanager
def bare(superuser: "psycopg.Connection[Any]", table: str) -> Iterator[None]:
    """Without triggers, and without the indexes that no constraint needs; afterwards as before."""
    triggers = superuser.execute(
        "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = %s::regclass", [table]
    ).fetchall()
    indexes = superuser.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = %s::regclass"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
        [table],
    ).fetchall()
    superuser.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER ALL").format(sql.Identifier(table)))
    for name, _ in indexes:
        superuser.execute(sql.SQL("DROP INDEX {}").format(sql.SQL(name)))
    yield
    for _, definition in indexes:
        superuser.execute(sql.SQL(definition))
    for name, enabled in triggers:
        how = {b"A": "ENABLE ALWAYS", b"R": "ENABLE REPLICA", b"O": "ENABLE"}.get(_byte(enabled))
        if how:
            superuser.execute(
                sql.SQL("ALTER TABLE {} {} TRIGGER {}").format(
                    sql.Identifier(table), sql.SQL(how), sql.Identifier(name)
                )
            )


def _byte(char: bytes | str) -> bytes:
    """Psycopg gives Postgres' "char" as text or bytes."""
    return char.encode() if isinstance(char, str) else char
