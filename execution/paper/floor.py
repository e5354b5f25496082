"""What every part of the paper broker stands on: its book, symbols, prices, time and manners."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from execution.paper.book import Book
from execution.paper.manners import Manners
from execution.paper.numbers import LEVERAGE, cents, gain
from execution.paper.terms import PaperSymbol, Quote, Quotes
from execution.wire.fields import number_text as text


@dataclass(frozen=True, slots=True)
class Floor:
    """`clock` is the broker's own; a symbol that is not sold here has no quote."""

    book: Book
    symbols: Sequence[PaperSymbol]
    quotes: Quotes
    clock: Callable[[], datetime]
    manners: Manners
    is_netting: bool

    def symbol(self, name: str) -> PaperSymbol | None:
        """Return the symbol as it is sold here, or None."""
        return next((one for one in self.symbols if one.symbol == name), None)

    def quote(self, name: str) -> Quote | None:
        """Return what the market offers now, gaps and all, or None."""
        symbol, at = self.symbol(name), self.clock()
        found = None if symbol is None else self.quotes(name, at)
        if symbol is None or found is None:
            return None
        gap = symbol.tick_size * self.manners.gap_points(name, at)
        return Quote(found.bid + gap, found.ask + gap) if gap and found.bid + gap > 0 else found

    def fill_price(self, symbol: PaperSymbol, quote: Quote, side: str, salt: str) -> Decimal:
        """Return the quote made worse by some points, as the seed says."""
        points = self.manners.draw(self.manners.slippage_points_max + 1, "slip", salt)
        slip = symbol.tick_size * points
        price = quote.price_for(side) + (slip if side == "buy" else -slip)
        return price.quantize(symbol.tick_size, rounding=ROUND_HALF_EVEN)

    def account(self) -> dict[str, Any]:
        """Return balance, equity, margin, open tickets and the last deal."""
        balance = Decimal(self.book.value("balance"))
        positions = self.book.positions()
        floating = sum((self._floating(one) for one in positions), Decimal(0))
        return {
            "balance": text(balance),
            "equity": text(balance + floating),
            "margin": text(sum((self._margin(one) for one in positions), Decimal(0))),
            "open_tickets": [str(one["ticket"]) for one in positions],
            "watermark": {
                "time_msc": int(self.book.value("time_msc", "0")),
                "ticket": self.book.value("last_deal", "0"),
            },
        }

    def _size(self, position: dict[str, Any]) -> Decimal:
        symbol = self.symbol(position["symbol"])
        return Decimal(position["volume"]) * (symbol.unit_money if symbol else Decimal(0))

    def _margin(self, position: dict[str, Any]) -> Decimal:
        return cents(Decimal(position["price"]) * self._size(position) / LEVERAGE)

    def _floating(self, position: dict[str, Any]) -> Decimal:
        quote = self.quote(position["symbol"])
        swap = Decimal(position["swap"])
        if quote is None:
            return swap
        closes_at = quote.bid if position["side"] == "buy" else quote.ask
        gained = gain(position["side"], Decimal(position["price"]), closes_at)
        return cents(gained * self._size(position)) + swap
