"""Orders by their deals: what was filled, where that takes the order, and what is odd about it."""

from decimal import Decimal

from django.db import connection

from execution.models import Deal, Order
from execution.rules import states
from execution.rules.matching import Match
from execution.selectors.deals import FilledLots
from execution.services.accounts import account_halt_by_rule
from execution.services.orders import order_move
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open
from fusion_project.text.formats import plain_number

# Nobody can have sent such an order, or its executor said that it did not.
_CONTRADICTED = (states.STAGED, states.REJECTED)
_WAS_OVER = (states.CANCELLED, states.EXPIRED)


def order_add_up(order_id: int) -> None:
    """Set the order's filled lots to what its deals add up to."""
    Order.objects.filter(id=order_id).update(filled_lots=FilledLots("id"))


def sums_check() -> None:
    """Ask now what is asked at commit: whether orders and positions are what their deals say."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def order_fill(*, order: Order, deal: Deal, match: Match, actor: str) -> None:
    """Count a deal of the order, whatever its fence and its state: the deal is the truth."""
    was = order.state
    filled = _lots_filled(order.id)
    new = states.state_by_fills(was, filled=filled, ordered=order.volume_lots)
    is_moved = new != was and order_move(
        order=order, new=new, actor=actor, late=True, filled_lots=filled
    )
    if not is_moved:
        order_add_up(order.id)
        order.refresh_from_db()
    _check(order, deal, match, was)


def _lots_filled(order_id: int) -> Decimal:
    lots: Decimal = Order.objects.values_list(FilledLots("id"), flat=True).get(id=order_id)
    return lots


def order_contradicted(*, order: Order, told: str) -> None:
    """Check a report that an order is over against what its deals say. Call after it was stored."""
    if not order.filled_lots:
        return
    if told in (states.REJECTED, states.STAGED):
        _halt(order, kinds.DEAL_UNEXPECTED, f"order {order.id} was told as {told}, but has deals")
    elif told in _WAS_OVER and order.state == states.FILLED:
        _tell_late(order, f"order {order.id} was told as {told}, but its deals fill it")


def _check(order: Order, deal: Deal, match: Match, was: str) -> None:
    lots = f"{plain_number(order.filled_lots)} of {plain_number(order.volume_lots)} lots"
    words = f"deal {deal.ticket} for order {order.id}, which was {was}, {lots}"
    if was in _CONTRADICTED or (was in _WAS_OVER and order.fence == 0):
        _halt(order, kinds.DEAL_UNEXPECTED, words)
    elif was in _WAS_OVER:
        _tell_late(order, words)
    # An exit closes all that is open when it is sent, also what came to it meanwhile.
    if order.filled_lots > order.volume_lots and order.verb != "exit":
        _halt(order, kinds.ORDER_OVERFILLED, words)
    if match.oddity:
        _halt(order, kinds.DEAL_MISMATCHED, f"{words}: {match.oddity}")


def _halt(order: Order, kind: str, note: str) -> None:
    account_halt_by_rule(
        account_id=order.account_id, kind=kind, note=note[:500], trace_id=order.trace_id
    )


def _tell_late(order: Order, note: str) -> None:
    incident_open(
        kind=kinds.FILL_LATE,
        subject=subject_of(Order, order.id),
        note=note,
        trace_id=order.trace_id,
    )
