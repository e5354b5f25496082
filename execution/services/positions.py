"""Positions: folded anew from all their deals, under the account's lock, at every new deal."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from execution.models import BrokerAccount, Deal, Order, Position, SymbolMap
from execution.rules.folding import Folded
from execution.rules.matching import TRADING_KINDS
from execution.rules.prices import PriceRefused, target_price
from execution.selectors.deals import deal_list_of_position, deals_folded
from execution.selectors.resting import order_in_force
from execution.selectors.shares import shares_of_deals
from execution.selectors.symbols import symbol_facts
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open, incident_settle
from fusion_project.text.formats import plain_number
from signals.services.features import feature_record

NOTHING = Decimal(0)
MONEY_STEP = Decimal("0.00000001")
RESULT_STEP = Decimal("0.000000000001")
RESULT_MAX = Decimal(1_000_000)
# A position whose deals were all cancelled has no fold any more; it stays, closed, with no money.
EMPTIED: dict[str, Any] = {
    "volume_open_lots": NOTHING,
    "volume_closed_lots": NOTHING,
    "volume_base_lots": NOTHING,
    "volume_foreign_lots": NOTHING,
    "profit": NOTHING,
    "swap": NOTHING,
    "commission": NOTHING,
    "fee": NOTHING,
    "net": NOTHING,
    "net_foreign": NOTHING,
}
# What the row of a position says that none of our orders opened.
_FOREIGN: dict[str, Any] = {
    "order": None,
    "decision_id": None,
    "strategy_id": None,
    "trade_ref": "",
    "sl": None,
    "tp": None,
    "price_requested": None,
    "ack_latency_ms": None,
}


@transaction.atomic(savepoint=False)
def position_fold(*, account: BrokerAccount, position_ticket: int, actor: str) -> Position | None:
    """Bring the position in line with its deals; None while its opening deal is missing.

    A changed fold raises `fold_revision`. One that is closed records `position.closed`, one that
    was closed and is open again `position.reopened`.
    """
    deals = deal_list_of_position(account_id=account.id, position_ticket=position_ticket)
    folded = deals_folded(deals)
    position = Position.objects.filter(account=account, position_ticket=position_ticket).first()
    was_foreign = position.volume_foreign_lots if position else NOTHING
    if position is not None:
        columns, is_closed = EMPTIED, True
        if folded is not None:
            columns, is_closed = position_columns(folded, deals), folded.closed_at is not None
            _follow_opening(position, folded, _opening_of(deals))
        position = _fold_into(position, columns, is_closed, actor)
    elif folded is not None:
        columns = position_columns(folded, deals)
        position = _position_open(account, position_ticket, folded, deals, columns)
        if folded.closed_at is not None:
            _record(names.POSITION_CLOSED, position, actor)
    if position is not None:
        _tell_shared(position, was_foreign)
    return position


def _tell_shared(position: Position, was_foreign: Decimal) -> None:
    """Tell people as long as somebody else trades in a position of ours: stop and price are one."""
    subject = subject_of(Position, position.id)
    foreign = plain_number(position.volume_foreign_lots)
    if position.is_shared and position.is_open:
        incident_open(
            kind=kinds.POSITION_SHARED,
            subject=subject,
            note=f"{foreign} of {plain_number(position.volume_open_lots)} lots of position"
            f" {position.position_ticket}, {position.instrument}, are not ours",
            trace_id=position.trace_id,
        )
    elif was_foreign:
        incident_settle(kind=kinds.POSITION_SHARED, subject=subject, note="It is shared no more.")


def _fold_into(
    position: Position, columns: dict[str, Any], is_closed: bool, actor: str
) -> Position:
    if all(getattr(position, name) == value for name, value in columns.items()):
        return position
    was_closed = position.closed_at is not None
    if is_closed and columns.get("closed_at") is None:
        columns = {**columns, "closed_at": position.closed_at or now()}
    for name, value in columns.items():
        setattr(position, name, value)
    position.fold_revision += 1
    position.updated_at = now()
    position.save(update_fields=[*columns, "fold_revision", "updated_at"])
    if is_closed:
        _record(names.POSITION_CLOSED, position, actor)
    elif was_closed:
        _record(names.POSITION_REOPENED, position, actor)
    return position


def position_columns(folded: Folded, deals: list[Deal]) -> dict[str, Any]:
    """Return what a position's row says of its deals, by column."""
    names_ = (
        "side",
        "volume_open_lots",
        "volume_closed_lots",
        "volume_base_lots",
        "risk_money",
        "price_open",
        "price_close",
        "profit",
        "swap",
        "commission",
        "fee",
        "net",
        "opened_at",
        "closed_at",
    )
    columns: dict[str, Any] = {name: getattr(folded, name) for name in names_}
    shares = shares_of_deals(deals)
    columns |= {"volume_foreign_lots": shares.foreign_lots, "net_foreign": shares.foreign_net}
    if folded.risk_money is not None:
        columns["risk_money"] = folded.risk_money.quantize(MONEY_STEP)
    closings = [deal for deal in deals if deal.entry in ("out", "out_by")]
    if closings:
        last = max(closings, key=lambda deal: (deal.at, deal.ticket))
        opening = _opening_of(deals)
        columns["close_price_requested"] = _close_price_requested(last, opening.order)
    return columns


def _opening_of(deals: list[Deal]) -> Deal:
    """Return the deal that opened the position."""
    openings = [
        deal
        for deal in deals
        if deal.kind in TRADING_KINDS and deal.entry in ("in", "inout") and deal.volume_lots
    ]
    return min(openings, key=lambda deal: (deal.at, deal.ticket))


def _close_price_requested(deal: Deal, entry: Order | None) -> Decimal | None:
    """What the close asked for: its order's reference, or the level of the stop or target hit."""
    if deal.order is not None:
        asked: Decimal | None = deal.order.ref_price
        return asked
    if deal.reason not in ("sl", "tp"):
        return None
    position = Position.objects.filter(
        account_id=deal.account_id, position_ticket=deal.position_ticket
    ).first()
    level: Decimal | None = getattr(position or entry, deal.reason, None)
    return level


def _position_open(
    account: BrokerAccount,
    position_ticket: int,
    folded: Folded,
    deals: list[Deal],
    columns: dict[str, Any],
) -> Position:
    opening = _opening_of(deals)
    order = opening.order
    return Position.objects.create(
        account=account,
        position_ticket=position_ticket,
        instrument=order.instrument if order else opening.instrument,
        broker_symbol=opening.symbol,
        updated_at=now(),
        **columns,
        **_as_opened(opening, folded.price_open),
    )


def _as_opened(opening: Deal, price_open: Decimal) -> dict[str, Any]:
    """Return what a position's row says of the order that opened it; nothing of a foreign one."""
    order = opening.order
    if order is None:
        return {**_FOREIGN, "trace_id": opening.trace_id}
    prices = order_in_force(order)
    return {
        "order": order,
        "decision_id": order.decision_id,
        "strategy_id": order.strategy_id,
        "trade_ref": order.trade_ref,
        "trace_id": order.trace_id,
        "sl": price_from_fill(prices, "sl", price_open),
        "tp": price_from_fill(prices, "tp", price_open),
        "price_requested": order.ref_price,
        "ack_latency_ms": _latency_ms(order),
    }


def _follow_opening(position: Position, folded: Folded, opening: Deal) -> None:
    """Name another order: an earlier opening deal came in, or one was told with another number."""
    order = opening.order
    is_same = position.order_id == opening.order_id
    if is_same or (order is not None and order.instrument != position.instrument):
        return
    columns = _as_opened(opening, folded.price_open)
    for name, value in columns.items():
        setattr(position, name, value)
    position.save(update_fields=list(columns))


def price_from_fill(order: Order, name: str, price_open: Decimal) -> Decimal | None:
    """Return the stop or target (`sl`, `tp`) that an entry, or its amend, means once filled."""
    price: Decimal | None = getattr(order, name)
    distance: Decimal | None = getattr(order, f"{name}_distance")
    if distance is None:
        return price
    symbol = SymbolMap.objects.get(account=order.account_id, broker_symbol=order.broker_symbol)
    scale = symbol_facts(symbol).scale
    assert scale is not None  # it was staged by the sheet, which is never taken back
    try:
        return target_price(
            kind=getattr(order, f"{name}_unit"),
            value=distance,
            base=price_open,
            side=order.side,
            is_stop=name == "sl",
            scale=scale,
        )
    except PriceRefused:
        # The fill is nearer to zero than the distance: such a stop stands nowhere.
        return None


def _latency_ms(order: Order) -> int | None:
    """Milliseconds from the lease to its acknowledgement; None while either is missing."""
    if order.acknowledged_at is None or order.leased_at is None:
        return None
    return int((order.acknowledged_at - order.leased_at).total_seconds() * 1000)


def _record(name: str, position: Position, actor: str) -> None:
    record(
        name,
        subject=subject_of(Position, position.id),
        trace_id=position.trace_id,
        actor=actor,
        detail={
            "account_id": position.account_id,
            "position_ticket": str(position.position_ticket),
            "fold_revision": position.fold_revision,
            "net": position.net,
        },
    )
    if position.closed_at is not None and position.strategy_id is not None:
        _push_result(position, position.closed_at)


def _push_result(position: Position, closed_at: datetime) -> None:
    """Tell fusion the net result in units of the risked money, or its sign without a stop."""
    net = position.net_of_ours
    if position.risk_money:
        ratio = net / position.risk_money
        result = max(-RESULT_MAX, min(RESULT_MAX, ratio)).quantize(RESULT_STEP)
    else:
        result = Decimal((net > 0) - (net < 0))
    feature_record(
        key=f"trade.result_r:{position.account_id}:{position.position_ticket}"
        f":{position.fold_revision}",
        name="trade.result_r",
        strategy_id=position.strategy_id,
        instrument=position.instrument,
        at=closed_at,
        value=result,
        trace_id=position.trace_id,
    )
