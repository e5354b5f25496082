"""Closed positions with their deals and events, as execution stores them."""

import datetime as dt
from dataclasses import fields
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import transaction

from execution.models import BrokerAccount, Order, Position, SymbolMap
from execution.rules.folding import Folded, position_folded
from execution.selectors.deals import deal_as_reported, deal_list_of_position
from execution.selectors.shares import shares_of_deals
from execution.services.fills import order_add_up
from execution.services.staging import decision_stage
from fusion_project.events import names
from fusion_project.events.log import record
from tests.builders.execution import account_subscribe, decision_make, strategy_make
from tests.factories.execution import DealFactory, ReportFactory, SymbolMapFactory
from tests.factories.treasury import MOMENT, TRACE
from treasury.models import DealPosting

_numbers = count(1)
_FOLDED = {one.name for one in fields(Folded)} - {"is_complete"}
_ORDERED = ("decision_id", "strategy_id", "instrument", "trace_id", "trade_ref")
_MINUTE = dt.timedelta(minutes=1)


@transaction.atomic
def position_make(
    account: BrokerAccount,
    *,
    net: Decimal = Decimal(10),
    closed_at: dt.datetime | None = MOMENT,
    **facts: Any,
) -> Position:
    """A position of 0.10 lots that gained 10; with `position.closed` if it is closed.

    An order opened it, whose decision says nothing either way (p 0.5); `order=None`: by hand.
    """
    defaults: dict[str, Any] = {
        "position_ticket": 700,
        "instrument": "EURUSD",
        "trace_id": TRACE,
        "price_requested": Decimal("1.10"),
        "close_price_requested": Decimal("1.11"),
        "updated_at": MOMENT,
        "ack_latency_ms": 0,
    }
    facts = defaults | facts
    if "order" not in facts:
        facts["order"] = _entry(account, facts["trace_id"])
    order = facts["order"]
    ticket = facts["position_ticket"]
    _deal(account, ticket, (closed_at or MOMENT) - _MINUTE, entry="in", order=order)
    if order is not None:
        facts |= {name: getattr(order, name) for name in _ORDERED}
        order_add_up(order.pk)
    if closed_at is not None:
        _deal(account, ticket, closed_at, entry="out", kind="sell", price=Decimal("1.11"))
    facts = _added_up(account, ticket, net) | facts
    position = Position.objects.create(account=account, **facts)
    if closed_at is not None:
        _closed(position)
    return position


@transaction.atomic
def position_refold(
    position: Position, *, net: Decimal | None = None, is_closed: bool | None = None
) -> None:
    """What further deals do: the next fold, told again. `is_closed`: they open or close it."""
    account, ticket = position.account, position.position_ticket
    if is_closed is not None:
        entry, kind = ("out", "sell") if is_closed else ("in", "buy")
        at = position.updated_at + position.fold_revision * _MINUTE
        _deal(account, ticket, at, entry=entry, kind=kind)
    Position.objects.filter(id=position.pk).update(
        fold_revision=position.fold_revision + 1,
        **_added_up(account, ticket, position.net if net is None else net),
    )
    position.refresh_from_db()
    _closed(position)


def _entry(account: BrokerAccount, trace_id: str) -> Order:
    """An entry on the account of a strategy of its own."""
    strategy = strategy_make()
    BrokerAccount.objects.filter(id=account.pk, equity=None).update(equity=10_000)
    if not SymbolMap.objects.filter(account=account).exists():
        SymbolMapFactory(account=account)
    account_subscribe(strategy, account)
    decision = decision_make(strategy, trace_id=trace_id, p_final="0.5")
    (order,) = decision_stage(decision_id=decision.pk)
    return order


def _deal(account: BrokerAccount, position_ticket: int, at: dt.datetime, **facts: Any) -> None:
    """A deal of 0.10 lots that the ledger has nothing to post for."""
    number = next(_numbers)
    report = ReportFactory(account=account, report_id=f"fold-{number}")
    told = {"time_msc": int(at.timestamp() * 1000), "at": at, **facts}
    deal = DealFactory(
        report=report, ticket=700_000 + number, position_ticket=position_ticket, **told
    )
    DealPosting.objects.create(deal=deal, state="nothing", reason="by a builder", at=MOMENT)


def _added_up(account: BrokerAccount, position_ticket: int, net: Decimal) -> dict[str, Any]:
    """What the deals fold to, after a charge of what was missing for this net."""
    missing = net - _fold(account, position_ticket).net
    if missing:
        charge = {"kind": "charge", "entry": "", "volume_lots": 0, "profit": missing}
        _deal(account, position_ticket, MOMENT, **charge)
    folded = _fold(account, position_ticket)
    deals = deal_list_of_position(account_id=account.pk, position_ticket=position_ticket)
    shares = shares_of_deals(deals)
    parts = {"volume_foreign_lots": shares.foreign_lots, "net_foreign": shares.foreign_net}
    return {**{name: getattr(folded, name) for name in _FOLDED}, **parts}


def _fold(account: BrokerAccount, position_ticket: int) -> Folded:
    deals = deal_list_of_position(account_id=account.pk, position_ticket=position_ticket)
    folded = position_folded([deal_as_reported(deal) for deal in deals])
    assert folded is not None
    return folded


def _closed(position: Position) -> None:
    record(
        names.POSITION_CLOSED,
        subject=f"execution.position:{position.pk}",
        trace_id=position.trace_id,
        actor="system",
        detail={
            "account_id": position.account_id,
            "position_ticket": position.position_ticket,
            "fold_revision": position.fold_revision,
            "net": position.net,
        },
    )
