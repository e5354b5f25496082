"""Chart symbols to our instruments: `OANDA:EURUSD` names the instrument `EURUSD`. Pure."""

from __future__ import annotations

import re
from typing import Final

# A delayed feed marks its exchange; the instrument is the same.
_EXCHANGE: Final = re.compile(r"[A-Za-z0-9_.\-]{1,32}")
_SYMBOL: Final = re.compile(r"[A-Z0-9][A-Z0-9._!&/\-]{0,63}")


class SymbolUnreadable(ValueError):
    """The text cannot be a chart symbol."""


def instrument_of(symbol_raw: str) -> str:
    """Return the instrument a chart symbol names; raise `SymbolUnreadable` if none."""
    exchange, colon, symbol = symbol_raw.strip().rpartition(":")
    if colon and not _EXCHANGE.fullmatch(exchange):
        raise SymbolUnreadable(f"{symbol_raw!r} has no readable exchange.")
    instrument = symbol.upper()
    if not _SYMBOL.fullmatch(instrument):
        raise SymbolUnreadable(f"{symbol_raw!r} is not a chart symbol.")
    return instrument
