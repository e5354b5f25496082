"""The executor API's JSON, read strictly: unknown members, floats and odd text are refused.

Money, prices, volumes and tickets are decimal strings; `facts()` gives the services' values.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from execution.rules.messages import (
    REPORT_KINDS,
    DealFacts,
    HeartbeatFacts,
    HelloFacts,
    ReportFacts,
    SymbolSheet,
)

BODY_BYTES_MAX = 262_144
REPORTS_MAX = 100
TICKET_MAX = 2**63 - 1
TIME_MSC_MAX = 4_102_444_800_000  # the year 2100
KNOWN_DEAL_KINDS = frozenset(
    {
        "buy",
        "sell",
        "balance",
        "credit",
        "charge",
        "correction",
        "bonus",
        "commission",
        "interest",
        "dividend",
        "tax",
    }
)

# Bounds leave room for exact sums and quotients in 28 digits.
Money = Annotated[str, Meta(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,10})?\Z", max_length=24)]
Price = Annotated[str, Meta(pattern=r"^[0-9]{1,10}(\.[0-9]{1,10})?\Z", max_length=21)]
Lots = Annotated[str, Meta(pattern=r"^[0-9]{1,6}(\.[0-9]{1,8})?\Z", max_length=15)]
Ticket = Annotated[str, Meta(pattern=r"^[0-9]{1,19}\Z")]
Word = Annotated[str, Meta(pattern=r"^[!-~]{1,64}\Z")]
Label = Annotated[str, Meta(pattern=r"^[ -~]{0,64}\Z")]
Text = Annotated[str, Meta(max_length=500)]
Seq = Annotated[int, Meta(ge=1, le=2**53)]
Small = Annotated[int, Meta(ge=0, le=1_000_000)]
TimeMsc = Annotated[int, Meta(ge=0, le=TIME_MSC_MAX)]

Body = TypeVar("Body")


class WireError(ValueError):
    """The body cannot be read; the text says where and why."""


class Sheet(Struct, forbid_unknown_fields=True, frozen=True):
    """Contract sheet of one symbol."""

    symbol: Word
    digits: Annotated[int, Meta(ge=0, le=10)]
    tick_size: Price
    tick_value: Price
    contract_size: Price
    lot_min: Lots
    lot_step: Lots
    lot_max: Lots
    stops_level_points: Small = 0

    def facts(self) -> SymbolSheet:
        numbers = {
            name: _decimal(getattr(self, name))
            for name in (
                "tick_size",
                "tick_value",
                "contract_size",
                "lot_min",
                "lot_step",
                "lot_max",
            )
        }
        zero = next((name for name, value in numbers.items() if value <= 0), None)
        if zero:
            raise WireError(f"{zero} of {self.symbol} must be above 0")
        return SymbolSheet(
            symbol=self.symbol,
            digits=self.digits,
            stops_level_points=self.stops_level_points,
            **numbers,
        )


class Hello(Struct, forbid_unknown_fields=True, frozen=True):
    """First message of an executor's run."""

    instance: Word
    server: Word
    login: Word
    currency: Annotated[str, Meta(pattern=r"^[A-Z0-9]{3,8}\Z")]
    margin_mode: Annotated[str, Meta(pattern=r"^(hedging|netting)\Z")]
    versions: Annotated[dict[Word, Label], Meta(max_length=16)] = {}
    balance: Money | None = None
    equity: Money | None = None
    symbols: Annotated[tuple[Sheet, ...], Meta(max_length=2000)] = ()

    def facts(self) -> HelloFacts:
        return HelloFacts(
            instance=self.instance,
            server=self.server,
            login=self.login,
            currency=self.currency,
            margin_mode=self.margin_mode,
            versions=dict(self.versions),
            balance=_decimal_or_none(self.balance),
            equity=_decimal_or_none(self.equity),
            symbols=tuple(sheet.facts() for sheet in self.symbols),
        )


class Poll(Struct, forbid_unknown_fields=True, frozen=True):
    """Asks for work; the answer to it is the permit."""

    instance: Word


class Watermark(Struct, forbid_unknown_fields=True, frozen=True):
    """The last deal that the terminal's history shows."""

    time_msc: TimeMsc
    ticket: Ticket


class Heartbeat(Struct, forbid_unknown_fields=True, frozen=True):
    """The account's money and open positions as the terminal shows them."""

    instance: Word
    balance: Money
    equity: Money
    margin: Money
    watermark: Watermark
    open_tickets: Annotated[tuple[Ticket, ...], Meta(max_length=5000)] = ()

    def facts(self) -> HeartbeatFacts:
        return HeartbeatFacts(
            instance=self.instance,
            balance=_decimal(self.balance),
            equity=_decimal(self.equity),
            margin=_decimal(self.margin),
            watermark_time_msc=self.watermark.time_msc,
            watermark_ticket=_ticket(self.watermark.ticket),
            open_tickets=tuple(_ticket(one) for one in self.open_tickets),
        )


class Deal(Struct, forbid_unknown_fields=True, frozen=True):
    """A deal in MT5's words; `time_msc` is broker time, `broker_offset_seconds` east of UTC."""

    ticket: Ticket
    kind: Annotated[str, Meta(pattern=r"^[a-z_]{1,40}\Z")]
    time_msc: TimeMsc
    entry: Annotated[str, Meta(pattern=r"^(in|out|inout|out_by)?\Z")] = ""
    position_ticket: Ticket = "0"
    broker_order_ticket: Ticket = "0"
    magic: Ticket = "0"
    symbol: Annotated[str, Meta(pattern=r"^[!-~]{0,64}\Z")] = ""
    reason: Annotated[str, Meta(pattern=r"^[a-z_]{0,24}\Z")] = ""
    comment: Text = ""
    volume_lots: Lots = "0"
    price: Price = "0"
    profit: Money = "0"
    swap: Money = "0"
    commission: Money = "0"
    fee: Money = "0"
    broker_offset_seconds: Annotated[int, Meta(ge=-86_400, le=86_400)] = 0

    def facts(self) -> DealFacts:
        known = self.kind in KNOWN_DEAL_KINDS
        seconds = timedelta(milliseconds=self.time_msc, seconds=-self.broker_offset_seconds)
        return DealFacts(
            ticket=_ticket(self.ticket),
            time_msc=self.time_msc,
            at=datetime(1970, 1, 1, tzinfo=UTC) + seconds,
            kind=self.kind if known else "unknown",
            kind_raw="" if known else self.kind,
            entry=self.entry,
            position_ticket=_ticket(self.position_ticket),
            broker_order_ticket=_ticket(self.broker_order_ticket),
            magic=_ticket(self.magic),
            symbol=self.symbol,
            reason=self.reason,
            comment=plain_text(self.comment)[:64],
            volume_lots=_decimal(self.volume_lots),
            price=_decimal(self.price),
            profit=_decimal(self.profit),
            swap=_decimal(self.swap),
            commission=_decimal(self.commission),
            fee=_decimal(self.fee),
            broker_offset_seconds=self.broker_offset_seconds,
        )


class Report(Struct, forbid_unknown_fields=True, frozen=True):
    """One execution report; `seq` counts up by one per instance."""

    report_id: Word
    seq: Seq
    kind: Word
    order_id: Ticket | None = None
    fence: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    retcode: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    message: Text = ""
    deal: Deal | None = None
    body: dict[str, Any] | None = None

    def facts(self, *, raw: str, instance: str) -> ReportFacts:
        if self.kind not in REPORT_KINDS:
            raise WireError(f"kind {self.kind!r} is not known")
        if (self.deal is not None) != (self.kind in ("deal", "fill")):
            raise WireError("deal belongs to the kinds deal and fill, and only there")
        return ReportFacts(
            report_id=self.report_id,
            seq=self.seq,
            kind=self.kind,
            raw=raw,
            instance=instance,
            order_id=None if self.order_id is None else _ticket(self.order_id),
            fence=self.fence,
            retcode=self.retcode,
            message=plain_text(self.message),
            deal=None if self.deal is None else self.deal.facts(),
        )


class Reports(Struct, forbid_unknown_fields=True, frozen=True):
    """A batch; each report is read on its own, so that one odd report spoils no other."""

    instance: Word
    reports: Annotated[list[msgspec.Raw], Meta(max_length=REPORTS_MAX)]


def body_read(raw: bytes, kind: type[Body]) -> Body:
    """Read a request body. Raises WireError, also for what is nested too deeply."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise WireError(str(error) or "the body cannot be read") from error


def report_read(raw: bytes, *, instance: str) -> ReportFacts:
    """Read one report of a batch. Raises WireError."""
    try:
        text = bytes(raw).decode("utf-8")
    except UnicodeDecodeError as error:
        raise WireError("the report is not UTF-8") from error
    if "\x00" in text:
        raise WireError("the report holds a NUL byte")
    return body_read(raw, Report).facts(raw=text, instance=instance)


def plain_text(text: str) -> str:
    """Return the text without control characters; Postgres stores no NUL."""
    return "".join(char for char in text if char.isprintable())


def _ticket(text: str) -> int:
    value = int(text)
    if value > TICKET_MAX:
        raise WireError(f"{text} is beyond 63 bits")
    return value


def _decimal(text: str) -> Decimal:
    return Decimal(text)


def _decimal_or_none(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def report_id_guess(raw: bytes) -> str:
    """Return the id of a report that cannot be read whole, or an empty text."""
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return ""
    report_id = found.get("report_id") if isinstance(found, dict) else None
    return plain_text(report_id)[:64] if isinstance(report_id, str) else ""
