"""Reading single values of foreign dialects: text, numbers, symbols, times. Pure.

A value is as the sender wrote it: text, or a JSON number. What cannot be one is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from signals.dialects.base import Refused
from signals.intake.parsing import Unreadable, check_string
from signals.intents.checks import REF_LENGTH_MAX, SYMBOL_LENGTH_MAX
from signals.intents.symbols import SymbolUnreadable, instrument_of

_NUMBER: Final = re.compile(
    r"[+-]?([0-9]{1,14}(\.[0-9]{1,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,2})?"
)
# What programs print where they have no symbol.
_NO_SYMBOL: Final = frozenset({"", "null", "undefined", "None", "NaN", "N/A"})
_EXCHANGE: Final = re.compile(r"[A-Za-z0-9_.\-]{1,32}")
_EPOCH: Final = re.compile(r"[0-9]{10}([0-9]{3})?")
_INTERVAL: Final = re.compile(r"([0-9]{1,4})?\s*([A-Za-z]{0,3})")
# TradingView writes minutes as a bare number; `m` is what people add. `M` is a month.
_INTERVAL_SECONDS: Final = {
    "": 60,
    "m": 60,
    "min": 60,
    "s": 1,
    "S": 1,
    "h": 3600,
    "H": 3600,
    "d": 86_400,
    "D": 86_400,
    "w": 604_800,
    "W": 604_800,
}
_EPOCH_MAX: Final = 4_102_444_800  # the year 2100
# Sessions begin on five minutes, whatever the exchange; bars of other lengths on whole minutes.
_SESSION_SECONDS: Final = 300
_LONGEST_MONTH_SECONDS: Final = 31 * 86_400
_LAG_SECONDS_MAX: Final = 86_400
_DIGITS_AFTER: Final = Decimal(1).scaleb(-10)


@dataclass(frozen=True, slots=True)
class Times:
    """When it happened and was sent, as far as the message says."""

    timeframe: str | None = None
    bar_time: datetime | None = None
    signalled_at: datetime | None = None
    sent_at: datetime | None = None


def word(value: Any) -> str:
    """Return a value as a bare lower-case word for comparing: `Close Long` is `closelong`."""
    return re.sub(r"[^a-z0-9+]", "", value.lower()) if isinstance(value, str) else ""


def plain_text(value: Any, name: str) -> str:
    """Return trimmed, checked text; refuse placeholders that were not filled in."""
    if not isinstance(value, str):
        raise Refused("wrong_type", f"{name} must be text.")
    text = value.strip()
    if "{{" in text or "}}" in text:
        raise Refused("unresolved_placeholder", f"{name} still holds a placeholder.")
    if "\\" in text:
        raise Refused("escaped_text", f"{name} holds a backslash.")
    try:
        check_string(text)
    except Unreadable as error:
        raise Refused(error.code, f"{name}: {error.message}") from error
    return text


def number(value: Any, name: str) -> Decimal:
    """Return a finite number; `NaN`, `na`, thousands separators and units are refused."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise Refused("not_a_decimal", f"{name} must be a number.")
    if isinstance(value, str):
        text = plain_text(value, name)
        if not _NUMBER.fullmatch(text):
            raise Refused("not_a_decimal", f"{name} must be a number.")
        value = text
    result = Decimal(value)
    if abs(result) >= Decimal(10) ** 14:
        raise Refused("number_range", f"{name} is too large.")
    # Chart scripts print 17 digits; what lies past the tenth decimal place is noise.
    plain = result.quantize(_DIGITS_AFTER) if _places(result) > 10 else result
    if result and not plain:
        raise Refused("number_range", f"{name} is too small.")
    return plain


def optional_number(value: Any, name: str) -> Decimal | None:
    """Return a number, or None where the sender says that there is none."""
    return None if value is None else number(value, name)


def reference_price(value: Any, name: str = "price") -> Decimal | None:
    """Return the chart's price; it only informs, so an empty series (`NaN`, `na`) is no price."""
    if value is None or (isinstance(value, str) and word(value) in ("", "nan", "na", "null")):
        return None
    price = number(value, name)
    if price == 0:
        return None
    return _positive(price, name)


def share(value: Any, name: str) -> Decimal:
    """Return a percentage that may carry its sign."""
    text = value.strip().removesuffix("%") if isinstance(value, str) else value
    return number(text, name)


def symbol(value: Any, exchange: Any = None) -> str:
    """Return the symbol as written, with its exchange where both are named."""
    text = plain_text(value, "symbol") if value is not None else ""
    if text in _NO_SYMBOL:
        raise Refused("no_symbol", "The symbol is missing.")
    if exchange is not None and ":" not in text:
        prefix = plain_text(exchange, "exchange")
        # The exchange only informs; a name with spaces would spoil the symbol.
        text = f"{prefix}:{text}" if _EXCHANGE.fullmatch(prefix) else text
    if len(text) > SYMBOL_LENGTH_MAX:
        raise Refused("symbol_too_long", "The symbol is too long.")
    try:
        instrument_of(text)
    except SymbolUnreadable as error:
        raise Refused(error.code, str(error)) from error
    return text


def reference(value: Any, name: str) -> str | None:
    """Return an id of the sender as text, or None."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    text = plain_text(value, name) if value is not None else ""
    if len(text) > REF_LENGTH_MAX:
        raise Refused("ref_length", f"{name} is too long.")
    return text or None


def flag(value: Any, name: str) -> bool:
    """Return a yes or no, however the sender writes it."""
    if isinstance(value, bool) or value is None:
        return bool(value)
    said = word(value) if isinstance(value, str) else str(value)
    if isinstance(value, str):
        plain_text(value, name)
    if said in ("true", "yes", "1", "on"):
        return True
    if said in ("false", "no", "0", "off", ""):
        return False
    raise Refused("wrong_type", f"{name} must be true or false.")


def moment(value: Any, name: str) -> datetime | None:
    """Return a time from ISO 8601 with its offset, or from epoch seconds or milliseconds."""
    if value is None:
        return None
    text = str(value) if isinstance(value, int) else plain_text(value, name)
    if not text:
        return None
    if _EPOCH.fullmatch(text):
        seconds, milliseconds = int(text[:10]), int(text[10:] or 0)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000)
    try:
        found = datetime.fromisoformat(text)
        if found.utcoffset() is not None and 0 < found.timestamp() < _EPOCH_MAX:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Refused("not_a_time", f"{name} must be ISO 8601 with Z, or epoch time.")


def lag_end(lag: Any, sent_at: datetime | None) -> datetime:
    """Return the moment after which a message with this limit in seconds is too late."""
    if sent_at is None:
        raise Refused("missing_field", "A longest lag counts from the time of sending; name it.")
    seconds = positive(lag, "longest lag")
    if seconds > _LAG_SECONDS_MAX:
        raise Refused("number_range", "The longest lag is in seconds, at most a day.")
    return sent_at + timedelta(seconds=float(seconds))


def timeframe_seconds(timeframe: str | None) -> int | None:
    """Return the longest that a chart's bar may be, or None for what is not known."""
    found = _INTERVAL.fullmatch(timeframe or "")
    if not timeframe or found is None:
        return None
    unit = found[2] if found[2] in _INTERVAL_SECONDS else found[2].lower()
    unit_seconds = _LONGEST_MONTH_SECONDS if found[2] == "M" else _INTERVAL_SECONDS.get(unit)
    return unit_seconds and (int(found[1] or 1) * unit_seconds or None)


def times(*, either: Any = None, bar: Any = None, sent: Any = None, interval: Any = None) -> Times:
    """Sort out what the message says about time.

    `either` may be `{{time}}` (the bar's start) or `{{timenow}}`: it is the bar's start where a bar
    of the named interval may start then, in any exchange's session, else the time of sending. A
    time of sending decides alone how old the message is; a bar's start tells the last moment at
    which that bar can have closed.
    """
    timeframe = reference(interval, "interval")
    if timeframe is not None and len(timeframe) > 8:
        raise Refused("wrong_type", "interval must be a chart's.")
    seconds = timeframe_seconds(timeframe)
    bar_time, sent_at = moment(bar, "bar time"), moment(sent, "time")
    unsure = moment(either, "time")
    if unsure is not None:
        if bar_time is None and seconds is not None and _may_start_bar(unsure, seconds):
            bar_time = unsure
        elif sent_at is None:
            sent_at = unsure
    closed_at = bar_time + timedelta(seconds=seconds) if bar_time and seconds else None
    return Times(timeframe, bar_time, closed_at if sent_at is None else None, sent_at)


def _may_start_bar(moment_at: datetime, seconds: int) -> bool:
    grid = _SESSION_SECONDS if seconds % _SESSION_SECONDS == 0 else min(seconds, 60)
    return moment_at.timestamp() % grid == 0


def _positive(value: Decimal, name: str) -> Decimal:
    if value <= 0:
        raise Refused("not_positive", f"{name} must be above zero.")
    return value


def positive(value: Any, name: str) -> Decimal:
    """Return a number above zero."""
    return _positive(number(value, name), name)


def decimal_places(value: Any) -> int:
    """Return how many decimal places the sender wrote."""
    return _places(value if isinstance(value, Decimal) else number(value, "value"))


def _places(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
