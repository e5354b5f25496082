"""What an executor says and is told, as plain values between the wire and the services. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

ZERO = Decimal(0)

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
FACT_KINDS = ("lookup_absent", "position_snapshot")
REPORT_KINDS = (*STATE_KINDS, *DEAL_REPORT_KINDS, *FACT_KINDS)


@dataclass(frozen=True, slots=True)
class SymbolSheet:
    """Contract sheet of one broker symbol; `tick_value` in account currency per lot."""

    symbol: str
    digits: int
    tick_size: Decimal
    tick_value: Decimal
    contract_size: Decimal
    lot_min: Decimal
    lot_step: Decimal
    lot_max: Decimal
    stops_level_points: int = 0


@dataclass(frozen=True, slots=True)
class HelloFacts:
    """Who the executor is and what its terminal says of the account."""

    instance: str
    server: str
    login: str
    currency: str
    margin_mode: str
    balance: Decimal | None = None
    equity: Decimal | None = None
    versions: dict[str, str] = field(default_factory=dict)
    symbols: tuple[SymbolSheet, ...] = ()


@dataclass(frozen=True, slots=True)
class HeartbeatFacts:
    """The account as the terminal shows it; the watermark is the last deal it has seen."""

    instance: str
    balance: Decimal
    equity: Decimal
    margin: Decimal
    watermark_time_msc: int
    watermark_ticket: int
    open_tickets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DealFacts:
    """One MT5 deal as the terminal's history has it; money in account currency."""

    ticket: int
    time_msc: int
    at: datetime
    kind: str
    kind_raw: str = ""
    entry: str = ""
    position_ticket: int = 0
    broker_order_ticket: int = 0
    magic: int = 0
    symbol: str = ""
    reason: str = ""
    comment: str = ""
    volume_lots: Decimal = ZERO
    price: Decimal = ZERO
    profit: Decimal = ZERO
    swap: Decimal = ZERO
    commission: Decimal = ZERO
    fee: Decimal = ZERO
    broker_offset_seconds: int = 0

    def content(self) -> dict[str, object]:
        """What makes a deal the same deal when it is reported again."""
        names = (
            "time_msc",
            "kind",
            "kind_raw",
            "entry",
            "position_ticket",
            "symbol",
            "volume_lots",
            "price",
            "profit",
            "swap",
            "commission",
            "fee",
        )
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """One execution report; `raw` is its text as it came."""

    report_id: str
    seq: int
    kind: str
    raw: str
    instance: str
    order_id: int | None = None
    fence: int | None = None
    retcode: int | None = None
    message: str = ""
    deal: DealFacts | None = None


@dataclass(frozen=True, slots=True)
class ReportVerdict:
    """stored | duplicate | refused; `applied` tells whether an order moved by it."""

    report_id: str
    verdict: str
    applied: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """The executor behind a request: its key and the account that the key is bound to."""

    key_id: int
    prefix: str
    account_id: int
    scopes: tuple[str, ...]

    @property
    def actor(self) -> str:
        return f"executor:{self.prefix}"
