"""What the paper broker refuses, as MT5's return codes; 0 where it takes the request."""

from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from execution.paper.numbers import day_end
from execution.paper.terms import (
    INVALID_EXPIRATION,
    INVALID_FILL,
    INVALID_PRICE,
    INVALID_STOPS,
    INVALID_VOLUME,
    PaperSymbol,
    Quote,
    TradeRequest,
)

_REASONS = {
    INVALID_VOLUME: "invalid volume",
    INVALID_FILL: "invalid fill",
    INVALID_PRICE: "invalid price",
    INVALID_STOPS: "invalid stops",
    INVALID_EXPIRATION: "invalid expiration",
}


def words_of(code: int) -> str:
    """Return what the broker says beside a code of this module."""
    return _REASONS[code]


def volume_is_right(volume: Decimal, symbol: PaperSymbol) -> bool:
    """Whether the symbol is sold in such a volume."""
    return symbol.lot_min <= volume <= symbol.lot_max and volume % symbol.lot_step == 0


def judge_market(request: TradeRequest, symbol: PaperSymbol) -> int:
    """Judge what needs no price of an order that is to be filled at once."""
    if not volume_is_right(request.volume_lots, symbol):
        return INVALID_VOLUME
    return 0 if request.filling in symbol.fillings else INVALID_FILL


def judge_stops(request: TradeRequest, price: Decimal) -> int:
    """Judge whether stop, price and target stand in their order."""
    ladder = [one for one in (request.sl, price, request.tp) if one is not None]
    if request.side == "sell":
        ladder.reverse()
    return 0 if all(low < high for low, high in pairwise(ladder)) else INVALID_STOPS


def judge_resting(
    request: TradeRequest, symbol: PaperSymbol, quote: Quote, moment: datetime
) -> int:
    """Judge an order that is to rest."""
    if not volume_is_right(request.volume_lots, symbol):
        return INVALID_VOLUME
    ends_at = ends_at_of(request, moment)
    if ends_at is not None and ends_at <= moment:
        return INVALID_EXPIRATION
    return judge_levels(request, quote)


def judge_levels(request: TradeRequest, quote: Quote) -> int:
    """Judge the prices of a resting order: a limit waits for a better price, a stop for a worse
    one, and the limit of a stop-limit order is no worse than the stop that it waits for.
    """
    limit, stop = request.limit_price, request.stop_price
    level = stop if limit is None else limit
    if level is None:
        return INVALID_PRICE
    market = quote.price_for(request.side)
    up = Decimal(1 if request.side == "buy" else -1)
    waits_for = stop if stop is not None else limit
    assert waits_for is not None
    is_ahead = (waits_for - market) * up > 0
    if is_ahead != (stop is not None) or waits_for == market:
        return INVALID_PRICE
    if limit is not None and stop is not None and (limit - stop) * up > 0:
        return INVALID_PRICE
    return judge_stops(request, level)


def ends_at_of(request: TradeRequest, moment: datetime) -> datetime | None:
    """When a resting order is taken away: at its moment, or at the end of the broker's day."""
    if request.expiration == "day":
        return day_end(moment)
    return request.good_until if request.expiration == "specified" else None
