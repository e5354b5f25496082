"""Amounts that pass into another currency: at the newest price of a day at most, or they wait."""

from dataclasses import dataclass, field

from tests.drills.sim.model.books import Books
from tests.drills.sim.model.paying import CENT

DAY, PRICE_UNIT = 86_400, 10**4
BASE, QUOTE = "EUR", "USD"


@dataclass
class Conversion:
    """So much of an account whose credit is its balance; codes end with their currencies."""

    number: int
    source: str
    target: str
    amount: int


@dataclass
class Converting:
    """Prices of one EUR in USD by their second, in units of 10^-4, and what waits for one."""

    book: str
    books: Books
    prices: list[tuple[int, int]] = field(default_factory=list)
    waiting: list[Conversion] = field(default_factory=list)

    def told(self, second: int, price: int) -> None:
        self.prices = [one for one in self.prices if one[0] >= second - 2 * DAY]
        self.prices.append((second, price))

    def try_all(self, moment: int) -> int:
        """Book what a price and the accounts let; returns how much of it that was."""
        done = [one for one in self.waiting if self._booked(one, moment)]
        self.waiting = [one for one in self.waiting if one not in done]
        return len(done)

    def _booked(self, one: Conversion, moment: int) -> bool:
        young = [price for price in self.prices if moment - DAY <= price[0] <= moment]
        received = self._received(one, max(young)[1]) if young else 0
        if one.amount > -self.books.balance(self.book, one.source) or received == 0:
            return False
        lines = {
            one.source: one.amount,
            f"Equity:Conversion:{currency(one.source)}": -one.amount,
            f"Equity:Conversion:{currency(one.target)}": received,
            one.target: -received,
        }
        self.books.enter(self.book, "conversion", lines)
        return True

    def _received(self, one: Conversion, price: int) -> int:
        """Rounded down to the coin."""
        if currency(one.source) == BASE:
            return one.amount * price // (PRICE_UNIT * CENT) * CENT
        return one.amount * PRICE_UNIT // (price * CENT) * CENT


def currency(code: str) -> str:
    """The last part of a pool's code."""
    return code.rpartition(":")[2]
