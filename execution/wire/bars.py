"""Closed bars of a symbol's chart, as an executor tells them."""

from typing import Annotated

from msgspec import Meta, Struct

from execution.wire.fields import BootNonce, Offset, Price, Symbol, TimeMsc, Word

BARS_MAX = 500
_Ticks = Annotated[int, Meta(ge=0, le=2**53)]


class ToldBar(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A closed bar; `time_msc` is when it opened, in broker time, `volume` its ticks."""

    time_msc: TimeMsc
    open: Price
    high: Price
    low: Price
    close: Price
    volume: _Ticks | None = None


class Bars(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """Closed bars of one series, oldest first; told again they count once.

    All are in one broker offset: where the broker's clock changed within them, send two calls.
    """

    instance: Word
    symbol: Symbol
    timeframe_seconds: Annotated[int, Meta(ge=60, le=2_678_400)]
    bars: Annotated[tuple[ToldBar, ...], Meta(min_length=1, max_length=BARS_MAX)]
    broker_offset_seconds: Offset = 0
    boot_nonce: BootNonce = ""
