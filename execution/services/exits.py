"""Exits and cancels: what lowers risk is staged at once, whatever is halted, late or limited."""

from decimal import Decimal

from django.db import transaction

from execution.models import BrokerAccount, CloseRequest, Order, Position, SymbolMap
from execution.rules import states
from execution.rules.prices import OPPOSITE
from execution.rules.sizing import OpenPart, floor_to_step, lots_of_parts, parts_shortfall
from execution.selectors.shares import lots_on_the_way, others_may_open
from execution.selectors.trades import Held, TradeOnAccount, account_ids_of, held_by_entry
from execution.services.accounts import account_lock
from execution.services.orders import order_close_down, order_on_position
from execution.services.refusals import order_refuse
from execution.wire.fields import number_text
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open
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
        is_idle = not trade.held and all(order.has_ended for order in trade.entries)
        if decision.verb != "partial_exit":
            _close_down(trade.entries, decision, actor)
        if decision.verb == "partial_exit":
            orders += _part_orders(decision, account, trade.held, actor)
        else:
            orders += [_exit_order(decision, account, held, actor) for held in trade.held]
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
    entry.account = account
    held = held_by_entry(entry)
    if request is not None:
        asked = [one.position for one in held if not exit_is_out(one.position)]
        return [order for one in asked if (order := exit_asked(request, one, actor))]
    assert decision is not None
    orders = [(one, _attempt_next(decision, one)) for one in held]
    return [_exit_order(decision, account, one, actor, at) for one, at in orders if at]


def _attempt_next(decision: Decision, held: Held) -> int:
    """Number of the exit that the decision needs of what an entry has opened; 0 while one is out.

    Several trades may share a netting position: one that opens more of it after the others' exit
    was ordered is closed by the next.
    """
    rows = Order.objects.filter(
        decision=decision,
        account=held.position.account_id,
        position_ticket=held.position.position_ticket,
    )
    last = rows.order_by("attempt").last()
    if last is None or held.position.account.margin_mode != "netting":
        return 1
    # Of one that was refused, asking again takes care.
    is_done = last.has_ended and 0 < last.volume_lots <= last.filled_lots
    return last.attempt + 1 if is_done else 0


def exit_asked(request: CloseRequest, position: Position, actor: str) -> Order | None:
    """Stage the exit that a person asked for, once for each request: of the whole position, or
    without what is not ours. None where all of that is being closed already.
    """
    lots = position.lots_to_close
    if position.volume_foreign_lots and not request.with_foreign:
        lots = position.lots_of_ours - lots_on_the_way(position)
    if lots <= 0:
        return None
    return exit_order_stage(cause=request, position=position, lots=lots, actor=actor)


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


def _part_orders(
    decision: Decision, account: BrokerAccount, helds: list[Held], actor: str
) -> list[Order]:
    """Stage what a share or an amount takes of all that is held; less than it said is an incident.

    A part of which nothing is taken gets no order, unless nothing is closed at all.
    """
    if not helds:
        return []
    parts = [OpenPart(held.base_lots, held.lots) for held in helds]
    step, lot_min, contract_size = _lot_sizes(account, helds[0].position.instrument)
    share, lots = close_told(Leg.from_json(decision.leg), contract_size)
    if share is None and lots is None:
        return [_refused(decision, account, helds[0], "close_pct_missing", actor)]
    taken = lots_of_parts(parts, close_pct=share, close_lots=lots, step=step, lot_min=lot_min)
    short = parts_shortfall(parts, taken, close_pct=share, close_lots=lots, step=step)
    if short:
        _short_open(decision, account, short)
    if not any(taken):
        return [_refused(decision, account, helds[0], "below_lot_min", actor)]
    return [
        exit_order_stage(
            cause=decision, position=held.position, lots=part, actor=actor, trade=held.entry
        )
        for held, part in zip(helds, taken, strict=True)
        if part
    ]


def close_told(leg: Leg, contract_size: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    """Return the share in percent, or the lots, that a partial exit says; neither where unknown."""
    if leg.size is None:
        return leg.close_pct, None
    if leg.size.mode == "lots":
        return None, leg.size.value
    return None, leg.size.value / contract_size if contract_size else None


def _short_open(decision: Decision, account: BrokerAccount, short: Decimal) -> None:
    incident_open(
        kind=kinds.EXIT_SHORT,
        subject=subject_of(Decision, decision.pk, str(account.pk)),
        note=f"{account.name}: decision {decision.pk} closes {number_text(short)} lots less of"
        f" {decision.instrument} than it said",
        trace_id=decision.trace_id,
    )


def _exit_order(
    decision: Decision, account: BrokerAccount, held: Held, actor: str, attempt: int = 1
) -> Order:
    """Stage the exit of what a trade has of a position, once."""
    lots = _exit_lots(account, held)
    if not lots:
        return _refused(decision, account, held, "below_lot_min", actor)
    return exit_order_stage(
        cause=decision,
        position=held.position,
        lots=lots,
        actor=actor,
        attempt=attempt,
        trade=held.entry,
    )


def _refused(
    decision: Decision, account: BrokerAccount, held: Held, reason: str, actor: str
) -> Order:
    return order_refuse(
        decision=decision,
        account=account,
        reason=reason,
        actor=actor,
        position_ticket=held.position.position_ticket,
        trace_id=held.entry.trace_id if held.entry else held.position.trace_id,
    )


def exit_order_stage(
    *,
    cause: Decision | CloseRequest,
    position: Position,
    lots: Decimal,
    actor: str,
    attempt: int = 1,
    trade: Order | None = None,
) -> Order:
    """Order so many lots of the position to be closed; all that is open is an `exit`.

    `trade`: an entry of the trade that is closed, where others share the position. What they may
    still add to it stays, so the exit of what is open now is one of so many lots.
    """
    is_all = lots >= position.lots_to_close and not others_may_open(position, trade)
    return order_on_position(
        cause=cause,
        position=position,
        actor=actor,
        verb="exit" if is_all else "partial_exit",
        side=OPPOSITE[position.side],
        volume_lots=lots,
        attempt=attempt,
        trade=trade,
    )


def _exit_lots(account: BrokerAccount, held: Held) -> Decimal:
    """All that the trade has of the position; 0 where the broker takes no order for so little."""
    if held.is_whole:
        return held.position.lots_to_close
    step, lot_min, _ = _lot_sizes(account, held.position.instrument)
    lots = floor_to_step(held.lots, step)
    return lots if lots >= lot_min else Decimal(0)


def _lot_sizes(account: BrokerAccount, instrument: str) -> tuple[Decimal, Decimal, Decimal | None]:
    """Lot step, least lots and contract size of the instrument on the account."""
    symbol = SymbolMap.objects.filter(account=account, instrument=instrument).first()
    step = (symbol.lot_step if symbol else None) or LOT_FALLBACK
    lot_min = (symbol.lot_min if symbol else None) or step
    return step, lot_min, symbol.contract_size if symbol else None
