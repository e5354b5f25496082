"""What a broker lets a symbol do, as its sheet says it, and the refusal that an entry would meet.

Pure. A member that was not told is None and foretells nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

# Every refusal that is foretold, with the return code that it stands for.
FORETOLD: Final = {
    "trade_disabled": 10017,
    "only_long": 10042,
    "only_short": 10043,
    "only_close": 10044,
    "order_type_refused": 10035,
    "expiration_refused": 10022,
    "filling_refused": 10030,
    "market_closed": 10018,
    "stop_too_near": 10016,
    "price_on_wrong_side": 10015,
}
_OF_TRADE_MODE: Final = {
    "disabled": ("trade_disabled", ("buy", "sell")),
    "longonly": ("only_long", ("sell",)),
    "shortonly": ("only_short", ("buy",)),
    "closeonly": ("only_close", ("buy", "sell")),
}
# `good_until` is sent as SPECIFIED, `day` as DAY, anything else rests until it is cancelled.
_EXPIRATION: Final = {"day": "day", "gtd": "specified"}


@dataclass(frozen=True, slots=True)
class SymbolTerms:
    """Modes in MT5's words, lower case.

    `sessions` are (day, first second, last second) of the broker's week; day 0 is Sunday.
    """

    trade_mode: str | None = None
    order_modes: frozenset[str] | None = None
    filling_modes: frozenset[str] | None = None
    expiration_modes: frozenset[str] | None = None
    sessions: Sequence[tuple[int, int, int]] | None = None
    stops_level_points: int = 0
    lots_limit: Decimal | None = None


@dataclass(frozen=True, slots=True)
class EntryWanted:
    """The order that would be sent; `bid` and `ask` are None where no quote is known."""

    side: str
    order_type: str
    tif: str
    price: Decimal | None
    sl: Decimal | None
    tp: Decimal | None
    point: Decimal
    bid: Decimal | None
    ask: Decimal | None
    broker_time: datetime


def broker_refusal(terms: SymbolTerms, wanted: EntryWanted) -> str:
    """Return the first refusal that the broker's sheet foretells, '' for none."""
    checks = (_mode, _order_type, _tif, _session, _pending_side, _stop_distance)
    return next((reason for one in checks if (reason := one(terms, wanted))), "")


def _mode(terms: SymbolTerms, wanted: EntryWanted) -> str:
    reason, refused = _OF_TRADE_MODE.get(terms.trade_mode or "", ("", ()))
    return reason if wanted.side in refused else ""


def _order_type(terms: SymbolTerms, wanted: EntryWanted) -> str:
    known = terms.order_modes
    return "order_type_refused" if known is not None and wanted.order_type not in known else ""


def _tif(terms: SymbolTerms, wanted: EntryWanted) -> str:
    """A filling is asked of market orders alone, an expiration of those that rest."""
    if wanted.order_type == "market":
        known = terms.filling_modes
        is_asked = known is not None and wanted.tif in ("fok", "ioc")
        return "filling_refused" if is_asked and wanted.tif not in (known or ()) else ""
    needed = _EXPIRATION.get(wanted.tif, "gtc")
    known = terms.expiration_modes
    return "expiration_refused" if known is not None and needed not in known else ""


def _session(terms: SymbolTerms, wanted: EntryWanted) -> str:
    """A resting order is taken in its session too: the server refuses it while it is closed."""
    if terms.sessions is None:
        return ""
    time = wanted.broker_time
    # Python's week begins on Monday, the broker's on Sunday.
    today, second = time.isoweekday() % 7, time.hour * 3600 + time.minute * 60 + time.second
    is_open = any(day == today and first <= second < last for day, first, last in terms.sessions)
    return "" if is_open else "market_closed"


def _pending_side(terms: SymbolTerms, wanted: EntryWanted) -> str:
    """A limit waits on the better side of the market, a stop on the worse one.

    A stop on the better side would fill at once, further from its stop than it was sized for.
    """
    market = wanted.ask if wanted.side == "buy" else wanted.bid
    if market is None or wanted.price is None or wanted.order_type not in ("limit", "stop"):
        return ""
    is_below = wanted.price < market
    wants_below = (wanted.side == "buy") == (wanted.order_type == "limit")
    return "" if is_below == wants_below else "price_on_wrong_side"


def _stop_distance(terms: SymbolTerms, wanted: EntryWanted) -> str:
    """Stop and target keep the broker's distance from the price that would close the position.

    At a market order that is the other side of the quote. Never widened: a smaller order would
    not help either, so it is refused.
    """
    closing = wanted.bid if wanted.side == "buy" else wanted.ask
    base = closing if wanted.order_type == "market" else wanted.price
    if base is None or not terms.stops_level_points:
        return ""
    least = terms.stops_level_points * wanted.point
    levels = (one for one in (wanted.sl, wanted.tp) if one is not None)
    return "stop_too_near" if any(abs(base - one) < least for one in levels) else ""
