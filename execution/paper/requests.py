"""From an order of the executor API to requests of the broker, and what follows a refusal."""

from decimal import Decimal

from execution.paper.broker import PaperBroker
from execution.paper.terms import (
    INVALID_FILL,
    INVALID_STOPS,
    PRICE_OFF,
    REQUOTE,
    PaperSymbol,
    TradeRequest,
    TradeResult,
)
from execution.rules.prices import PriceRefused, PriceScale, target_price
from execution.rules.tif import expiration_of, filling_next, tif_rests
from execution.wire.answers import Distance, LeasedOrder
from execution.wire.deals import ReportedDeal

TRIES_MAX = 3


def order_send(broker: PaperBroker, order: LeasedOrder) -> TradeResult:
    """Send the order, and again after a requote or a filling that the symbol does not know.

    Both are refusals: nothing was done. `ioc` and `fok` have no other filling to try.
    """
    symbol, base = _symbol(broker, order.broker_symbol), _base(broker, order)
    if _counts_from_the_fill(order) and (symbol is None or base is None):
        return TradeResult(PRICE_OFF, "no quote")
    refused: list[str] = []
    result = TradeResult(INVALID_FILL, "invalid fill")
    for attempt in range(TRIES_MAX):
        if not (filling := filling_next(order.tif, refused)):
            break
        try:
            result = broker.send(request_of(order, symbol, base, filling, attempt))
        except PriceRefused as refusal:
            return TradeResult(INVALID_STOPS, refusal.reason)
        if result.retcode == INVALID_FILL:
            refused.append(filling)
        elif result.retcode != REQUOTE:
            break
    return result


def stops_adjust(broker: PaperBroker, order: LeasedOrder, deal: ReportedDeal) -> None:
    """Count stop and target from the price of the fill, which nobody knew before."""
    symbol = _symbol(broker, deal.symbol)
    if not _counts_from_the_fill(order) or symbol is None:
        return
    broker.send(
        TradeRequest(
            action="modify",
            magic=order.order_id,
            symbol=deal.symbol,
            side=order.side,
            sl=_stop(order, order.sl, order.sl_distance, deal.price, symbol, is_stop=True),
            tp=_stop(order, order.tp, order.tp_distance, deal.price, symbol, is_stop=False),
            position_ticket=deal.position_ticket,
        )
    )


def position_close(broker: PaperBroker, position_ticket: int) -> None:
    """Close a position that the server wants closed; one that is closed already stays so."""
    for one in broker.positions():
        if one["ticket"] == position_ticket:
            request = TradeRequest(
                "close", 0, one["symbol"], one["side"], position_ticket=position_ticket
            )
            broker.send(request)


def spread_is_too_wide(broker: PaperBroker, order: LeasedOrder) -> bool:
    """Whether the order is not to be sent at this spread."""
    symbol, quote = _symbol(broker, order.broker_symbol), broker.quote(order.broker_symbol)
    if order.spread_points_max is None or symbol is None or quote is None:
        return False
    return quote.ask - quote.bid > order.spread_points_max * symbol.tick_size


def request_of(
    order: LeasedOrder,
    symbol: PaperSymbol | None,
    base: Decimal | None,
    filling: str,
    attempt: int,
) -> TradeRequest:
    """Return the broker's request; an `exit` closes all that is open when it is sent."""
    rests = order.order_type != "market"
    if order.event == "entry":
        action = "pending" if rests else "open"
    elif order.event == "amend":
        action = "reprice" if order.target_order_id else "modify"
    else:
        action = "close"
    return TradeRequest(
        action=action,
        magic=order.target_order_id or order.order_id,
        symbol=order.broker_symbol,
        side=order.side,
        volume_lots=Decimal(0) if order.event == "exit" else order.volume_lots,
        order_type=order.order_type,
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        sl=_stop(order, order.sl, order.sl_distance, base, symbol, is_stop=True),
        tp=_stop(order, order.tp, order.tp_distance, base, symbol, is_stop=False),
        position_ticket=order.position_ticket,
        filling=filling,
        expiration=expiration_of(order.tif) if tif_rests(order.tif) else "gtc",
        good_until=None if order.good_until is None else order.good_until.at,
        deviation_points=order.deviation_points,
        attempt=attempt,
    )


def _stop(
    order: LeasedOrder,
    price: Decimal | None,
    distance: Distance | None,
    base: Decimal | None,
    symbol: PaperSymbol | None,
    *,
    is_stop: bool,
) -> Decimal | None:
    if distance is None or symbol is None:
        return price
    return target_price(
        kind=distance.unit,
        value=distance.value,
        base=base,
        side=order.side,
        is_stop=is_stop,
        scale=PriceScale(symbol.digits, symbol.tick_size),
    )


def _counts_from_the_fill(order: LeasedOrder) -> bool:
    return order.sl_distance is not None or order.tp_distance is not None


def _base(broker: PaperBroker, order: LeasedOrder) -> Decimal | None:
    """Return the price that the fill is expected at."""
    if level := order.limit_price or order.stop_price:
        return level
    quote = broker.quote(order.broker_symbol)
    return None if quote is None else quote.price_for(order.side)


def _symbol(broker: PaperBroker, name: str) -> PaperSymbol | None:
    return next((one for one in broker.symbols if one.symbol == name), None)
