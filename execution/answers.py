"""The executor API's answers as plain JSON values: decimals and ids as strings, times in UTC."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from execution.models import BrokerAccount, Order, SymbolMap
from execution.rules.messages import ReportVerdict
from execution.services.claims import LEASE_SECONDS
from execution.services.leases import PERMIT_SECONDS, PollAnswer
from execution.services.sessions import HelloAnswer
from fusion_project.text.canonical import decimal_text

POLL_SECONDS = "0.5"


def hello_answer(answer: HelloAnswer) -> dict[str, Any]:
    """Limits, symbols, orders that are still out, and the last report number we have."""
    account = answer.account
    return {
        "account": _account(account),
        "limits": {
            "order_lots_max": _number(account.order_lots_max),
            "open_lots_max": _number(account.open_lots_max),
        },
        "symbols": [_symbol(row) for row in answer.symbols],
        "orders": [
            {"order_id": str(order.id), "fence": order.fence, "state": order.state}
            for order in answer.orders
        ],
        "last_seq": answer.last_seq,
        "poll_seconds": POLL_SECONDS,
        "lease_seconds": LEASE_SECONDS,
        "permit_seconds": PERMIT_SECONDS,
        "wait_offered": False,
        "server_time": _time(answer.server_time),
    }


def poll_answer(answer: PollAnswer) -> dict[str, Any]:
    """Leased orders, the permit, and the commands that hold until a report closes them."""
    return {
        "orders": [_order(order) for order in answer.orders],
        "permit": {
            "entries_allowed": answer.entries_allowed,
            "seconds": PERMIT_SECONDS,
            "orders": [
                {"order_id": str(order.id), "fence": order.fence} for order in answer.permitted
            ],
        },
        "desired": [
            {
                "order_id": str(one.order.id),
                "fence": one.order.fence,
                "command": one.command,
            }
            for one in answer.desired
        ],
        "server_time": _time(answer.server_time),
    }


def reports_answer(
    verdicts: list[ReportVerdict], gaps: list[tuple[int, int]], moment: datetime
) -> dict[str, Any]:
    """One verdict per report in the order sent, and the sequence numbers never seen."""
    return {
        "reports": [
            {
                "report_id": one.report_id,
                "verdict": one.verdict,
                "applied": one.applied,
                "reason": one.reason,
            }
            for one in verdicts
        ],
        "gaps": [{"first": first, "last": last} for first, last in gaps],
        "server_time": _time(moment),
    }


def heartbeat_answer(account: BrokerAccount) -> dict[str, Any]:
    """The account's state, so that the executor shows it."""
    assert account.heartbeat_at is not None
    return {"account": _account(account), "server_time": _time(account.heartbeat_at)}


def _account(account: BrokerAccount) -> dict[str, Any]:
    return {
        "id": str(account.id),
        "name": account.name,
        "book": account.book,
        "state": account.state,
        "margin_mode": account.margin_mode,
    }


def _symbol(row: SymbolMap) -> dict[str, Any]:
    return {
        "instrument": row.instrument,
        "broker_symbol": row.broker_symbol,
        "is_confirmed": row.is_confirmed,
    }


def _order(order: Order) -> dict[str, Any]:
    assert order.lease_until is not None
    prices = {
        name: _number_or_none(getattr(order, name))
        for name in ("limit_price", "stop_price", "sl", "tp")
    }
    return {
        "order_id": str(order.id),
        "fence": order.fence,
        "event": order.verb,
        "broker_symbol": order.broker_symbol,
        "side": order.side,
        "order_type": order.order_type,
        "volume_lots": _number(order.volume_lots),
        **prices,
        "position_ticket": str(order.position_ticket),
        "trace_id": order.trace_id,
        "valid_until": None if order.valid_until is None else _time(order.valid_until),
        "lease_until": _time(order.lease_until),
    }


def _number(value: Decimal) -> str:
    return decimal_text(Decimal(value))


def _number_or_none(value: Decimal | None) -> str | None:
    return None if value is None else _number(value)


def _time(value: datetime) -> str:
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
