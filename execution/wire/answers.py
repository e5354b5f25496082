"""The answers of the executor API and its error; members that come later are optional.

Who reads an answer ignores members that it does not know.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from execution.wire.fields import (
    Fence,
    Lots,
    Minor,
    MomentText,
    Price,
    Seconds,
    Seq,
    Ticket,
    one_of,
)
from execution.wire.plans import Distance, Plan

_Text = Annotated[str, Meta(max_length=200)]
_Count = Annotated[int, Meta(ge=0, le=2**53)]
_Points = Annotated[int, Meta(ge=0, le=2**31 - 1)]
_Code = Annotated[str, Meta(pattern=r"^[a-z_]{1,64}\Z")]


class AccountFacts(Struct, frozen=True):
    """The account that the key is bound to; in state `halted` it takes no entries."""

    id: Ticket
    name: _Text
    book: Annotated[str, one_of("paper", "live")]
    state: Annotated[str, one_of("active", "halted")]
    margin_mode: Annotated[str, one_of("hedging", "netting")]


class AccountLimits(Struct, frozen=True):
    """Most lots of one order, and of all that is open or may still open."""

    order_lots_max: Lots
    open_lots_max: Lots


class MappedSymbol(Struct, frozen=True):
    """One row of the symbol map; entries go through confirmed rows alone."""

    instrument: _Text
    broker_symbol: _Text
    is_confirmed: bool


class OrderOut(Struct, frozen=True):
    """An order that has not ended, as the server knows it."""

    order_id: Ticket
    fence: Fence
    state: _Code


class RefusedSymbol(Struct, frozen=True):
    """A contract sheet that could not be read, and why; the others were taken."""

    symbol: _Text
    reason: _Text


class HelloReply(Struct, frozen=True):
    """What an executor begins with: limits, symbols, orders still out, its last report number."""

    account: AccountFacts
    limits: AccountLimits
    symbols: tuple[MappedSymbol, ...]
    orders: tuple[OrderOut, ...]
    last_seq: _Count
    poll_seconds: Annotated[str, Meta(pattern=r"^[0-9]{1,4}(\.[0-9]{1,3})?\Z")]
    lease_seconds: Seconds
    permit_seconds: Seconds
    wait_offered: bool
    server_time: MomentText
    api_minor: Minor = 0
    refused_symbols: tuple[RefusedSymbol, ...] = ()


class LeasedOrder(Struct, frozen=True):
    """One order; `order_id`, below 2^52, is its magic number.

    `position_ticket` is the position's POSITION_IDENTIFIER, 0 for an entry. An `exit` closes all
    that is open when it is sent. An executor refuses what needs a higher minor than its own.
    A stop is `sl`, a price, or `sl_distance` from the fill, never both; a target likewise.

    An `amend` with a `target_order_id` is of the entry of that number, which rests: `limit_price`,
    `stop_price`, stop and target are all that it has from now on, also once it is filled.

    A `plan` is what becomes of an entry once it is filled.
    """

    order_id: Ticket
    fence: Fence
    event: Annotated[str, one_of("entry", "exit", "partial_exit", "amend")]
    broker_symbol: _Text
    side: Annotated[str, one_of("buy", "sell")]
    order_type: Annotated[str, one_of("market", "limit", "stop", "stop_limit")]
    volume_lots: Lots
    limit_price: Price | None
    stop_price: Price | None
    sl: Price | None
    tp: Price | None
    position_ticket: Ticket
    trace_id: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
    valid_until: MomentText | None
    lease_until: MomentText
    needs_minor: Minor = 0
    tif: Annotated[str, one_of("", "day", "gtc", "ioc", "fok", "gtd")] = ""
    good_until: MomentText | None = None
    deviation_points: _Points | None = None
    spread_points_max: _Points | None = None
    sl_distance: Distance | None = None
    tp_distance: Distance | None = None
    target_order_id: Ticket = msgspec.field(default_factory=Ticket)
    plan: Plan | None = None


class PermittedOrder(Struct, frozen=True):
    """An entry that may be sent under this fence while the permit lasts."""

    order_id: Ticket
    fence: Fence


class Permit(Struct, frozen=True):
    """Entries that may be sent now; `seconds` count from sending the poll, by a monotonic clock."""

    entries_allowed: bool
    seconds: Seconds
    orders: tuple[PermittedOrder, ...]


class DesiredCommand(Struct, frozen=True):
    """What shall become of an order, of a position, or of all that has not been sent.

    `cancel` an order or `lookup` one of which nobody knows, until a report says. `kill`: send no
    entry and cancel each that rests, as long as it is said. `close` the position named, once.
    The last two name no order (`order_id` 0) and are said to executors of minor 2 on.
    """

    order_id: Ticket
    fence: Fence
    command: _Code
    position_ticket: Ticket = msgspec.field(default_factory=Ticket)


class PollReply(Struct, frozen=True):
    """Leased orders, the permit, and the commands that hold until a report closes them."""

    orders: tuple[LeasedOrder, ...]
    permit: Permit
    desired: tuple[DesiredCommand, ...]
    server_time: MomentText


class Verdict(Struct, frozen=True):
    """What became of one report; `applied` tells whether an order moved by it."""

    report_id: Annotated[str, Meta(max_length=64)]
    verdict: Annotated[str, one_of("stored", "duplicate", "refused")]
    applied: bool
    reason: str


class Gap(Struct, frozen=True):
    """Report numbers, first to last, that never came."""

    first: Seq
    last: Seq


class ReportsReply(Struct, frozen=True):
    """One verdict per report in the order sent, and the gaps in `seq`."""

    reports: tuple[Verdict, ...]
    gaps: tuple[Gap, ...]
    server_time: MomentText


class HeartbeatReply(Struct, frozen=True):
    """The account's state, so that the executor shows it."""

    account: AccountFacts
    server_time: MomentText


class WaitReply(Struct, frozen=True):
    """Look now, that is: poll. It says nothing of whether there is work."""

    look: bool


class BarsReply(Struct, frozen=True):
    """How many bars are new, how many revise one that was told otherwise, how many were known."""

    added: _Count
    revised: _Count
    known: _Count
    server_time: MomentText


class ErrorReply(Struct, frozen=True):
    """Any answer that is not 200: `code` for programs, `message` for people."""

    code: _Code
    message: str
    detail: dict[str, Any]
