"""Swap: what a position costs or brings for each night that it is held."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from execution.paper.floor import Floor
from execution.paper.numbers import cents
from execution.wire.fields import number_text as text

_WEEKEND = (5, 6)


def nights_charge(floor: Floor) -> None:
    """Charge each midnight UTC that has passed since the last look."""
    book, today = floor.book, floor.clock().date()
    last = book.value("rolled_on")
    if last == today.isoformat():
        return
    began = date.fromisoformat(last) if last else today
    nights = [began + timedelta(days=one) for one in range((today - began).days)]
    with book.changing():
        book.value_set("rolled_on", today.isoformat())
        for position in book.positions() if nights else []:
            _charge(floor, position, nights)


def _charge(floor: Floor, position: dict[str, Any], nights: list[date]) -> None:
    """A night is named by the day that ends with it; none on weekends, one counts three times."""
    symbol = floor.symbol(position["symbol"])
    if symbol is None:
        return
    opened = datetime.fromisoformat(position["opened_at"]).date()
    held = [one for one in nights if one >= opened and one.weekday() not in _WEEKEND]
    times = sum(3 if one.isoweekday() % 7 == symbol.swap_triple_day else 1 for one in held)
    rate = symbol.swap_long if position["side"] == "buy" else symbol.swap_short
    charge = cents(rate * Decimal(position["volume"]) * times)
    swap = Decimal(position["swap"]) + charge
    floor.book.position_put(position["ticket"], {**position, "swap": text(swap)})
