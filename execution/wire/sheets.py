"""The contract sheet of a symbol, in MT5's words: lower case, without their prefix."""

from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta, Struct

from execution.wire.fields import (
    Lots,
    LotsAboveZero,
    Money,
    PriceAboveZero,
    Seconds,
    Symbol,
)

# SYMBOL_TRADE_MODE_, SYMBOL_TRADE_EXECUTION_, SYMBOL_FILLING_, SYMBOL_EXPIRATION_, SYMBOL_ORDER_,
# SYMBOL_SWAP_MODE_.
TradeMode = Literal["disabled", "longonly", "shortonly", "closeonly", "full"]
ExecutionMode = Literal["request", "instant", "market", "exchange"]
FillingMode = Literal["fok", "ioc", "boc"]
ExpirationMode = Literal["gtc", "day", "specified", "specified_day"]
OrderMode = Literal["market", "limit", "stop", "stop_limit", "sl", "tp", "closeby"]
SwapMode = Literal[
    "disabled",
    "points",
    "currency_symbol",
    "currency_margin",
    "currency_deposit",
    "currency_profit",
    "interest_current",
    "interest_open",
    "reopen_current",
    "reopen_bid",
]
_Points = Annotated[int, Meta(ge=0, le=1_000_000)]
_Day = Annotated[int, Meta(ge=0, le=6, description="0 is Sunday")]
_FEW = Meta(max_length=16)


class Session(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A part of a day in which the symbol is traded: seconds of broker time from its midnight."""

    day: _Day
    from_seconds: Seconds
    to_seconds: Seconds

    def __post_init__(self) -> None:
        if self.from_seconds >= self.to_seconds:
            raise ValueError("a session ends after it begins")


class Sheet(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """Contract sheet of one symbol; tick values in account currency per lot.

    What is absent was not told. `sessions` are those of trading; none at all: it is never traded.
    `lots_limit` is SYMBOL_VOLUME_LIMIT, 0 where there is none. A swap is in what its mode says.
    """

    symbol: Symbol
    digits: Annotated[int, Meta(ge=0, le=10)]
    tick_size: PriceAboveZero
    tick_value: PriceAboveZero
    contract_size: PriceAboveZero
    lot_min: LotsAboveZero
    lot_step: LotsAboveZero
    lot_max: LotsAboveZero
    stops_level_points: _Points = 0
    tick_value_loss: PriceAboveZero | None = None
    freeze_level_points: _Points | None = None
    lots_limit: Lots | None = None
    trade_mode: TradeMode | None = None
    execution_mode: ExecutionMode | None = None
    filling_modes: Annotated[tuple[FillingMode, ...], _FEW] | None = None
    expiration_modes: Annotated[tuple[ExpirationMode, ...], _FEW] | None = None
    order_modes: Annotated[tuple[OrderMode, ...], _FEW] | None = None
    sessions: Annotated[tuple[Session, ...], Meta(max_length=64)] | None = None
    profit_currency: Annotated[str, Meta(pattern=r"^[A-Z0-9]{3,8}\Z")] | None = None
    swap_mode: SwapMode | None = None
    swap_long: Money | None = None
    swap_short: Money | None = None
    swap_triple_day: _Day | None = None


TRADE_MODES: tuple[str, ...] = get_args(TradeMode)
EXECUTION_MODES: tuple[str, ...] = get_args(ExecutionMode)


def sheet_columns(sheet: Sheet) -> dict[str, Any]:
    """Return what the sheet says as columns of the same names; what it does not say is left out."""
    said = {name: getattr(sheet, name) for name in sheet.__struct_fields__ if name != "symbol"}
    return {
        name: msgspec.to_builtins(value) if isinstance(value, tuple) else value
        for name, value in said.items()
        if value is not None
    }
