"""An amend of an order that rests: at the paper broker, and in what the executor keeps of it."""

from msgspec.structs import replace

from execution.paper.book import Book
from execution.paper.numbers import stops_are_right, text_or_none
from execution.paper.terms import DONE, INVALID_ORDER, INVALID_STOPS, TradeRequest, TradeResult
from execution.wire.answers import LeasedOrder

_LEVELS = ("limit_price", "stop_price", "sl", "tp", "sl_distance", "tp_distance")


def pending_reprice(book: Book, request: TradeRequest) -> TradeResult:
    """Give what rests under the magic all the prices of the request; its end stays."""
    found = book.pendings(request.magic)
    level = request.limit_price or request.stop_price
    if not found or level is None:
        return TradeResult(INVALID_ORDER, "no such order")
    if not stops_are_right(request, level):
        return TradeResult(INVALID_STOPS, "invalid stops")
    told = {
        "limit": text_or_none(request.limit_price),
        "stop": text_or_none(request.stop_price),
        "sl": text_or_none(request.sl),
        "tp": text_or_none(request.tp),
    }
    for pending in found:
        book.pending_drop(pending["ticket"])
        book.pending_put(pending["ticket"], request.magic, {**pending, **told})
    return TradeResult(DONE, "done", found[0]["ticket"])


def entry_amended(entry: LeasedOrder, amend: LeasedOrder) -> LeasedOrder:
    """Return the entry with the prices that the amend has given it."""
    return replace(entry, **{name: getattr(amend, name) for name in _LEVELS})
