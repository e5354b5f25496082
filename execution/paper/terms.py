"""Words between the paper broker and its executor: quotes, symbols, requests, results."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from execution.wire.fields import number_text as text

REQUOTE = 10004
REJECT = 10006
PLACED = 10008
DONE = 10009
DONE_PARTIAL = 10010
INVALID = 10013
INVALID_VOLUME = 10014
INVALID_PRICE = 10015
INVALID_STOPS = 10016
NO_MONEY = 10019
PRICE_OFF = 10021
INVALID_EXPIRATION = 10022
NO_CHANGES = 10025
INVALID_FILL = 10030
INVALID_ORDER = 10035
POSITION_CLOSED = 10036
INVALID_CLOSE_VOLUME = 10038

SWAP_PER_LOT_NIGHT = Decimal("-1.20")
WEDNESDAY = 3  # Sunday is 0, as MT5 counts

OPEN, PEND, CLOSE, MODIFY, AMEND, REMOVE = "open", "pending", "close", "modify", "amend", "remove"
EXPIRED, CANCELLED, FILLED = "expired", "cancelled", "filled"


@dataclass(frozen=True, slots=True)
class Quote:
    """What the market offers now: sell at `bid`, buy at `ask`."""

    bid: Decimal
    ask: Decimal

    def price_for(self, side: str) -> Decimal:
        """Return what who trades on this side gets."""
        return self.ask if side == "buy" else self.bid


# (broker symbol, aware UTC time) -> Quote, or None where nothing is quoted.
Quotes = Callable[[str, datetime], Quote | None]


@dataclass(frozen=True, slots=True)
class PaperSymbol:
    """A symbol of the simulated broker; `rate` is what its currency costs in the account's."""

    symbol: str
    digits: int
    contract_size: Decimal
    lot_min: Decimal = Decimal("0.01")
    lot_step: Decimal = Decimal("0.01")
    lot_max: Decimal = Decimal(100)
    fillings: tuple[str, ...] = ("fok", "ioc")
    rate: Decimal = Decimal(1)
    # What a lot held over a night brings, in the account's currency; three times on one of them.
    swap_long: Decimal = SWAP_PER_LOT_NIGHT
    swap_short: Decimal = SWAP_PER_LOT_NIGHT
    swap_triple_day: int = WEDNESDAY

    @property
    def tick_size(self) -> Decimal:
        return Decimal(1).scaleb(-self.digits)

    @property
    def unit_money(self) -> Decimal:
        """What a price that moves by 1 is worth, of one lot, in the account's currency."""
        return self.contract_size * self.rate

    def sheet(self) -> dict[str, Any]:
        """Return the contract sheet as hello sends it."""
        return {
            "symbol": self.symbol,
            "digits": self.digits,
            "tick_size": text(self.tick_size),
            "tick_value": text(self.unit_money * self.tick_size),
            "contract_size": text(self.contract_size),
            "lot_min": text(self.lot_min),
            "lot_step": text(self.lot_step),
            "lot_max": text(self.lot_max),
            "stops_level_points": 0,
        }


@dataclass(frozen=True, slots=True)
class TradeRequest:
    """What the executor sends to the broker; `magic` is our order number, 0 for what is no order's.

    `open` and `close` are market orders, `pending` rests; `modify` sets a position's stops, `amend`
    a resting order's prices, `remove` takes what rests under the magic back.
    """

    action: str
    magic: int
    symbol: str
    side: str
    volume_lots: Decimal = Decimal(0)
    order_type: str = "market"
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    sl: Decimal | None = None
    tp: Decimal | None = None
    position_ticket: int = 0
    filling: str = "fok"
    expiration: str = "gtc"
    good_until: datetime | None = None
    deviation_points: int | None = None
    reason: str = "expert"

    def is_beyond(self, slip: Decimal, symbol: PaperSymbol) -> bool:
        """Whether the price is further from the one asked than the request takes."""
        points = self.deviation_points
        return points is not None and slip > points * symbol.tick_size


@dataclass(frozen=True, slots=True)
class TradeResult:
    """The broker's answer: an MT5 return code, a short text, the ticket of the order made."""

    retcode: int
    message: str = ""
    order_ticket: int = 0

    @property
    def is_success(self) -> bool:
        return self.retcode in (DONE, DONE_PARTIAL, PLACED)


@dataclass(frozen=True, slots=True)
class Traces:
    """What the broker still knows of a magic number; `ended` is how its resting order went."""

    deals: int
    pendings: int
    ended: str = ""

    @property
    def is_absent(self) -> bool:
        return not self.deals and not self.pendings and not self.ended
