"""One order on a position, and moves: a conditional update along `ORDER_EDGES`, then its event."""

from decimal import Decimal
from typing import Any

from django.db import transaction

from execution.errors import NoteMissing, OrderNotMovable, OrderNotUnknown
from execution.models import CloseRequest, Order, Position
from execution.rules import states
from execution.rules.amending import Levels
from execution.rules.asking_again import RESOLVED_BY_PERSON
from execution.rules.minors import needs_minor
from execution.selectors.unresolved import orders_unresolved
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from signals.models import Decision

EVENT_OF_STATE = {
    states.STAGED: names.ORDER_STAGED,
    states.LEASED: names.ORDER_LEASED,
    states.ACKNOWLEDGED: names.ORDER_ACKNOWLEDGED,
    states.REJECTED: names.ORDER_REJECTED,
    states.CANCELLED: names.ORDER_CANCELLED,
    states.EXPIRED: names.ORDER_EXPIRED,
    states.UNKNOWN: names.ORDER_UNKNOWN,
}

# What a person may say of an unknown order.
OUTCOMES = (states.CANCELLED, states.REJECTED, states.DONE)


def order_event(order: Order, *, actor: str, links: tuple[str, ...] = (), **detail: Any) -> None:
    """Record the event of the state the order is in now; some states have none."""
    name = EVENT_OF_STATE.get(order.state)
    if name is None:
        return
    record(
        name,
        subject=subject_of(Order, order.id),
        trace_id=order.trace_id,
        actor=actor,
        detail={
            "account_id": order.account_id,
            "decision_id": order.decision_id,
            "request_id": order.request_id,
            "verb": order.verb,
            "side": order.side,
            "instrument": order.instrument,
            "volume_lots": order.volume_lots,
            "position_ticket": str(order.position_ticket),
            "fence": order.fence,
            "reason": order.reason,
            **detail,
        },
        links=links,
    )


def order_on_position(
    *,
    cause: Decision | CloseRequest,
    position: Position,
    actor: str,
    verb: str,
    side: str,
    volume_lots: Decimal,
    attempt: int = 1,
    trade: Order | None = None,
    **columns: Any,
) -> Order:
    """Stage what a decision or a person asks of one open position; again, it adds nothing.

    The order is the position's: it bears its symbol, and the trade and trace of the entry `trade`,
    where several share it, or else its own; it names the cause's.
    """
    decision = cause if isinstance(cause, Decision) else None
    of = trade or position
    order, created = Order.objects.get_or_create(
        decision=decision,
        request=cause if isinstance(cause, CloseRequest) else None,
        account_id=position.account_id,
        position_ticket=position.position_ticket,
        target_order=None,
        attempt=attempt,
        defaults={
            "strategy_id": (decision or position).strategy_id,
            "instrument": position.instrument,
            "broker_symbol": position.broker_symbol,
            "trace_id": of.trace_id,
            "trade_ref": of.trade_ref,
            "verb": verb,
            "side": side,
            "volume_lots": volume_lots,
            "ref_price": decision.ref_price if decision else None,
            "staged_at": now(),
            **columns,
        },
    )
    if created:
        links = () if of.trace_id == cause.trace_id else (cause.trace_id,)
        order_event(order, actor=actor, links=links)
    return order


def order_on_entry(
    *, decision: Decision, entry: Order, actor: str, levels: Levels, attempt: int = 1
) -> Order:
    """Stage the prices that an entry which waits shall have from now on; again, it adds nothing.

    It is handed out once the entry rests at the broker.
    """
    columns = levels.columns()
    order, created = Order.objects.get_or_create(
        decision=decision,
        request=None,
        account_id=entry.account_id,
        position_ticket=0,
        target_order=entry,
        attempt=attempt,
        defaults={
            "strategy_id": entry.strategy_id,
            "instrument": entry.instrument,
            "broker_symbol": entry.broker_symbol,
            "trace_id": entry.trace_id,
            "trade_ref": entry.trade_ref,
            "verb": "amend",
            "side": entry.side,
            "order_type": entry.order_type,
            "volume_lots": Decimal(0),
            "ref_price": decision.ref_price,
            "needs_minor": needs_minor({**columns, "target_order_id": entry.id}),
            "staged_at": now(),
            **columns,
        },
    )
    if created:
        links = () if entry.trace_id == decision.trace_id else (decision.trace_id,)
        order_event(order, actor=actor, links=links, target_order_id=str(entry.id))
    return order


def order_move(
    *,
    order: Order,
    new: str,
    actor: str,
    fence: int | None = None,
    late: bool = False,
    links: tuple[str, ...] = (),
    **columns: Any,
) -> bool:
    """Move the order if its present state allows; `fence` also demands the current holder.

    `late`: by deals or their absence, which move also what is over. Returns whether a row changed;
    the instance then shows the new state. Call inside a transaction.
    """
    rows = Order.objects.filter(id=order.id, state__in=states.sources_of(new, late=late))
    if fence is not None:
        rows = rows.filter(fence=fence)
    moment = now()
    columns["ended_at"] = moment if new in states.ORDER_ENDS else None
    if rows.update(state=new, state_at=moment, **columns) != 1:
        return False
    order.refresh_from_db()
    order_event(order, actor=actor, links=links)
    return True


def order_close_down(
    *,
    order: Order,
    reason: str,
    actor: str,
    decision_id: int | None = None,
    request_id: int | None = None,
) -> None:
    """Stop an entry: a staged one is cancelled, one that is out gets `cancel_requested`.

    The decision, or the person's request, is kept on the order, so that a position which still
    opens is closed by it.
    """
    if decision_id is not None:
        Order.objects.filter(id=order.id, closing_decision__isnull=True).update(
            closing_decision_id=decision_id
        )
    if request_id is not None:
        Order.objects.filter(id=order.id, closing_request__isnull=True).update(
            closing_request_id=request_id
        )
    if order.state == states.STAGED:
        order_move(order=order, new=states.CANCELLED, actor=actor, reason=reason)
    elif order.state in states.ORDER_OUT and order.state != states.CANCEL_REQUESTED:
        order_move(order=order, new=states.CANCEL_REQUESTED, actor=actor, reason=reason)
    order.refresh_from_db()


@transaction.atomic
def order_resolve_unknown(*, order_id: int, outcome: str, note: str, actor: str) -> Order:
    """A person decides what became of an order after looking at the broker: of one that is unknown,
    or is being cancelled while the broker shows nothing of it.

    `outcome` is cancelled, rejected or done; handing it out again is not offered. Raises
    NoteMissing, OrderNotMovable, OrderNotUnknown.
    """
    if not note.strip():
        raise NoteMissing
    if outcome not in OUTCOMES:
        raise OrderNotMovable(order_id=str(order_id), state=outcome)
    order = Order.objects.select_for_update(no_key=True).filter(id=order_id).first()
    if order is None or not orders_unresolved().filter(id=order.id).exists():
        raise OrderNotUnknown(order_id=str(order_id), state=order.state if order else "not there")
    if not order_move(
        order=order, new=outcome, actor=actor, reason=RESOLVED_BY_PERSON, message=note[:500]
    ):
        raise OrderNotUnknown(order_id=str(order_id), state=order.state)
    return order
