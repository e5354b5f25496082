"""From an order of the executor API to a request of the broker."""

from decimal import Decimal

from execution.paper.terms import TradeRequest
from execution.wire.answers import LeasedOrder

RESTING = ("limit", "stop", "stop_limit")


def request_of(order: LeasedOrder) -> TradeRequest:
    """Return the broker's request; an `exit` closes all that is open when it is sent."""
    if order.event == "entry":
        action = "pending" if order.order_type in RESTING else "open"
    else:
        action = "modify" if order.event == "amend" else "close"
    return TradeRequest(
        action=action,
        magic=order.order_id,
        symbol=order.broker_symbol,
        side=order.side,
        volume_lots=Decimal(0) if order.event == "exit" else order.volume_lots,
        order_type=order.order_type,
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        sl=order.sl,
        tp=order.tp,
        position_ticket=order.position_ticket,
    )
