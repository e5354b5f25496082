"""Exits and cancels: what lowers risk is staged at once, whatever is halted, late or limited."""

from decimal import Decimal

from django.db import transaction

from execution.models import BrokerAccount, CloseRequest, Order, Position, SymbolMap
from execution.rules import states
from execution.rules.prices import OPPOSITE
from execution.rules.sizing import lots_for_partial
from execution.selectors.trades import TradeOnAccount, account_ids_of
from execution.services.accounts import account_lock
from execution.services.orders import order_close_down, order_on_position
from execution.services.refusals import order_refuse
from signals.intents.legs import Leg
from signals.models import Decision

LOT_FALLBACK = Decimal("0.01")
_CLOSES = ("exit", "close_all")


def exit_stage(*, decision: Decision, actor: str) -> list[Order]:
    """Stop the trade's entries and stage an exit for each of its open positions, per account.

    An entry that is out keeps the decision: `exit_stage_waiting` closes what it may still open.
    """
    orders = []
    for account_id in account_ids_of(decision):
        account = account_lock(account_id)
        trade = TradeOnAccount(decision=decision, account_id=account_id)
        is_idle = not trade.positions and all(order.has_ended for order in trade.entries)
        if decision.verb != "partial_exit":
            _close_down(trade.entries, decision, actor)
        for position in trade.positions:
            orders.append(_exit_order(decision, account, position, actor))
        if is_idle:
            orders.append(_nothing(decision, account, actor, "no_open_position"))
    return orders


def cancel_stage(*, decision: Decision, actor: str) -> list[Order]:
    """Stop the trade's entries that are not filled; positions stay as they are."""
    orders: list[Order] = []
    for account_id in account_ids_of(decision):
        account = account_lock(account_id)
        trade = TradeOnAccount(decision=decision, account_id=account_id)
        entries = [order for order in trade.entries if not order.has_ended]
        _close_down(entries, decision, actor)
        if not entries:
            orders.append(_nothing(decision, account, actor, "nothing_to_cancel"))
    return orders


@transaction.atomic
def exit_stage_waiting(*, order_id: int, actor: str) -> list[Order]:
    """Close what an entry opened although its trade was closed meanwhile.

    Called whenever an entry ends or a position changes; waits until the entry order has ended.
    """
    entry = Order.objects.select_related("closing_decision", "closing_request").get(id=order_id)
    decision, request = entry.closing_decision, entry.closing_request
    if not entry.has_ended or not (request or (decision and decision.verb in _CLOSES)):
        return []
    account = account_lock(entry.account_id)
    positions = Position.objects.filter(order=entry, closed_at__isnull=True).order_by("id")
    if request is not None:
        return [exit_asked(request, one, actor) for one in positions if not exit_is_out(one)]
    assert decision is not None
    return [_exit_order(decision, account, position, actor) for position in positions]


def exit_asked(request: CloseRequest, position: Position, actor: str) -> Order:
    """Stage the exit of a whole position that a person asked for, once for each request."""
    return exit_order_stage(
        cause=request, position=position, lots=lots_to_close(position), actor=actor
    )


def exit_is_out(position: Position) -> bool:
    """Whether an exit of the whole position is on its way; a second would find nothing to close."""
    rows = Order.objects.filter(
        account=position.account_id, position_ticket=position.position_ticket, verb="exit"
    )
    return rows.exclude(state__in=(*states.ORDER_ENDS, states.UNKNOWN)).exists()


def _close_down(entries: list[Order], decision: Decision, actor: str) -> None:
    reason = "cancel_decided" if decision.verb.startswith("cancel") else "exit_decided"
    for order in entries:
        order_close_down(order=order, decision_id=decision.id, reason=reason, actor=actor)


def _nothing(decision: Decision, account: BrokerAccount, actor: str, reason: str) -> Order:
    return order_refuse(decision=decision, account=account, reason=reason, actor=actor)


def _exit_order(
    decision: Decision, account: BrokerAccount, position: Position, actor: str
) -> Order:
    """Stage the exit of one position once. An exit closes all that is open when it is sent."""
    lots, reason = _exit_lots(decision, account, position)
    if reason:
        return order_refuse(
            decision=decision,
            account=account,
            reason=reason,
            actor=actor,
            position_ticket=position.position_ticket,
            trace_id=position.trace_id,
        )
    return exit_order_stage(cause=decision, position=position, lots=lots, actor=actor)


def exit_order_stage(
    *,
    cause: Decision | CloseRequest,
    position: Position,
    lots: Decimal,
    actor: str,
    attempt: int = 1,
) -> Order:
    """Order so many lots of the position to be closed; all that is open is an `exit`."""
    return order_on_position(
        cause=cause,
        position=position,
        actor=actor,
        verb="exit" if lots >= lots_to_close(position) else "partial_exit",
        side=OPPOSITE[position.side],
        volume_lots=lots,
        attempt=attempt,
    )


def lots_to_close(position: Position) -> Decimal:
    """What is open; while the broker closes and opens it anew, what it then will be."""
    lots: Decimal = position.volume_open_lots or position.volume_base_lots
    return lots


def _exit_lots(
    decision: Decision, account: BrokerAccount, position: Position
) -> tuple[Decimal, str]:
    if decision.verb != "partial_exit":
        return lots_to_close(position), ""
    close_pct = Leg.from_json(decision.leg).close_pct
    if close_pct is None:
        return Decimal(0), "close_pct_missing"
    symbol = SymbolMap.objects.filter(account=account, instrument=position.instrument).first()
    step = (symbol.lot_step if symbol else None) or LOT_FALLBACK
    lot_min = (symbol.lot_min if symbol else None) or step
    sized = lots_for_partial(
        start_lots=position.volume_base_lots,
        open_lots=lots_to_close(position),
        close_pct=close_pct,
        step=step,
        lot_min=lot_min,
    )
    return sized.lots, sized.reason
