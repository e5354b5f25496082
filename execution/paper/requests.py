"""From an order of the executor API to requests of the broker, and what follows a refusal."""

from decimal import Decimal

from msgspec.structs import replace

from execution.paper.broker import PaperBroker
from execution.paper.terms import (
    AMEND,
    CLOSE,
    DONE,
    INVALID_FILL,
    INVALID_STOPS,
    MODIFY,
    NO_CHANGES,
    OPEN,
    PEND,
    PRICE_OFF,
    REMOVE,
    PaperSymbol,
    TradeRequest,
    TradeResult,
)
from execution.rules.plans import plan_fault
from execution.rules.prices import PriceRefused, PriceScale, target_price, widens_stop
from execution.rules.retcodes import RETRY, retcode_action
from execution.rules.tif import expiration_of, filling_next, tif_rests
from execution.wire.answers import LeasedOrder
from execution.wire.fields import API_MINOR
from execution.wire.plans import Distance

TRIES_MAX = 3
_PRICES = ("limit_price", "stop_price", "sl", "tp", "sl_distance", "tp_distance")
# Which prices an order of a type has: its limit, its stop.
_LEVELS = {
    "market": (False, False),
    "limit": (True, False),
    "stop": (False, True),
    "stop_limit": (True, True),
}


def order_fault(order: LeasedOrder) -> str:
    """Return why this program cannot carry the order out as it is written, or an empty text."""
    if order.needs_minor > API_MINOR:
        return f"needs minor {order.needs_minor}"
    if order.target_order_id and order.event != "amend":
        return "an amend alone names an order"
    if (order.event == "entry" or bool(order.target_order_id)) == bool(order.position_ticket):
        return "an entry names no position, anything else names one"
    if order.event in ("entry", "partial_exit") and order.volume_lots <= 0:
        return "it has no volume"
    if order.sl_distance is not None and order.sl is not None:
        return "it has two stops"
    if order.tp_distance is not None and order.tp is not None:
        return "it has two targets"
    if fault := _plan_fault(order):
        return fault
    return _entry_fault(order) if order.event == "entry" else ""


def _plan_fault(order: LeasedOrder) -> str:
    if order.plan is None:
        return ""
    if order.event != "entry":
        return "a plan belongs to an entry"
    if order.plan.targets and (order.tp is not None or order.tp_distance is not None):
        return "it has a target beside those of its plan"
    has_stop = order.sl is not None or order.sl_distance is not None
    return plan_fault(order.plan, side=order.side, has_stop=has_stop)


def amend_widens(broker: PaperBroker, amend: LeasedOrder) -> bool:
    """Whether an amend would move a position's stop away from the price, which nobody asked for.

    Its plan, or somebody by hand, may have tightened it since the amend was made.
    """
    position = broker.position(amend.position_ticket) if amend.position_ticket else None
    if position is None or position["sl"] is None:
        return False
    return widens_stop(side=position["side"], current=Decimal(position["sl"]), wanted=amend.sl)


def _entry_fault(order: LeasedOrder) -> str:
    told = (order.limit_price is not None, order.stop_price is not None)
    if told != _LEVELS[order.order_type]:
        return f"its prices are not those of a {order.order_type} order"
    if order.order_type == "market":
        return ""
    if not tif_rests(order.tif):
        return f"tif {order.tif} does not rest"
    return "good_until is missing" if order.tif == "gtd" and order.good_until is None else ""


def order_send(broker: PaperBroker, order: LeasedOrder) -> TradeResult:
    """Send the order, and again after a requote or a filling that the symbol does not know.

    Both are refusals: nothing was done. `ioc` and `fok` have no other filling to try.
    """
    symbol, base = _symbol(broker, order.broker_symbol), _base(broker, order)
    if _counts_from_the_fill(order) and (symbol is None or base is None):
        return TradeResult(PRICE_OFF, "no quote")
    refused: list[str] = []
    result = TradeResult(INVALID_FILL, "invalid fill")
    for _ in range(TRIES_MAX):
        if not (filling := filling_next(order.tif, refused)):
            break
        try:
            result = broker.send(request_of(broker, order, symbol, base, filling))
        except PriceRefused as refusal:
            return TradeResult(INVALID_STOPS, refusal.reason)
        if result.retcode == INVALID_FILL:
            refused.append(filling)
        elif retcode_action(result.retcode) != RETRY:
            break
    return result


def pending_remove(broker: PaperBroker, order_id: int) -> TradeResult:
    """Take back what rests under an order's number."""
    return broker.send(TradeRequest(REMOVE, order_id, "", ""))


def stops_are_set(broker: PaperBroker, order: LeasedOrder, position_ticket: int) -> bool:
    """Count stop and target from the price of the fill, which nobody knew before.

    Whether that is done: a position that is closed needs none any more.
    """
    position, symbol = broker.position(position_ticket), _symbol(broker, order.broker_symbol)
    if position is None or symbol is None or not _counts_from_the_fill(order):
        return True
    opened = Decimal(position["price"])
    result = broker.send(
        TradeRequest(
            action=MODIFY,
            magic=order.order_id,
            symbol=order.broker_symbol,
            side=order.side,
            sl=_stop(order, order.sl, order.sl_distance, opened, symbol, is_stop=True),
            tp=_stop(order, order.tp, order.tp_distance, opened, symbol, is_stop=False),
            position_ticket=position_ticket,
        )
    )
    return result.retcode in (DONE, NO_CHANGES)


def position_close(broker: PaperBroker, position_ticket: int) -> None:
    """Close a position that the server wants closed; one that is closed already stays so."""
    if (one := broker.position(position_ticket)) is not None:
        broker.send(
            TradeRequest(CLOSE, 0, one["symbol"], one["side"], position_ticket=position_ticket)
        )


def spread_is_too_wide(broker: PaperBroker, order: LeasedOrder) -> bool:
    """Whether the order is not to be sent at this spread."""
    symbol, quote = _symbol(broker, order.broker_symbol), broker.quote(order.broker_symbol)
    if order.spread_points_max is None or symbol is None or quote is None:
        return False
    return quote.ask - quote.bid > order.spread_points_max * symbol.tick_size


def request_of(
    broker: PaperBroker,
    order: LeasedOrder,
    symbol: PaperSymbol | None,
    base: Decimal | None,
    filling: str,
) -> TradeRequest:
    """Return the broker's request; an `exit` closes all that is open when it is sent."""
    return TradeRequest(
        action=_action(order),
        magic=order.target_order_id or order.order_id,
        symbol=order.broker_symbol,
        side=order.side,
        volume_lots=_volume(broker, order),
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
    )


def _action(order: LeasedOrder) -> str:
    if order.event == "entry":
        return OPEN if order.order_type == "market" else PEND
    if order.event == "amend":
        return AMEND if order.target_order_id else MODIFY
    return CLOSE


def entry_amended(entry: LeasedOrder, amend: LeasedOrder) -> LeasedOrder:
    """Return the entry with the prices that the amend has given it, also for its fill."""
    return replace(entry, **{name: getattr(amend, name) for name in _PRICES})


def _volume(broker: PaperBroker, order: LeasedOrder) -> Decimal:
    """An exit closes all that is open, which no volume says; a part is no more than is open."""
    if order.event == "exit":
        return Decimal(0)
    position = broker.position(order.position_ticket) if order.event == "partial_exit" else None
    open_lots = order.volume_lots if position is None else Decimal(position["volume"])
    return min(order.volume_lots, open_lots)


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
