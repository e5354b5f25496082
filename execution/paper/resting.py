"""Orders that rest at the paper broker: placed, changed, taken back, expired, filled."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from execution.paper.fills import Fills, Order
from execution.paper.floor import Floor
from execution.paper.judging import ends_at_of, judge_levels, judge_resting, words_of
from execution.paper.numbers import decimal_or_none, text_or_none
from execution.paper.terms import (
    CANCELLED,
    DONE,
    EXPIRED,
    FILLED,
    INVALID_ORDER,
    NO_CHANGES,
    OPEN,
    PLACED,
    PRICE_OFF,
    Quote,
    TradeRequest,
    TradeResult,
)
from execution.wire.fields import number_text as text


class Resting:
    """Requests are part of a change that the caller has begun; the market does its own."""

    def __init__(self, floor: Floor, fills: Fills) -> None:
        self._floor = floor
        self._fills = fills
        self._book = floor.book

    def place(self, request: TradeRequest) -> TradeResult:
        symbol, quote = self._floor.symbol(request.symbol), self._floor.quote(request.symbol)
        if symbol is None or quote is None:
            return TradeResult(PRICE_OFF, "no quote")
        now = self._floor.clock()
        if code := judge_resting(request, symbol, quote, now):
            return TradeResult(code, words_of(code))
        ends_at = ends_at_of(request, now)
        ticket = self._book.ticket_next()
        self._keep(
            {
                "ticket": ticket,
                "magic": request.magic,
                "symbol": request.symbol,
                "side": request.side,
                "volume": text(request.volume_lots),
                "limit": text_or_none(request.limit_price),
                "stop": text_or_none(request.stop_price),
                "sl": text_or_none(request.sl),
                "tp": text_or_none(request.tp),
                "ends_at": None if ends_at is None else ends_at.isoformat(),
            }
        )
        return TradeResult(PLACED, "placed", ticket)

    def amend(self, request: TradeRequest) -> TradeResult:
        """Give what rests under this magic all the prices of the request; its end stays."""
        resting = self._book.pendings(request.magic)
        if not resting:
            return TradeResult(INVALID_ORDER, "no such order")
        quote = self._floor.quote(request.symbol)
        if quote is None:
            return TradeResult(PRICE_OFF, "no quote")
        (kept, *_) = resting
        changed = {
            **kept,
            "limit": text_or_none(request.limit_price),
            "stop": text_or_none(request.stop_price),
            "sl": text_or_none(request.sl),
            "tp": text_or_none(request.tp),
        }
        if changed == kept:
            return TradeResult(NO_CHANGES, "no changes", kept["ticket"])
        if code := judge_levels(_request_of(changed), quote):
            return TradeResult(code, words_of(code))
        self._keep(changed)
        return TradeResult(DONE, "done", kept["ticket"])

    def remove(self, request: TradeRequest) -> TradeResult:
        """Take back what rests under this magic."""
        resting = self._book.pendings(request.magic)
        for kept in resting:
            self._book.pending_end(kept["ticket"], request.magic, CANCELLED)
        if not resting:
            return TradeResult(INVALID_ORDER, "no such order")
        return TradeResult(DONE, "done", resting[0]["ticket"])

    def beat(self) -> None:
        """Let time and market do their part with each resting order."""
        for kept in self._book.pendings():
            ends_at = kept["ends_at"]
            if ends_at is not None and datetime.fromisoformat(ends_at) <= self._floor.clock():
                with self._book.changing():
                    self._book.pending_end(kept["ticket"], kept["magic"], EXPIRED)
            elif (quote := self._floor.quote(kept["symbol"])) is not None:
                self._look(kept, quote)

    def _look(self, kept: dict[str, Any], quote: Quote) -> None:
        """A stop that is reached fills at the market, or becomes the limit that came with it."""
        price = quote.price_for(kept["side"])
        up = Decimal(1 if kept["side"] == "buy" else -1)
        stop = decimal_or_none(kept["stop"])
        if stop is not None:
            if (price - stop) * up < 0:
                return
            kept = {**kept, "stop": None}
            if kept["limit"] is not None:
                with self._book.changing():
                    self._keep(kept)
        limit = decimal_or_none(kept["limit"])
        if limit is None or (price - limit) * up <= 0:
            self._fill(kept, price)

    def _fill(self, kept: dict[str, Any], price: Decimal) -> None:
        """Fill it, or a part of it; what is left goes on resting."""
        symbol = self._floor.symbol(kept["symbol"])
        assert symbol is not None
        request, whole = _request_of(kept), Decimal(kept["volume"])
        salt = f"rest:{kept['magic']}:{kept['volume']}"
        part = self._floor.manners.part(whole, symbol.lot_step, symbol.lot_min, salt)
        with self._book.changing():
            order = Order(kept["magic"], kept["ticket"], "expert")
            self._fills.enter(request, order, part, price)
            if part == whole:
                self._book.pending_end(kept["ticket"], kept["magic"], FILLED)
            else:
                self._keep({**kept, "volume": text(whole - part)})

    def _keep(self, kept: dict[str, Any]) -> None:
        self._book.pending_put(kept["ticket"], kept["magic"], kept)


def _request_of(kept: dict[str, Any]) -> TradeRequest:
    return TradeRequest(
        OPEN,
        kept["magic"],
        kept["symbol"],
        kept["side"],
        Decimal(kept["volume"]),
        limit_price=decimal_or_none(kept["limit"]),
        stop_price=decimal_or_none(kept["stop"]),
        sl=decimal_or_none(kept["sl"]),
        tp=decimal_or_none(kept["tp"]),
    )
