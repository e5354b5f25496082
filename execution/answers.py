"""Rows and verdicts → the executor API's answers."""

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from execution.models import BrokerAccount, Order, SymbolMap
from execution.rules.messages import ReportVerdict
from execution.rules.switches import ACTIVE
from execution.selectors.switches import account_state
from execution.services.claims import LEASE_SECONDS
from execution.services.leases import PERMIT_SECONDS, PollAnswer
from execution.services.sessions import HelloAnswer
from execution.wire import answers as told
from execution.wire import body_of
from execution.wire.fields import API_MINOR, Lots, MomentText, Price, PriceAboveZero, Ticket
from execution.wire.plans import Distance, Plan
from signals.services.bars import BarsRecorded

POLL_SECONDS = "0.5"


def hello_answer(answer: HelloAnswer, *, wait_offered: bool) -> told.HelloReply:
    """Limits, symbols, orders that are still out, and the last report number we have."""
    account = answer.account
    return told.HelloReply(
        account=_account(account),
        limits=told.AccountLimits(Lots(account.order_lots_max), Lots(account.open_lots_max)),
        symbols=tuple(_symbol(row) for row in answer.symbols),
        orders=tuple(
            told.OrderOut(Ticket(order.id), order.fence, order.state) for order in answer.orders
        ),
        last_seq=answer.last_seq,
        poll_seconds=POLL_SECONDS,
        lease_seconds=LEASE_SECONDS,
        permit_seconds=PERMIT_SECONDS,
        wait_offered=wait_offered,
        server_time=MomentText.of(answer.server_time),
        api_minor=API_MINOR,
        refused_symbols=tuple(told.RefusedSymbol(*one) for one in answer.refused_symbols),
    )


def poll_answer(answer: PollAnswer) -> told.PollReply:
    """Leased orders, the permit, and the commands that hold until a report closes them."""
    permitted = tuple(
        told.PermittedOrder(Ticket(order.id), order.fence) for order in answer.permitted
    )
    return told.PollReply(
        orders=tuple(_order(order) for order in answer.orders),
        permit=told.Permit(answer.entries_allowed, PERMIT_SECONDS, permitted),
        desired=(
            *(
                told.DesiredCommand(Ticket(one.order.id), one.order.fence, one.command)
                for one in answer.desired
            ),
            *([told.DesiredCommand(Ticket(), 0, "kill")] if answer.is_killed else ()),
        ),
        server_time=MomentText.of(answer.server_time),
    )


def reports_answer(
    verdicts: Sequence[ReportVerdict], gaps: Sequence[tuple[int, int]], moment: datetime
) -> told.ReportsReply:
    """One verdict per report in the order sent, and the sequence numbers never seen."""
    return told.ReportsReply(
        reports=tuple(
            told.Verdict(one.report_id, one.verdict, one.applied, one.reason) for one in verdicts
        ),
        gaps=tuple(told.Gap(first, last) for first, last in gaps),
        server_time=MomentText.of(moment),
    )


def heartbeat_answer(account: BrokerAccount) -> told.HeartbeatReply:
    """The account's state, so that the executor shows it."""
    assert account.heartbeat_at is not None
    return told.HeartbeatReply(_account(account), MomentText.of(account.heartbeat_at))


def bars_answer(done: BarsRecorded, moment: datetime) -> told.BarsReply:
    """What became of the bars that were told."""
    return told.BarsReply(done.added, done.revised, done.known, MomentText.of(moment))


def _account(account: BrokerAccount) -> told.AccountFacts:
    return told.AccountFacts(
        id=Ticket(account.id),
        name=account.name,
        book=account.book,
        state="active" if account_state(account.id) == ACTIVE else "halted",
        margin_mode=account.margin_mode,
    )


def _symbol(row: SymbolMap) -> told.MappedSymbol:
    return told.MappedSymbol(row.instrument, row.broker_symbol, row.is_confirmed)


def _order(order: Order) -> told.LeasedOrder:
    assert order.lease_until is not None
    return told.LeasedOrder(
        order_id=Ticket(order.id),
        fence=order.fence,
        event=order.verb,
        broker_symbol=order.broker_symbol,
        side=order.side,
        order_type=order.order_type,
        volume_lots=Lots(order.volume_lots),
        limit_price=_price(order.limit_price),
        stop_price=_price(order.stop_price),
        sl=None if order.sl_unit else _price(order.sl),
        tp=None if order.tp_unit else _price(order.tp),
        position_ticket=Ticket(order.position_ticket),
        trace_id=order.trace_id,
        valid_until=None if order.valid_until is None else MomentText.of(order.valid_until),
        lease_until=MomentText.of(order.lease_until),
        needs_minor=order.needs_minor,
        tif=order.tif,
        good_until=None if order.good_until is None else MomentText.of(order.good_until),
        deviation_points=order.deviation_points,
        spread_points_max=order.spread_points_max,
        sl_distance=_distance(order.sl_unit, order.sl_distance),
        tp_distance=_distance(order.tp_unit, order.tp_distance),
        target_order_id=Ticket(order.target_order_id or 0),
        plan=_plan(order.plan),
    )


def _plan(plan: str) -> Plan | None:
    """The same plan in the wire's words; the table has none that cannot be meant."""
    if not plan:
        return None
    return body_of(Plan, **json.loads(plan, object_hook=_with_unit))


def _with_unit(members: dict[str, Any]) -> dict[str, Any]:
    return {"unit" if name == "kind" else name: value for name, value in members.items()}


def _distance(unit: str, value: Decimal | None) -> Distance | None:
    return None if value is None else Distance(unit, PriceAboveZero(value))


def _price(value: Decimal | None) -> Price | None:
    return None if value is None else Price(value)
