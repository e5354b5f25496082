"""The four requests of the executor API; unknown members are refused."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from execution.wire.deals import ReportedDeal
from execution.wire.fields import (
    BootNonce,
    Fence,
    Label,
    LotsAboveZero,
    Minor,
    Money,
    PriceAboveZero,
    Seq,
    Text,
    Ticket,
    TimeMsc,
    Word,
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
# What `deal` and the heartbeat say is told so by whoever reads minor 1.
KINDS_OF_MINOR_0 = ("fill", "position_snapshot")
REPORT_KINDS = (*STATE_KINDS, *DEAL_REPORT_KINDS, "lookup_absent", "position_snapshot")


class Sheet(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """Contract sheet of one symbol; `tick_value` in account currency per lot."""

    symbol: Word
    digits: Annotated[int, Meta(ge=0, le=10)]
    tick_size: PriceAboveZero
    tick_value: PriceAboveZero
    contract_size: PriceAboveZero
    lot_min: LotsAboveZero
    lot_step: LotsAboveZero
    lot_max: LotsAboveZero
    stops_level_points: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


class Hello(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """First message of an executor's run: who it is and what its terminal says of the account."""

    instance: Word
    server: Word
    login: Word
    currency: Annotated[str, Meta(pattern=r"^[A-Z0-9]{3,8}\Z")]
    margin_mode: Literal["hedging", "netting"]
    versions: Annotated[dict[Word, Label], Meta(max_length=16)] = {}
    balance: Money | None = None
    equity: Money | None = None
    symbols: Annotated[tuple[Sheet, ...], Meta(max_length=2000)] = ()
    api_minor: Minor = 0
    boot_nonce: BootNonce = ""


class Poll(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """Asks for work; the answer to it is the permit."""

    instance: Word
    boot_nonce: BootNonce = ""


class Watermark(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """The last deal that the terminal's history shows."""

    time_msc: TimeMsc
    ticket: Ticket


class Heartbeat(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """The account's money and open positions as the terminal shows them.

    `open_tickets` are POSITION_IDENTIFIERs, as in deals: POSITION_TICKET changes when a netting
    position is reversed or re-opened for swap.
    """

    instance: Word
    balance: Money
    equity: Money
    margin: Money
    watermark: Watermark
    open_tickets: Annotated[tuple[Ticket, ...], Meta(max_length=5000)] = ()
    boot_nonce: BootNonce = ""


class ExecutionReport(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """One report; `seq` counts up by one per instance, `deal` goes with the kinds deal and fill."""

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

    def __post_init__(self) -> None:
        if self.kind not in REPORT_KINDS:
            raise ValueError(f"kind {self.kind!r} is not known")
        if (self.deal is not None) != (self.kind in DEAL_REPORT_KINDS):
            raise ValueError("deal belongs to the kinds deal and fill, and only there")


REPORT_REF = f"#/$defs/{ExecutionReport.__name__}"
# Read one by one, so that one odd report spoils no other.
_RawReport = Annotated[msgspec.Raw, Meta(extra_json_schema={"$ref": REPORT_REF})]


class Reports(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A batch of execution reports."""

    instance: Word
    reports: Annotated[list[_RawReport], Meta(max_length=REPORTS_MAX)]
    boot_nonce: BootNonce = ""
