"""A simulated hedging broker: fills at the quote with slippage, holds stops, keeps the balance.

Deterministic for a seed and the same quotes. Its books survive restarts; it is the other side, so
it knows nothing of the executor's journal.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

from execution.paper.book import Book
from execution.paper.numbers import (
    DEPOSIT,
    LEVERAGE,
    SLIPPAGE_POINTS_MAX,
    SWAP_PER_LOT_NIGHT,
    cents,
    commission,
    decimal_or_none,
    levels,
    margin,
    pending_ends_at,
    stops_are_right,
    text_or_none,
    utc_now,
    volume_is_right,
)
from execution.paper.repricing import pending_reprice
from execution.paper.terms import (
    DONE,
    INVALID_EXPIRATION,
    INVALID_FILL,
    INVALID_ORDER,
    INVALID_STOPS,
    INVALID_VOLUME,
    NO_MONEY,
    PLACED,
    POSITION_CLOSED,
    PRICE_OFF,
    REQUOTE,
    PaperSymbol,
    Quote,
    Quotes,
    Traces,
    TradeRequest,
    TradeResult,
)
from execution.rules.prices import OPPOSITE
from execution.wire.fields import number_text as text


class PaperBroker:
    """Takes trade requests, and moves prices against stops whenever `tick()` is called."""

    def __init__(
        self,
        quotes: Quotes,
        home: Path,
        *,
        symbols: list[PaperSymbol],
        seed: str = "paper",
        deposit: Decimal = DEPOSIT,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._quotes = quotes
        self._symbols = {symbol.symbol: symbol for symbol in symbols}
        self._seed = seed
        self._clock = clock
        self._book = Book(home / "broker.sqlite3")
        if not self._book.value("balance"):
            self._open_account(deposit)

    def close(self) -> None:
        self._book.close()

    @property
    def symbols(self) -> list[PaperSymbol]:
        return list(self._symbols.values())

    def send(self, request: TradeRequest) -> TradeResult:
        """Execute one request wholly or not at all."""
        with self._book.changing():
            action: Callable[[TradeRequest], TradeResult] = {
                "open": self._open,
                "pending": self._pend,
                "close": self._close_some,
                "modify": self._modify,
                "reprice": lambda asked: pending_reprice(self._book, asked),
            }[request.action]
            return action(request)

    def cancel_pending(self, magic: int) -> int:
        """Remove resting orders of this magic; return how many there were."""
        with self._book.changing():
            resting = self._book.pendings(magic)
            for pending in resting:
                self._book.pending_drop(pending["ticket"])
        return len(resting)

    def look_up(self, magic: int) -> Traces:
        """Return what is known of a magic number, as a search through history would."""
        return Traces(self._book.deal_count(magic), len(self._book.pendings(magic)))

    def deals_after(self, ticket: int) -> list[dict[str, Any]]:
        """Return the deals after this ticket, oldest first, as the executor API writes them."""
        return self._book.deals_after(ticket)

    def positions(self) -> list[dict[str, Any]]:
        """Return what is open, as the book keeps it."""
        return self._book.positions()

    def pendings(self) -> list[dict[str, Any]]:
        """Return what rests, as the book keeps it."""
        return self._book.pendings()

    def account(self) -> dict[str, Any]:
        """Return balance, equity, margin, open tickets and the last deal."""
        balance = Decimal(self._book.value("balance"))
        positions = self._book.positions()
        floating = sum((self._floating(one) for one in positions), Decimal(0))
        return {
            "balance": text(balance),
            "equity": text(balance + floating),
            "margin": text(sum((margin(one, self._symbols) for one in positions), Decimal(0))),
            "open_tickets": [str(one["ticket"]) for one in positions],
            "watermark": {
                "time_msc": int(self._book.value("time_msc", "0")),
                "ticket": self._book.value("last_deal", "0"),
            },
        }

    def tick(self) -> None:
        """Look at the market once: resting orders, stops and targets, swap over night."""
        for pending in self._book.pendings():
            if not self._expire(pending):
                self._trigger(pending)
        for position in self._book.positions():
            self._guard(position)
        self._roll_over()

    # What the requests do.

    def _open(self, request: TradeRequest) -> TradeResult:
        symbol, quote = self._symbols.get(request.symbol), self.quote(request.symbol)
        if symbol is None or quote is None:
            return TradeResult(PRICE_OFF, "no quote")
        if not volume_is_right(request.volume_lots, symbol):
            return TradeResult(INVALID_VOLUME, "invalid volume")
        if request.filling not in symbol.fillings:
            return TradeResult(INVALID_FILL, "invalid fill")
        price = self._fill_price(symbol, quote, request.side, request.salt)
        if request.is_beyond(abs(price - quote.price_for(request.side)), symbol):
            return TradeResult(REQUOTE, "requote")
        if not stops_are_right(request, price):
            return TradeResult(INVALID_STOPS, "invalid stops")
        needed = price * request.volume_lots * symbol.contract_size / LEVERAGE
        account = self.account()
        if Decimal(account["margin"]) + needed > Decimal(account["equity"]):
            return TradeResult(NO_MONEY, "no money")
        ticket = self._fill_opening(request, symbol, price)
        return TradeResult(DONE, "done", ticket)

    def _pend(self, request: TradeRequest) -> TradeResult:
        symbol = self._symbols.get(request.symbol)
        if symbol is None or self.quote(request.symbol) is None:
            return TradeResult(PRICE_OFF, "no quote")
        if not volume_is_right(request.volume_lots, symbol):
            return TradeResult(INVALID_VOLUME, "invalid volume")
        ends_at = pending_ends_at(request, self._clock())
        if ends_at is not None and ends_at <= self._clock():
            return TradeResult(INVALID_EXPIRATION, "invalid expiration")
        level = request.limit_price or request.stop_price
        if level is None or not stops_are_right(request, level):
            return TradeResult(INVALID_STOPS, "invalid stops")
        ticket = self._book.ticket_next()
        self._book.pending_put(
            ticket,
            request.magic,
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
            },
        )
        return TradeResult(PLACED, "placed", ticket)

    def _close_some(self, request: TradeRequest) -> TradeResult:
        position = self._book.position(request.position_ticket)
        if position is None:
            return TradeResult(POSITION_CLOSED, "position closed")
        quote = self.quote(position["symbol"])
        if quote is None:
            return TradeResult(PRICE_OFF, "no quote")
        volume = Decimal(position["volume"])
        wanted = min(request.volume_lots or volume, volume)
        symbol = self._symbols[position["symbol"]]
        price = self._fill_price(symbol, quote, OPPOSITE[position["side"]], f"{request.magic}")
        self._fill_closing(position, wanted, price, magic=request.magic, reason="expert")
        return TradeResult(DONE, "done")

    def _modify(self, request: TradeRequest) -> TradeResult:
        position = self._book.position(request.position_ticket)
        if position is None:
            return TradeResult(INVALID_ORDER, "no such position")
        changed = {**position, "sl": text_or_none(request.sl), "tp": text_or_none(request.tp)}
        self._book.position_put(position["ticket"], changed)
        return TradeResult(DONE, "done")

    # What the market does.

    def _expire(self, pending: dict[str, Any]) -> bool:
        ends_at = pending.get("ends_at")
        if ends_at is None or datetime.fromisoformat(ends_at) > self._clock():
            return False
        with self._book.changing():
            self._book.pending_drop(pending["ticket"])
        return True

    def _trigger(self, pending: dict[str, Any]) -> None:
        quote = self.quote(pending["symbol"])
        if quote is None:
            return
        price, up = quote.price_for(pending["side"]), pending["side"] == "buy"
        if pending["stop"] is not None:
            stop = Decimal(pending["stop"])
            if not (price >= stop if up else price <= stop):
                return
        if pending["limit"] is not None:
            limit = Decimal(pending["limit"])
            if not (price <= limit if up else price >= limit):
                return
        with self._book.changing():
            self._book.pending_drop(pending["ticket"])
            self._fill_opening(
                TradeRequest(
                    "open",
                    pending["magic"],
                    pending["symbol"],
                    pending["side"],
                    Decimal(pending["volume"]),
                    sl=decimal_or_none(pending["sl"]),
                    tp=decimal_or_none(pending["tp"]),
                ),
                self._symbols[pending["symbol"]],
                price,
            )

    def _guard(self, position: dict[str, Any]) -> None:
        """Close at the stop (the market's price by then) or at the target."""
        quote = self.quote(position["symbol"])
        if quote is None:
            return
        is_buy = position["side"] == "buy"
        price = quote.bid if is_buy else quote.ask
        sl, tp = decimal_or_none(position["sl"]), decimal_or_none(position["tp"])
        if sl is not None and (price <= sl if is_buy else price >= sl):
            reason = "sl"
        elif tp is not None and (price >= tp if is_buy else price <= tp):
            reason, price = "tp", tp
        else:
            return
        with self._book.changing():
            volume = Decimal(position["volume"])
            self._fill_closing(position, volume, price, magic=position["magic"], reason=reason)

    def _roll_over(self) -> None:
        """Charge each open position once for every midnight UTC that has passed."""
        today = self._clock().date()
        last = self._book.value("rolled_on")
        nights = (today - datetime.fromisoformat(last).date()).days if last else 0
        if last and nights <= 0:
            return
        with self._book.changing():
            self._book.value_set("rolled_on", today.isoformat())
            for position in self._book.positions() if nights else []:
                opened = datetime.fromisoformat(position["opened_at"]).date()
                held = min(nights, (today - opened).days)
                charge = cents(SWAP_PER_LOT_NIGHT * Decimal(position["volume"]) * held)
                position["swap"] = text(Decimal(position["swap"]) + charge)
                self._book.position_put(position["ticket"], position)

    # Fills.

    def _fill_opening(self, request: TradeRequest, symbol: PaperSymbol, price: Decimal) -> int:
        """Open a position; its ticket is that of the order that opened it."""
        ticket = self._book.ticket_next()
        self._book.position_put(
            ticket,
            {
                "ticket": ticket,
                "magic": request.magic,
                "symbol": request.symbol,
                "side": request.side,
                "volume": text(request.volume_lots),
                "price": text(price),
                "sl": text_or_none(request.sl),
                "tp": text_or_none(request.tp),
                "swap": "0",
                "opened_at": self._clock().isoformat(),
            },
        )
        self._deal(
            magic=request.magic,
            kind=request.side,
            entry="in",
            position_ticket=str(ticket),
            symbol=request.symbol,
            volume_lots=text(request.volume_lots),
            price=text(price),
            reason="expert",
            commission=text(commission(request.volume_lots)),
            **levels(text_or_none(request.sl), text_or_none(request.tp)),
        )
        return ticket

    def _fill_closing(
        self, position: dict[str, Any], volume: Decimal, price: Decimal, *, magic: int, reason: str
    ) -> None:
        whole = Decimal(position["volume"])
        symbol = self._symbols[position["symbol"]]
        gain = price - Decimal(position["price"])
        if position["side"] == "sell":
            gain = -gain
        swap_all = Decimal(position["swap"])
        swap = swap_all if volume == whole else cents(swap_all * volume / whole)
        self._deal(
            magic=magic,
            kind=OPPOSITE[position["side"]],
            entry="out",
            position_ticket=str(position["ticket"]),
            symbol=position["symbol"],
            volume_lots=text(volume),
            price=text(price),
            reason=reason,
            profit=text(cents(gain * volume * symbol.contract_size)),
            swap=text(swap),
            commission=text(commission(volume)),
            **levels(position["sl"], position["tp"]),
        )
        if volume == whole:
            self._book.position_drop(position["ticket"])
        else:
            left = {
                **position,
                "volume": text(whole - volume),
                "swap": text(swap_all - swap),
            }
            self._book.position_put(position["ticket"], left)

    def _deal(self, *, magic: int = 0, **content: str) -> None:
        """Write a deal; time goes up by at least a millisecond, as the ticket does."""
        ticket = self._book.ticket_next()
        now_msc = (self._clock() - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
        time_msc = max(now_msc, int(self._book.value("time_msc", "0")) + 1)
        self._book.value_set("time_msc", str(time_msc))
        self._book.value_set("last_deal", str(ticket))
        money = sum(Decimal(content.get(name, "0")) for name in ("profit", "swap", "commission"))
        self._book.value_set("balance", text(Decimal(self._book.value("balance", "0")) + money))
        self._book.deal_put(
            ticket,
            magic,
            {"ticket": str(ticket), "time_msc": time_msc, "magic": str(magic), **content},
        )

    def _open_account(self, deposit: Decimal) -> None:
        with self._book.changing():
            self._book.value_set("balance", "0")
            self._deal(kind="balance", profit=text(deposit), comment="opening deposit")

    # Numbers.

    def quote(self, symbol: str) -> Quote | None:
        """Return what the market offers now, or None."""
        return self._quotes(symbol, self._clock()) if symbol in self._symbols else None

    def _fill_price(self, symbol: PaperSymbol, quote: Quote, side: str, salt: str) -> Decimal:
        """Return the quote made worse by 0 to 3 points, drawn from the seed."""
        digest = hashlib.sha256(f"{self._seed}:{salt}".encode()).digest()
        slip = symbol.tick_size * (digest[0] % (SLIPPAGE_POINTS_MAX + 1))
        price = quote.price_for(side) + (slip if side == "buy" else -slip)
        return price.quantize(symbol.tick_size, rounding=ROUND_HALF_EVEN)

    def _floating(self, position: dict[str, Any]) -> Decimal:
        quote = self.quote(position["symbol"])
        if quote is None:
            return Decimal(position["swap"])
        opened = Decimal(position["price"])
        gain = quote.bid - opened if position["side"] == "buy" else opened - quote.ask
        size = Decimal(position["volume"]) * self._symbols[position["symbol"]].contract_size
        return cents(gain * size) + Decimal(position["swap"])
