"""Generic `key=value` text by comma, semicolon or line, with `=` or a colon. Pure.

The form of Pinebridge (`signal=long,symbol=…`), Trade Sender (`Action:buy;Size:1;…`) and their
like: a bare `size` is in lots, `qty` in units.
"""

from __future__ import annotations

from typing import Final

from signals.dialects import vocabulary as words
from signals.dialects.base import Reading, Refused, StrategyDefaults
from signals.dialects.common_trade import read_trade
from signals.dialects.credentials import CredentialPlace, field_credential, is_credential_name
from signals.dialects.key_fields import read_fields
from signals.dialects.named_fields import NamedFields, plain_name
from signals.dialects.octobot import OctoBot
from signals.dialects.values import word
from signals.intake.parsing import Content

NAME: Final = "key_value"
_LENGTH_MAX: Final = 4096
_MARKS: Final = frozenset({*words.SYMBOL, *words.ACTION_HARD, "signal"})
_UNITS: Final = {"size": "lots"}


class KeyValue:
    """The adapter of `key=value` messages that no named dialect claims."""

    name = NAME
    credential_place = CredentialPlace.FIELDS

    def claims(self, content: Content) -> bool:
        """Claim a text whose first field is a key and which names a symbol or an action."""
        form = _form(content)
        if form is None or OctoBot().claims(content):
            return False
        separators, assign = form
        text = content.text
        for separator in separators:
            text = text.replace(separator, "\n")
        lines = [line for line in text.split("\n") if line.strip()]
        names = {plain_name(line.partition(assign)[0]) for line in lines if assign in line}
        return bool(names & _MARKS) and assign in lines[0]

    def credential(self, content: Content) -> str | None:
        """Return `secret=` or its like."""
        form = _form(content)
        if form is None:
            return None
        try:
            return field_credential(tuple(read_fields(content.text, *form).items()))
        except Refused:
            return None

    def read(self, content: Content, defaults: StrategyDefaults) -> Reading:
        """Return the intent, or raise `Refused`."""
        form = _form(content)
        if form is None:
            raise Refused("malformed_text", "Write key=value fields.")
        given = read_fields(content.text, *form)
        _check_price(given)
        pairs = [(name, value) for name, value in given.items() if not is_credential_name(name)]
        return read_trade(NAME, NamedFields(pairs, defaults.settled), defaults, _UNITS)


def _form(content: Content) -> tuple[str, str] | None:
    """Return the separators and the assignment sign, one of each kind in one message."""
    text = content.text.strip()
    if content.is_json or len(text) > _LENGTH_MAX or text[:1] in "{[\"'":
        return None
    equals, colon = text.find("="), text.find(":")
    if equals < 0 and colon < 0:
        return None
    is_colon = equals < 0 or 0 <= colon < equals
    return (";" if ";" in text else ","), (":" if is_colon else "=")


def _check_price(given: dict[str, str]) -> None:
    """A price beside a bare size is where to trade in one bridge, and information in another."""
    price = given.get("price")
    if price is None or "size" not in given or {"order_type", "ordertype"} & given.keys():
        return
    if word(price) != "market":
        raise Refused("unknown_order_type", "Add order_type: the price may be a limit or a stop.")
