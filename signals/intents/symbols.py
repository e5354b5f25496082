"""Chart symbols to our instruments: `OANDA:EURUSD` names the instrument `EURUSD`. Pure.

An instrument is a name only: which contract of which broker it means, a person confirms once per
account. So what differs on the chart stays different here (`ES1!` and `ES2!`, `BTCUSDT` and
`BTCUSDT.P`, `EURUSD` and `EURUSD+`), and what may mean two things is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_EXCHANGE: Final = re.compile(r"[A-Za-z0-9_.\-]{1,32}")
# A delayed feed marks its exchange, never its ticker; the instrument is the same.
_DELAYED: Final = re.compile(r"_DLY?\Z", re.IGNORECASE)
_TICKER: Final = re.compile(r"[A-Z0-9][A-Z0-9._&/\-]*")
_CONTINUOUS: Final = re.compile(r"(?P<root>[A-Z0-9][A-Z0-9._&\-]*)[1-9]!")
# Brokers decorate their names: `#US30`, `EURUSD+`, `US30$`, `EURUSD#`.
_BROKER: Final = re.compile(r"#[A-Z0-9][A-Z0-9._&\-]*|[A-Z0-9][A-Z0-9._&\-]*[+#$]")
_SPREAD: Final = re.compile(r"[A-Z0-9!.)]\s*[+*^]\s*[A-Z0-9(]|/\s*[A-Z0-9_.]+:|[()]")
_QUOTE_LENGTH_MAX: Final = 5
_LENGTH_MAX: Final = 64


class SymbolUnreadable(ValueError):
    """The text names no single instrument; `code` is one of `reasons.py`."""

    def __init__(self, message: str, code: str = "unknown_symbol") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class SymbolForm:
    """A chart symbol taken apart. `kind`: plain, continuous (future), perpetual or broker."""

    exchange: str
    is_delayed: bool
    instrument: str
    kind: str


def instrument_of(symbol_raw: str) -> str:
    """Return the instrument a chart symbol names; raise `SymbolUnreadable` if none."""
    return symbol_form(symbol_raw).instrument


@lru_cache(maxsize=1024)  # a desk trades few symbols, and each alert asks twice
def symbol_form(symbol_raw: str) -> SymbolForm:
    """Take a chart symbol apart; raise `SymbolUnreadable` where it names no single instrument."""
    text = symbol_raw.strip()
    if _SPREAD.search(text.upper()) or text.count(":") > 1:
        raise _ambiguous(f"{symbol_raw!r} is a spread of several symbols; send one of them.")
    exchange, colon, ticker = text.rpartition(":")
    if colon and not _EXCHANGE.fullmatch(exchange):
        raise SymbolUnreadable(f"{symbol_raw!r} has no readable exchange.")
    instrument = ticker.upper()
    # Upper case makes plain letters of others: `EURU\u017fD`, with a long s, is not EURUSD.
    kind = _kind(instrument) if ticker.isascii() else ""
    if len(instrument) > _LENGTH_MAX or not kind:
        raise SymbolUnreadable(f"{symbol_raw!r} is not a chart symbol.")
    return SymbolForm(
        exchange=_DELAYED.sub("", exchange).upper(),
        is_delayed=_DELAYED.search(exchange) is not None,
        instrument=instrument,
        kind=kind,
    )


def _kind(instrument: str) -> str:
    """Return the kind, or nothing where the text is no symbol; refuse what may mean two things."""
    if _CONTINUOUS.fullmatch(instrument):
        return "continuous"
    if instrument.endswith("!") and _TICKER.fullmatch(instrument[:-1]):
        raise _ambiguous(f"{instrument} does not say which contract; ES1! is the first.")
    if instrument.startswith("$") and _TICKER.fullmatch(instrument[1:]):
        raise _ambiguous(f"{instrument} may be an index or a decorated name; leave the $ out.")
    if _BROKER.fullmatch(instrument):
        return "broker"
    if not _TICKER.fullmatch(instrument):
        return ""
    if _DELAYED.search(instrument):
        raise _ambiguous(f"{instrument}: a delay mark belongs to the exchange, not the symbol.")
    if len(instrument.partition("/")[2]) > _QUOTE_LENGTH_MAX or instrument.count("/") > 1:
        raise _ambiguous(f"{instrument} may be a pair or a ratio of two charts; send one symbol.")
    return "perpetual" if instrument.endswith(".P") else "plain"


def _ambiguous(message: str) -> SymbolUnreadable:
    return SymbolUnreadable(message, "ambiguous_symbol")
