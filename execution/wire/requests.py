"""The requests of the executor API; unknown members are refused."""

from collections.abc import Collection
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from execution.wire.deals import DELETED_KIND, ReportedDeal
from execution.wire.fields import (
    BootNonce,
    Code,
    Fence,
    Milliseconds,
    Minor,
    MomentText,
    Money,
    Offset,
    Seq,
    Text,
    Ticket,
    TimeMsc,
    Versions,
    Word,
)
from execution.wire.sheets import Sheet
from execution.wire.terminal import (
    OpenTickets,
    Pendings,
    Positions,
    ToldQuotes,
    TradeFlags,
)

REPORTS_MAX = 100
# Report kinds that may move an order, and where to; the service adds the conditions.
STATE_KINDS = {
    "ack": "acknowledged",
    "working": "working",
    "rejected": "rejected",
    "never_sent": "staged",
    "cancelled": "cancelled",
    "expired": "expired",
    "done": "done",
    "unknown": "unknown",
}
DEAL_REPORT_KINDS = ("deal", "fill")
NOTICE_KIND = "notice"
STEP_KIND = "step"
DEAL_DELETED_KIND = "deal_deleted"
# What `deal` and the heartbeat say is told so by whoever reads minor 1.
KINDS_OF_MINOR_0 = ("fill", "position_snapshot")
REPORT_KINDS = (
    *STATE_KINDS,
    *DEAL_REPORT_KINDS,
    "lookup_absent",
    "position_snapshot",
    NOTICE_KIND,
    DEAL_DELETED_KIND,
    STEP_KIND,
)
# Members that a report of these kinds has, and no other.
MEMBER_KINDS = {
    "deal": DEAL_REPORT_KINDS,
    "code": (NOTICE_KIND, STEP_KIND),
    "deal_ticket": (DEAL_DELETED_KIND,),
}
SYMBOLS_MAX = 2_000

SHEET_REF = f"#/$defs/{Sheet.__name__}"
# Read one by one, so that one odd symbol costs no more than itself.
_RawSheet = Annotated[msgspec.Raw, Meta(extra_json_schema={"$ref": SHEET_REF})]


class Hello(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """First message of an executor's run: who it is and what its terminal says of the account.

    `currency_digits` and `trade_mode` are ACCOUNT_CURRENCY_DIGITS and ACCOUNT_TRADE_MODE.
    `journal_since` is when its journal was begun, by the server's time.
    """

    instance: Word
    server: Word
    login: Word
    currency: Annotated[str, Meta(pattern=r"^[A-Z0-9]{3,8}\Z")]
    margin_mode: Literal["hedging", "netting"]
    versions: Versions = {}
    balance: Money | None = None
    equity: Money | None = None
    symbols: Annotated[tuple[_RawSheet, ...], Meta(max_length=SYMBOLS_MAX)] = ()
    api_minor: Minor = 0
    boot_nonce: BootNonce = ""
    currency_digits: Annotated[int, Meta(ge=0, le=8)] | None = None
    trade_mode: Literal["demo", "contest", "real"] | None = None
    journal_since: MomentText | None = None


class Poll(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """Asks for work; the answer to it is the permit."""

    instance: Word
    boot_nonce: BootNonce = ""


class Wait(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """Answered once there may be work, or after `seconds`; an executor that trades waits 2 at most.

    `since` is the `server_time` of the last poll: what came up after it is not waited for.
    """

    since: MomentText | None = None
    seconds: Annotated[int, Meta(ge=1, le=20)] = 2


class Watermark(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """The last deal that the terminal's history shows."""

    time_msc: TimeMsc
    ticket: Ticket


class Heartbeat(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """The account's money and open positions as the terminal shows them.

    `open_tickets` are POSITION_IDENTIFIERs, as in deals; `positions` say them too. `number` goes up
    with each heartbeat of a run. `skew_ms` is how far the program's clock is ahead of ours.
    `entries_blocked`: why it would send no entry now; `latch`: why it sends none until a person
    allows it there.
    """

    instance: Word
    balance: Money
    equity: Money
    margin: Money
    watermark: Watermark
    open_tickets: OpenTickets = ()
    boot_nonce: BootNonce = ""
    number: Seq | None = None
    told_at: MomentText | None = None
    broker_offset_seconds: Offset = 0
    positions: Positions | None = None
    pendings: Pendings | None = None
    quotes: ToldQuotes = ()
    margin_free: Money | None = None
    credit: Money | None = None
    floating: Money | None = None
    ping_ms: Milliseconds | None = None
    skew_ms: Annotated[int, Meta(ge=-86_400_000, le=86_400_000)] | None = None
    flags: TradeFlags | None = None
    versions: Versions = {}
    outbox_depth: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    entries_blocked: Annotated[tuple[Code, ...], Meta(max_length=16)] = ()
    latch: Code | None = None

    def __post_init__(self) -> None:
        _once("positions", [one.position_ticket for one in self.positions or ()])
        _once("pendings", [one.broker_order_ticket for one in self.pendings or ()])
        _once("quotes", [one.symbol for one in self.quotes])
        if self.open_tickets and self.positions is not None:
            told = {one.position_ticket for one in self.positions}
            if told != set(self.open_tickets):
                raise ValueError("open_tickets and positions say different tickets")

    @property
    def tickets(self) -> list[int]:
        """The open positions' identifiers, in order."""
        if self.positions is None:
            return sorted(self.open_tickets)
        return sorted(one.position_ticket for one in self.positions)


def _once(member: str, values: Collection[object]) -> None:
    if len(set(values)) != len(values):
        raise ValueError(f"{member} names one twice")


class ExecutionReport(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """One report; `seq` counts up by one per instance, `deal` goes with the kinds deal and fill.

    `broker_order_ticket` is the ticket of the order at the broker (MqlTradeResult.order). A notice
    and a step of an order's plan have a `code`; a deal that the broker took out of its history is
    named by `deal_ticket`.
    """

    report_id: Word
    seq: Seq
    kind: Annotated[
        str, Meta(pattern=r"^[!-~]{1,64}\Z", extra_json_schema={"enum": list(REPORT_KINDS)})
    ]
    order_id: Ticket | None = None
    fence: Fence | None = None
    retcode: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    message: Text = msgspec.field(default_factory=Text)
    deal: ReportedDeal | None = None
    body: dict[str, Any] | None = None
    broker_order_ticket: Ticket | None = None
    code: Code | None = None
    deal_ticket: Ticket | None = None

    def __post_init__(self) -> None:
        if self.kind not in REPORT_KINDS:
            raise ValueError(f"kind {self.kind!r} is not known")
        for member, kinds in MEMBER_KINDS.items():
            if (getattr(self, member) is not None) != (self.kind in kinds):
                raise ValueError(f"{member} belongs to {' and '.join(kinds)}, and only there")
        if self.deal is not None and self.deal.kind == DELETED_KIND:
            raise ValueError(f"a deleted deal is told by kind {DEAL_DELETED_KIND}")


REPORT_REF = f"#/$defs/{ExecutionReport.__name__}"
# Read one by one, so that one odd report spoils no other.
_RawReport = Annotated[msgspec.Raw, Meta(extra_json_schema={"$ref": REPORT_REF})]


class Reports(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A batch of execution reports."""

    instance: Word
    reports: Annotated[list[_RawReport], Meta(max_length=REPORTS_MAX)]
    boot_nonce: BootNonce = ""
