"""The one form of a deal: read from the wire, folded into positions, posted to the ledger."""

from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from msgspec import Meta, Struct, field

from execution.wire.fields import (
    Comment,
    Lots,
    Money,
    Offset,
    Price,
    Ticket,
    TimeMsc,
    utc_of,
)

# ENUM_DEAL_TYPE.
MT5_KINDS = (
    "buy",
    "sell",
    "balance",
    "credit",
    "charge",
    "correction",
    "bonus",
    "commission",
    "commission_daily",
    "commission_monthly",
    "commission_agent_daily",
    "commission_agent_monthly",
    "interest",
    "buy_canceled",
    "sell_canceled",
    "dividend",
    "dividend_franked",
    "tax",
)
# No word of MT5's: the last revision of a deal that the broker took out of its history.
DELETED_KIND = "deleted"
DEAL_KINDS = (*MT5_KINDS, DELETED_KIND)
UNKNOWN_KIND = "unknown"
DealEntry = Literal["", "in", "out", "inout", "out_by"]
DEAL_ENTRIES = get_args(DealEntry)
# What makes a deal the same deal when it is reported again.
CONTENT = (
    "time_msc",
    "kind",
    "kind_raw",
    "entry",
    "position_ticket",
    # A number that was lost, and is told again with it, makes another deal of it.
    "magic",
    "symbol",
    "volume_lots",
    "price",
    "profit",
    "swap",
    "commission",
    "fee",
)
_KIND_HINT = f"MT5's word; understood are {', '.join(MT5_KINDS)}"


class ReportedDeal(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A deal in MT5's words; `time_msc` is broker time, `broker_offset_seconds` east of UTC.

    Money in the account's currency, signed as MT5 signs it: what the account gained.
    `position_ticket` is DEAL_POSITION_ID, which is the position's POSITION_IDENTIFIER; `sl` and
    `tp` are DEAL_SL and DEAL_TP, none where MT5 has 0.
    """

    ticket: Ticket
    kind_told: Annotated[str, Meta(pattern=r"^[a-z_]{1,40}\Z", description=_KIND_HINT)] = field(
        name="kind"
    )
    time_msc: TimeMsc
    entry: DealEntry = ""
    position_ticket: Ticket = field(default_factory=Ticket)
    broker_order_ticket: Ticket = field(default_factory=Ticket)
    magic: Ticket = field(default_factory=Ticket)
    symbol: Annotated[str, Meta(pattern=r"^[ -~]{0,64}\Z")] = ""
    reason: Annotated[str, Meta(pattern=r"^[a-z_]{0,24}\Z")] = ""
    comment: Comment = field(default_factory=Comment)
    volume_lots: Lots = field(default_factory=Lots)
    price: Price = field(default_factory=Price)
    profit: Money = field(default_factory=Money)
    swap: Money = field(default_factory=Money)
    commission: Money = field(default_factory=Money)
    fee: Money = field(default_factory=Money)
    broker_offset_seconds: Offset = 0
    sl: Price | None = None
    tp: Price | None = None

    @property
    def kind(self) -> str:
        """The kind, or `unknown` for a word that no rule knows."""
        return self.kind_told if self.kind_told in DEAL_KINDS else UNKNOWN_KIND

    @property
    def kind_raw(self) -> str:
        """The word that no rule knows, or an empty text."""
        return "" if self.kind_told in DEAL_KINDS else self.kind_told

    @property
    def at(self) -> datetime:
        """When it happened, in UTC."""
        return utc_of(self.time_msc, self.broker_offset_seconds)

    def content(self) -> dict[str, Any]:
        """Return the values by which a restated deal is told from the same deal."""
        return {name: getattr(self, name) for name in CONTENT}


# Members that a stored deal has as columns of the same name.
DEAL_COLUMNS = tuple(name for name in ReportedDeal.__struct_fields__ if name != "kind_told")
