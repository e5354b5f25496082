"""Deals and what they make of positions: opened, merged, reduced, reversed, closed."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from execution.paper.floor import Floor
from execution.paper.numbers import cents, commission, gain, milliseconds, text_or_none
from execution.paper.terms import PaperSymbol, TradeRequest
from execution.rules.prices import OPPOSITE
from execution.wire.fields import number_text as text

_MONEY = ("profit", "swap", "commission", "fee")


@dataclass(frozen=True, slots=True)
class Order:
    """Whose fill it is: its magic, its ticket at the broker, and who asked for it."""

    magic: int
    ticket: int
    reason: str


class Fills:
    """Each method is part of a change of the book that the caller has begun."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._book = floor.book

    def enter(self, request: TradeRequest, order: Order, volume: Decimal, price: Decimal) -> int:
        """Fill an order that opens; return the position's identifier.

        On a netting account it merges with the position in its symbol, reduces or reverses it.
        """
        held = self._book.position_of(request.symbol) if self._floor.is_netting else None
        if held is None:
            return self._open(request, order, volume, price)
        if held["side"] == request.side:
            self._merge(held, request, order, volume, price)
        elif volume <= Decimal(held["volume"]):
            self.close(held, order, volume, price)
        else:
            self._reverse(held, request, order, volume, price)
        return int(held["ticket"])

    def close(self, held: dict[str, Any], order: Order, volume: Decimal, price: Decimal) -> None:
        """Take so many lots out of a position."""
        whole = Decimal(held["volume"])
        profit, swap = self._result(held, volume, price)
        self._deal(
            order,
            kind=OPPOSITE[held["side"]],
            entry="out",
            position_ticket=str(held["ticket"]),
            symbol=held["symbol"],
            volume_lots=text(volume),
            price=text(price),
            profit=text(profit),
            swap=text(swap),
            commission=text(commission(volume)),
            **_levels(held),
        )
        if volume == whole:
            self._book.position_drop(held["ticket"])
            return
        rest_swap = Decimal(held["swap"]) - swap
        self._keep({**held, "volume": text(whole - volume), "swap": text(rest_swap)})

    def balance(self, kind: str, amount: Decimal, comment: str = "") -> None:
        """Book money that no trade made: a deposit, a fee, a dividend, a correction."""
        self._deal(Order(0, 0, ""), kind=kind, profit=text(amount), comment=comment)

    def _open(self, request: TradeRequest, order: Order, volume: Decimal, price: Decimal) -> int:
        """Open a position; its identifier is the ticket of the order that opened it.

        A further part of the same order belongs to the same position.
        """
        ticket = order.ticket
        if (held := self._book.position(ticket)) is not None:
            self._merge(held, request, order, volume, price)
            return ticket
        opened = {
            "ticket": ticket,
            "magic": order.magic,
            "symbol": request.symbol,
            "side": request.side,
            "volume": text(volume),
            "price": text(price),
            "sl": text_or_none(request.sl),
            "tp": text_or_none(request.tp),
            "swap": "0",
            "opened_at": self._floor.clock().isoformat(),
        }
        self._keep(opened)
        self._deal_in(opened, order, volume, price)
        return ticket

    def _merge(
        self,
        held: dict[str, Any],
        request: TradeRequest,
        order: Order,
        volume: Decimal,
        price: Decimal,
    ) -> None:
        """At the mean price; the position takes the order's stops over where it has some."""
        before = Decimal(held["volume"])
        mean = (Decimal(held["price"]) * before + price * volume) / (before + volume)
        merged = {
            **held,
            "volume": text(before + volume),
            "price": text(mean.quantize(Decimal(1).scaleb(-10)).normalize()),
            "sl": text_or_none(request.sl) or held["sl"],
            "tp": text_or_none(request.tp) or held["tp"],
        }
        self._keep(merged)
        self._deal_in(merged, order, volume, price)

    def _reverse(
        self,
        held: dict[str, Any],
        request: TradeRequest,
        order: Order,
        volume: Decimal,
        price: Decimal,
    ) -> None:
        """One deal closes all of it and opens the rest on the other side, under one identifier."""
        whole = Decimal(held["volume"])
        profit, swap = self._result(held, whole, price)
        reversed_ = {
            **held,
            "magic": order.magic,
            "side": request.side,
            "volume": text(volume - whole),
            "price": text(price),
            "sl": text_or_none(request.sl),
            "tp": text_or_none(request.tp),
            "swap": "0",
            "opened_at": self._floor.clock().isoformat(),
        }
        self._keep(reversed_)
        self._deal(
            order,
            kind=request.side,
            entry="inout",
            position_ticket=str(held["ticket"]),
            symbol=held["symbol"],
            volume_lots=text(volume),
            price=text(price),
            profit=text(profit),
            swap=text(swap),
            commission=text(commission(volume)),
            **_levels(reversed_),
        )

    def _keep(self, position: dict[str, Any]) -> None:
        self._book.position_put(position["ticket"], position)

    def _result(
        self, held: dict[str, Any], volume: Decimal, price: Decimal
    ) -> tuple[Decimal, Decimal]:
        """Return profit and swap of so many lots of a position, closed at a price."""
        symbol = self._symbol(held["symbol"])
        gained = gain(held["side"], Decimal(held["price"]), price)
        whole, swap = Decimal(held["volume"]), Decimal(held["swap"])
        part = swap if volume == whole else cents(swap * volume / whole)
        return cents(gained * volume * symbol.unit_money), part

    def _symbol(self, name: str) -> PaperSymbol:
        found = self._floor.symbol(name)
        if found is None:
            raise KeyError(f"{name} is sold here no more, and a position in it is open")
        return found

    def _deal_in(
        self, position: dict[str, Any], order: Order, volume: Decimal, price: Decimal
    ) -> None:
        self._deal(
            order,
            kind=position["side"],
            entry="in",
            position_ticket=str(position["ticket"]),
            symbol=position["symbol"],
            volume_lots=text(volume),
            price=text(price),
            commission=text(commission(volume)),
            **_levels(position),
        )

    def _deal(self, order: Order, **content: str) -> None:
        """Write a deal; time goes up by at least a millisecond, as the ticket does."""
        book = self._book
        ticket = book.ticket_next()
        time_msc = max(milliseconds(self._floor.clock()), int(book.value("time_msc", "0")) + 1)
        book.value_set("time_msc", str(time_msc))
        book.value_set("last_deal", str(ticket))
        money = sum(Decimal(content.get(name, "0")) for name in _MONEY)
        book.value_set("balance", text(Decimal(book.value("balance", "0")) + money))
        told = {"magic": str(order.magic), "broker_order_ticket": str(order.ticket)}
        if order.reason:
            told["reason"] = order.reason
        book.deal_put(
            ticket, order.magic, {"ticket": str(ticket), "time_msc": time_msc, **told, **content}
        )


def _levels(position: dict[str, Any]) -> dict[str, str]:
    """Stop and target as a deal tells them, those that there are."""
    return {name: position[name] for name in ("sl", "tp") if position[name] is not None}
