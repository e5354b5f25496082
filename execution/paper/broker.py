"""A simulated broker, hedging or netting: it judges requests, fills them, and keeps the account.

Deterministic for a seed and the same quotes. Its books survive restarts; it is the other side, so
it knows nothing of the executor's journal.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from execution.paper.book import Book
from execution.paper.fills import Fills, Order
from execution.paper.floor import Floor
from execution.paper.judging import judge_market, judge_stops, words_of
from execution.paper.manners import Manners
from execution.paper.nights import nights_charge
from execution.paper.numbers import DEPOSIT, LEVERAGE, decimal_or_none, text_or_none, utc_now
from execution.paper.resting import Resting
from execution.paper.terms import (
    AMEND,
    CLOSE,
    DONE,
    DONE_PARTIAL,
    INVALID_CLOSE_VOLUME,
    INVALID_ORDER,
    INVALID_STOPS,
    MODIFY,
    NO_CHANGES,
    NO_MONEY,
    OPEN,
    PEND,
    POSITION_CLOSED,
    PRICE_OFF,
    REJECT,
    REMOVE,
    REQUOTE,
    PaperSymbol,
    Quote,
    Quotes,
    Traces,
    TradeRequest,
    TradeResult,
)
from execution.rules.prices import OPPOSITE
from execution.rules.retcodes import retcode_name
from execution.wire.fields import number_text as text


class PaperBroker:
    """Takes trade requests, and moves prices against stops whenever `tick()` is called."""

    def __init__(
        self,
        quotes: Quotes,
        home: Path,
        *,
        symbols: Sequence[PaperSymbol],
        manners: Manners | None = None,
        margin_mode: str = "hedging",
        deposit: Decimal = DEPOSIT,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._book = Book(home / "broker.sqlite3")
        self.margin_mode = margin_mode
        self._floor = Floor(
            book=self._book,
            symbols=symbols,
            quotes=quotes,
            clock=clock,
            manners=manners or Manners(),
            is_netting=margin_mode == "netting",
        )
        self._fills = Fills(self._floor)
        self._resting = Resting(self._floor, self._fills)
        if not self._book.value("balance"):
            with self._book.changing():
                self._book.value_set("balance", "0")
                self._fills.balance("balance", deposit, "opening deposit")

    def close(self) -> None:
        self._book.close()

    @property
    def symbols(self) -> Sequence[PaperSymbol]:
        return self._floor.symbols

    def send(self, request: TradeRequest) -> TradeResult:
        """Execute one request wholly, in part or not at all; its manners refuse some."""
        with self._book.changing():
            salt = f"{request.action}:{request.magic}:{self._book.asked(request.magic)}"
            code = self._floor.manners.refusal(salt) if request.reason == "expert" else 0
            if code and not self._floor.manners.is_done_all_the_same(code, salt):
                return TradeResult(code, retcode_name(code))
            result = self._do(request, salt)
        return TradeResult(code, retcode_name(code)) if code else result

    def money(self, kind: str, amount: Decimal, comment: str = "") -> None:
        """Book a deposit, a withdrawal, a fee or the like, in MT5's words for deals."""
        with self._book.changing():
            self._fills.balance(kind, amount, comment)

    def look_up(self, magic: int) -> Traces:
        """Return what is known of a magic number, as a search through history would."""
        resting = len(self._book.pendings(magic))
        return Traces(self._book.deal_count(magic), resting, self._book.ended(magic))

    def deals_after(self, ticket: int) -> list[dict[str, Any]]:
        """Return the deals after this ticket, oldest first, as the executor API writes them."""
        return self._book.deals_after(ticket)

    def deals_of(self, magic: int) -> list[dict[str, Any]]:
        """Return the deals under a magic number, oldest first."""
        return self._book.deals_of(magic)

    def seconds_open(self, position: dict[str, Any]) -> Decimal:
        """Return how long a position has been open, by the broker's clock."""
        opened = datetime.fromisoformat(position["opened_at"])
        return Decimal(str((self._floor.clock() - opened).total_seconds()))

    def positions(self) -> list[dict[str, Any]]:
        """Return what is open, as the book keeps it."""
        return self._book.positions()

    def position(self, ticket: int) -> dict[str, Any] | None:
        """Return the position with this identifier, or None."""
        return self._book.position(ticket)

    def pendings(self) -> list[dict[str, Any]]:
        """Return what rests, as the book keeps it."""
        return self._book.pendings()

    def account(self) -> dict[str, Any]:
        """Return balance, equity, margin, open tickets and the last deal."""
        return self._floor.account()

    def quote(self, symbol: str) -> Quote | None:
        """Return what the market offers now, or None."""
        return self._floor.quote(symbol)

    def tick(self) -> None:
        """Look at the market once: resting orders, stops and targets, swap over night."""
        self._resting.beat()
        for position in self._book.positions():
            self._guard(position)
        nights_charge(self._floor)

    # What the requests do.

    def _do(self, request: TradeRequest, salt: str) -> TradeResult:
        if request.action == OPEN:
            return self._open(request, salt)
        if request.action == CLOSE:
            return self._close_some(request, salt)
        doing: dict[str, Callable[[TradeRequest], TradeResult]] = {
            PEND: self._resting.place,
            AMEND: self._resting.amend,
            REMOVE: self._resting.remove,
            MODIFY: self._modify,
        }
        return doing[request.action](request)

    def _open(self, request: TradeRequest, salt: str) -> TradeResult:
        symbol, quote = self._floor.symbol(request.symbol), self._floor.quote(request.symbol)
        if symbol is None or quote is None:
            return TradeResult(PRICE_OFF, "no quote")
        if code := judge_market(request, symbol):
            return TradeResult(code, words_of(code))
        price = self._floor.fill_price(symbol, quote, request.side, salt)
        is_requoted = self._floor.manners.happens(
            self._floor.manners.requote_percent, "requote", salt
        )
        slip = abs(price - quote.price_for(request.side))
        if is_requoted or request.is_beyond(slip, symbol):
            return TradeResult(REQUOTE, "requote")
        if code := judge_stops(request, price):
            return TradeResult(code, words_of(code))
        part = self._part(request, request.volume_lots, symbol, salt)
        if not part:
            return TradeResult(REJECT, "the market is too thin")
        if not self._has_room(request, part, price, symbol):
            return TradeResult(NO_MONEY, "no money")
        order = Order(request.magic, self._book.ticket_next(), request.reason)
        self._fills.enter(request, order, part, price)
        return _done(part, request.volume_lots, order.ticket)

    def _part(
        self, request: TradeRequest, volume: Decimal, symbol: PaperSymbol, salt: str
    ) -> Decimal:
        """What of a volume the market takes at once: `fok` is all or nothing."""
        part = self._floor.manners.part(volume, symbol.lot_step, symbol.lot_min, salt)
        return Decimal(0) if request.filling == "fok" and part != volume else part

    def _has_room(
        self, request: TradeRequest, volume: Decimal, price: Decimal, symbol: PaperSymbol
    ) -> bool:
        """Whether margin is left; on a netting account what only reduces needs none."""
        if self._floor.is_netting:
            held = self._book.position_of(request.symbol)
            if held is not None and held["side"] != request.side:
                volume = max(Decimal(0), volume - Decimal(held["volume"]))
        account = self.account()
        needed = price * volume * symbol.unit_money / LEVERAGE
        return Decimal(account["margin"]) + needed <= Decimal(account["equity"]) or not volume

    def _close_some(self, request: TradeRequest, salt: str) -> TradeResult:
        """Close a position or a part of it; no volume means all that is open."""
        position = self._book.position(request.position_ticket)
        if position is None:
            return TradeResult(POSITION_CLOSED, "position closed")
        symbol, quote = self._floor.symbol(position["symbol"]), self.quote(position["symbol"])
        if symbol is None or quote is None:
            return TradeResult(PRICE_OFF, "no quote")
        volume = Decimal(position["volume"])
        wanted = request.volume_lots or volume
        if wanted > volume:
            return TradeResult(INVALID_CLOSE_VOLUME, "more than is open")
        part = self._floor.manners.part(wanted, symbol.lot_step, symbol.lot_min, salt)
        price = self._floor.fill_price(symbol, quote, OPPOSITE[position["side"]], salt)
        order = Order(request.magic, self._book.ticket_next(), request.reason)
        self._fills.close(position, order, part, price)
        return _done(part, wanted, order.ticket)

    def _modify(self, request: TradeRequest) -> TradeResult:
        """Give a position other stops; a stop stands where the market is not yet."""
        position = self._book.position(request.position_ticket)
        if position is None:
            return TradeResult(INVALID_ORDER, "no such position")
        changed = {**position, "sl": text_or_none(request.sl), "tp": text_or_none(request.tp)}
        if changed == position:
            return TradeResult(NO_CHANGES, "no changes")
        quote = self.quote(position["symbol"])
        if quote is None:
            return TradeResult(PRICE_OFF, "no quote")
        if _hit(changed, quote):
            return TradeResult(INVALID_STOPS, "invalid stops")
        self._book.position_put(position["ticket"], changed)
        return TradeResult(DONE, "done")

    # What the market does.

    def _guard(self, position: dict[str, Any]) -> None:
        """Close at the stop (the market's price by then) or at the target."""
        quote = self.quote(position["symbol"])
        reason = "" if quote is None else _hit(position, quote)
        if quote is None or not reason:
            return
        price = quote.price_for(OPPOSITE[position["side"]])
        if reason == "tp":
            price = Decimal(position["tp"])
        with self._book.changing():
            order = Order(position["magic"], self._book.ticket_next(), reason)
            self._fills.close(position, order, Decimal(position["volume"]), price)


def _hit(position: dict[str, Any], quote: Quote) -> str:
    """Return which of a position's levels the market has reached: `sl`, `tp` or none."""
    price = quote.price_for(OPPOSITE[position["side"]])
    up = Decimal(1 if position["side"] == "buy" else -1)
    sl, tp = decimal_or_none(position["sl"]), decimal_or_none(position["tp"])
    if sl is not None and (price - sl) * up <= 0:
        return "sl"
    return "tp" if tp is not None and (price - tp) * up >= 0 else ""


def _done(part: Decimal, wanted: Decimal, ticket: int) -> TradeResult:
    if part == wanted:
        return TradeResult(DONE, "done", ticket)
    return TradeResult(DONE_PARTIAL, f"{text(part)} of {text(wanted)} lots", ticket)
