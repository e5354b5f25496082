"""From an order of the executor API to a request of the broker."""

from decimal import Decimal
from typing import Any

from execution.paper.terms import TradeRequest

RESTING = ("limit", "stop", "stop_limit")


def request_of(order_id: str, order: dict[str, Any]) -> TradeRequest:
    """Return the broker's request; an `exit` closes all that is open when it is sent."""
    event = order["event"]
    if event == "entry":
        action = "pending" if order["order_type"] in RESTING else "open"
    else:
        action = "modify" if event == "amend" else "close"
    volume = Decimal(0) if event == "exit" else Decimal(order["volume_lots"])
    return TradeRequest(
        action=action,
        magic=int(order_id),
        symbol=order["broker_symbol"],
        side=order["side"],
        volume_lots=volume,
        order_type=order["order_type"],
        limit_price=_price(order["limit_price"]),
        stop_price=_price(order["stop_price"]),
        sl=_price(order["sl"]),
        tp=_price(order["tp"]),
        position_ticket=int(order["position_ticket"]),
    )


def _price(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
