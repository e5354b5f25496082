"""A first format out of pasted examples: what each member may say, for a person to correct. Pure.

Only what a name or the words themselves say is guessed; all else is left as `?`, which no check
lets pass. A unit is never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from signals.dialects import vocabulary as words
from signals.dialects.asking import HEARD
from signals.dialects.common_trade import KNOWN
from signals.dialects.credentials import is_credential_name
from signals.dialects.format_checks import FormatWrong, example_content
from signals.dialects.harmless import HARMLESS, is_harmless
from signals.dialects.named_fields import key_of
from signals.dialects.taught import CREDENTIAL, IGNORED, TaughtFormat
from signals.dialects.values import word

UNKNOWN: Final = "?"
# What a person may choose of, by group; further generic names may be written in a document.
MEANINGS: Final[dict[str, dict[str, str]]] = {
    "What to do": {
        "action": "action: buy, exit, cancel …",
        "side": "side: buy or sell",
        "reduce_only": "closes only, where true",
        "position_side": "position: long or short",
        "market_position": "position afterwards: long, short or flat",
        "prev_market_position": "position before: long, short or flat",
        "position_size": "size of the position afterwards, signed",
        "test": "a test, where true",
    },
    "On what": {"symbol": "symbol", "exchange": "exchange of the symbol"},
    "How much": {
        "lots": "size in lots",
        "qty": "size in contracts, units or shares",
        "notional": "size in account money",
        "risk_pct": "percent of equity to risk",
        "equity_pct": "percent of equity to buy for",
        "close_pct": "percent of the position to close",
        "close_qty": "units of the position to close",
        "close_lots": "lots of the position to close",
    },
    "Order": {
        "order_type": "order type: market, limit, stop",
        "limit_price": "limit price",
        "stop_price": "stop price of the order",
        "price": "the chart's price",
        "tif": "time in force",
    },
    "Stop and target": {
        f"{which}_{unit}": f"{name} {words_of_it}"
        for which, name in (("sl", "stop"), ("tp", "target"))
        for unit, words_of_it in (
            ("price", "as a price"),
            ("pips", "in pips from the entry"),
            ("points", "in points from the entry"),
            ("pct", "in percent from the entry"),
        )
    },
    "When and which": {
        "timenow": "time of sending",
        "bar_time": "time of the bar",
        "interval": "interval of the chart",
        "expires_at": "moment after which it is too late",
        "max_lag": "seconds after sending when it is too late",
        "id": "id of this message alone",
        "trade_id": "name of the trade, the same in its exit",
    },
    "Nothing of a trade": {
        CREDENTIAL: "credential, blanked",
        IGNORED: "ignored: no part of it",
    },
}
_SEPARATORS: Final = ("|", ";", "\n", ",", " ", "_")
_TICKER: Final = re.compile(r"[A-Z]{2,12}:[A-Z0-9._!/]{2,24}|[A-Z]{6}|[A-Z]{3,6}USDT?(\.P)?")
_SECRET: Final = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[\w\-]{8,64}|[0-9]{8,24}")
_WORDS_MAX: Final = 8
_WORD: Final = re.compile(r"[^\W\d][\w \-]{0,23}")


def format_guessed(name: str, bodies: Sequence[str]) -> dict[str, Any]:
    """Return a first document for these messages, or raise `FormatWrong`."""
    if not bodies:
        raise FormatWrong("Paste at least one message.")
    contents = [example_content(one, f"example {n}") for n, one in enumerate(bodies, start=1)]
    document: dict[str, Any] = {"v": 1, "name": name}
    if not all(one.is_json for one in contents):
        document |= _text_form([one.text.strip() for one in contents])
    separator, assign = document.get("separator", ""), document.get("assign", "")
    shape = TaughtFormat(name, "", (), {}, separator, assign)
    found = [shape.found(one) or {} for one in contents]
    places = list(dict.fromkeys(at for one in found for at in one))
    members = [_guess(at, [one.get(at) for one in found]) for at in places]
    document["members"] = _said_once(members)
    document["examples"] = [{"body": body, "asks": UNKNOWN} for body in bodies]
    return document


def _text_form(texts: Sequence[str]) -> dict[str, str]:
    for separator in _SEPARATORS:
        if all(separator in text for text in texts):
            for assign in ("=", ":"):
                parts = [part for text in texts for part in text.split(separator) if part.strip()]
                if all(assign in part for part in parts):
                    return {"separator": separator, "assign": assign}
            return {"separator": separator}
    raise FormatWrong("The examples are no JSON, and no sign stands between the parts of all.")


def _guess(at: str, values: Sequence[Any]) -> dict[str, Any]:
    given = [value for value in values if value is not None]
    says, why = _says(at, given)
    member: dict[str, Any] = {"at": at, "says": says}
    table = _table(says, given)
    if table:
        member["values"] = table
    if why:
        member["why"] = why
    if len(given) < len(values):
        member["optional"] = True
    return member


def _says(at: str, given: Sequence[Any]) -> tuple[str, str]:
    """What it says, and why where it is ignored; the words come before the names around them."""
    names = [key_of(part) for part in at.split("/") if part]
    name = names[-1] if names else ""
    texts = [one.strip() for one in given if isinstance(one, str)]
    is_text = bool(texts) and len(texts) == len(given)
    if is_credential_name(name):
        return CREDENTIAL, ""
    if is_text and all(_is_action(one) for one in texts):
        return ("action" if len(set(texts)) > 1 or name not in KNOWN else name), ""
    if is_text and set(names) & {*words.SYMBOL, "market"} and all(map(_TICKER.fullmatch, texts)):
        return "symbol", ""
    for one in (key_of(at), name):
        if one in KNOWN and _fits(one, given):
            return one, ""
    if is_text and all(map(_TICKER.fullmatch, texts)):
        return "symbol", ""
    if is_text and len(set(texts)) == 1 and _SECRET.fullmatch(texts[0]):
        return CREDENTIAL, ""
    if given and all(is_harmless(name, value) for value in given):
        harmless = HARMLESS.get(name)
        return IGNORED, harmless.reason if harmless else "a number that the chart printed"
    return UNKNOWN, ""


def _fits(name: str, given: Sequence[Any]) -> bool:
    """Whether a known name says it all: its unit too, and a word where it takes one."""
    units = {**words.SIZES, **words.STOPS, **words.TARGETS, **words.CLOSE_PARTS}
    if name in units and units[name] is None:
        return False
    return name not in HEARD or all(isinstance(one, str | bool) for one in given)


def _is_action(text: str) -> bool:
    return word(text) in words.ASKS or word(text) in words.DIRECTIONS


def _table(says: str, given: Sequence[Any]) -> dict[str, str]:
    """The words of a member that may be an instruction, each with what it may mean."""
    if says not in (UNKNOWN, "action", "side", *words.ACTION_HARD):
        return {}
    texts = list(dict.fromkeys(one.strip() for one in given if isinstance(one, str)))
    if not texts or len(texts) > _WORDS_MAX or not all(map(_WORD.fullmatch, texts)):
        return {}
    if all(_TICKER.fullmatch(one) for one in texts):
        return {}
    return {one: word(one) if _is_action(one) else UNKNOWN for one in texts}


def _said_once(members: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of two members that seem to say the same, a person must choose."""
    said = [key_of(one["says"]) for one in members]
    free = (UNKNOWN, CREDENTIAL, IGNORED)
    return [
        one
        if one["says"] in free or said.count(key_of(one["says"])) == 1
        else {**one, "says": UNKNOWN}
        for one in members
    ]


def words_shown(values: Mapping[str, str]) -> str:
    """Return a table of words as a person writes it: `up=buy, down=sell`."""
    return ", ".join(f"{said}={means}" for said, means in values.items())
