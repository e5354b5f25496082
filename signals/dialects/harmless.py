"""Members that change no trade, whoever sends them: reviewed name by name, each with its reason.

What is not listed is not harmless: then a message may lower risk only. A yes or no is a switch
under any name, so none is ever harmless. Pure data and the one question asked of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, NamedTuple


class Harmless(NamedTuple):
    """Why a member may be left out, and of which values that holds."""

    reason: str
    holds: Callable[[Any], bool]


_NUMBER: Final = re.compile(r"[+-]?[0-9]*\.?[0-9]+([eE][+-]?[0-9]{1,3})?|nan|na|null", re.I)
_PLOT: Final = re.compile(r"plot[0-9]{1,2}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) or (
        isinstance(value, str) and _NUMBER.fullmatch(value.strip()) is not None
    )


def _is_anything(value: Any) -> bool:
    return True


def _says(pattern: str) -> Callable[[Any], bool]:
    known = re.compile(pattern)
    return lambda value: (
        isinstance(value, str) and known.fullmatch(value.strip().lower()) is not None
    )


def _rows(names: str, reason: str, holds: Callable[[Any], bool]) -> dict[str, Harmless]:
    return dict.fromkeys(names.split(), Harmless(reason, holds))


HARMLESS: Final[dict[str, Harmless]] = {
    **_rows(
        "open high low hl2 hlc3 ohlc4 bid ask last barvolume baropen barhigh barlow barindex",
        "a price or count that the chart printed; what is traded names its own price",
        _is_number,
    ),
    **_rows(
        "rsi macd adx cci mfi obv vwap",
        "a reading of an indicator, for people",
        _is_number,
    ),
    **_rows(
        "strategy strategyname name title label comment message note notes description text tag"
        " tags setup setupname pattern indicator indicatorname script scriptname author bot botname"
        " platform platformname sender provider source channel username avatarurl embeds version"
        " orderid strategyorderid ordercomment strategyordercomment alertname zonesrc",
        "a name or a remark; no word in it is an instruction here",
        _is_anything,
    ),
    **_rows(
        "market exchange tvexchange currency basecurrency quotecurrency timezone",
        "where the chart is at home; the symbol alone says what is traded",
        _is_anything,
    ),
    **_rows(
        "pnl netprofit openprofit equity balance winrate rmultiple",
        "how the sender itself stands; sizes are stated or counted from our own account",
        _is_number,
    ),
    **_rows(
        "account accountid",
        "where the sender would trade; here its strategy's subscriptions say it",
        _is_anything,
    ),
    **_rows(
        "leverage lever",
        "margin, not size: a position has as many lots with any leverage, the broker's counts",
        lambda value: _is_number(value) or _says(r"[0-9]{1,4}x")(value),
    ),
    **_rows(
        "marginmode margintype",
        "how an exchange sets margin apart; a broker here knows one way",
        _says("isolated|cross|crossed"),
    ),
    **_rows(
        "ordermode",
        "both: the stop and the target are attached, as they are here",
        _says("both"),
    ),
    **_rows(
        "product",
        "how long an Indian broker means to hold it; a position here is held until it is closed",
        _says("mis|nrml|cnc"),
    ),
    **_rows(
        "disclosedquantity",
        "nothing is hidden of the order",
        lambda value: str(value).strip("0.") == "",
    ),
    **_rows(
        "date",
        "a day without a time of day tells no age",
        _says(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    ),
}


def is_harmless(name: str, value: Any) -> bool:
    """Return whether a member of this plain name may be left out with this value."""
    if isinstance(value, bool):
        return False
    found = HARMLESS.get(name)
    if found is not None:
        return found.holds(value)
    return _PLOT.fullmatch(name) is not None and _is_number(value)


def says_nothing(value: Any) -> bool:
    """Return whether a member is there and empty; a zero or a no says something."""
    return value is None or (isinstance(value, str | list | dict) and not value)
