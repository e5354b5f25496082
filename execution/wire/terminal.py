"""What a terminal shows of its account: positions, resting orders, quotes, whether it may trade."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from execution.wire.fields import LotsAboveZero, MomentText, Price, Symbol, Ticket, TimeMsc, utc_of

POSITIONS_MAX = 5_000
PENDINGS_MAX = 1_000
QUOTES_MAX = 2_000

PendingKind = Literal[
    "buy_limit", "sell_limit", "buy_stop", "sell_stop", "buy_stop_limit", "sell_stop_limit"
]


class ToldPosition(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """An open position; `position_ticket` is its POSITION_IDENTIFIER, no stop means there is none.

    POSITION_TICKET changes when a netting position is reversed or re-opened for swap.
    """

    position_ticket: Ticket
    symbol: Symbol
    side: Literal["buy", "sell"]
    volume_lots: LotsAboveZero
    price_open: Price
    sl: Price | None = None
    tp: Price | None = None


class ToldPending(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """An order that rests at the broker; `volume_lots` is what of it is left.

    `price` is where it triggers, `limit_price` where a stop-limit order then rests. `expires_at` is
    absent where it lasts until it is cancelled.
    """

    broker_order_ticket: Ticket
    magic: Ticket
    symbol: Symbol
    kind: PendingKind
    volume_lots: LotsAboveZero
    price: Price
    limit_price: Price | None = None
    sl: Price | None = None
    tp: Price | None = None
    expires_at: MomentText | None = None


class ToldQuote(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """The last quote of a symbol; `time_msc` is the tick's, in broker time."""

    symbol: Symbol
    bid: Price
    ask: Price
    time_msc: TimeMsc

    def at(self, broker_offset_seconds: int) -> datetime:
        """When it was quoted, in UTC."""
        return utc_of(self.time_msc, broker_offset_seconds)


class TradeFlags(Struct, forbid_unknown_fields=True, frozen=True):
    """Who lets the program trade: TERMINAL_CONNECTED, TERMINAL_TRADE_ALLOWED, MQL_TRADE_ALLOWED,
    ACCOUNT_TRADE_ALLOWED, ACCOUNT_TRADE_EXPERT.
    """

    connected: bool
    terminal_allowed: bool
    program_allowed: bool
    account_allowed: bool
    experts_allowed: bool


OpenTickets = Annotated[tuple[Ticket, ...], Meta(max_length=POSITIONS_MAX)]
Positions = Annotated[tuple[ToldPosition, ...], Meta(max_length=POSITIONS_MAX)]
Pendings = Annotated[tuple[ToldPending, ...], Meta(max_length=PENDINGS_MAX)]
ToldQuotes = Annotated[tuple[ToldQuote, ...], Meta(max_length=QUOTES_MAX)]
