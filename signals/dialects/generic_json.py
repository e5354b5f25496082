"""Generic JSON: ticker, symbol or pair; action, side or direction; nested `strategy.*`. Pure.

The form that most self-made bots publish. Names are read in any spelling; position facts
(`market_position`, `prev_market_position`, `position_size`) tell entry, exit and reversal apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from signals.dialects import vocabulary as words
from signals.dialects.base import Reading, Refused, StrategyDefaults
from signals.dialects.common_trade import read_trade
from signals.dialects.credentials import CredentialPlace, is_credential, member_credential
from signals.dialects.named_fields import NamedFields, flatten, plain_name
from signals.dialects.openalgo import OpenAlgo
from signals.dialects.pickmytrade import as_generic
from signals.dialects.threecommas import ThreeCommas
from signals.dialects.traderspost import TradersPost
from signals.dialects.tv_sentence import TvSentence
from signals.intake.parsing import Content

NAME: Final = "generic_json"
_OTHERS: Final = (ThreeCommas(), OpenAlgo(), TradersPost(), TvSentence())
_MARKS: Final = frozenset(
    {*words.SYMBOL, *words.ACTION_HARD, "signal", "isbuy", "issell", "tradingsymbol"}
)
# A message of our own whose schema is missing or misspelt must not be read by looser rules.
_OWN: Final = frozenset({"schema", "script_ver"})
_WRAPPERS: Final = frozenset({"data", "payload", "body", "alert", "params", "strategy"})


class GenericJson:
    """The adapter of JSON messages that no named dialect claims."""

    name = NAME
    credential_place = CredentialPlace.MEMBERS

    def claims(self, content: Content) -> bool:
        """Claim an object with a symbol or an action that no named dialect claims."""
        if not content.is_json:
            return False
        data = content.data
        if isinstance(data, list):
            return bool(data) and all(_is_marked(one) for one in data)
        if not isinstance(data, dict) or _OWN & data.keys():
            return False
        return _is_marked(data) and not any(other.claims(content) for other in _OTHERS)

    def credential(self, content: Content) -> str | None:
        """Return the first member that is named like a credential."""
        return member_credential(content.data)

    def read(self, content: Content, defaults: StrategyDefaults) -> Reading:
        """Return the intent, or raise `Refused`."""
        data = content.data
        if isinstance(data, list):
            if len(data) > 1:
                raise Refused("several_commands", "Send one object in one message.")
            data = data[0]
        pairs = [pair for pair in flatten(data) if not is_credential(*pair)]
        fields = NamedFields(as_generic(pairs), defaults.settled)
        return read_trade(NAME, fields, defaults, {})


def _is_marked(data: Any) -> bool:
    if not isinstance(data, Mapping):
        return False
    names = {plain_name(name) for name in data}
    if names & _MARKS or {"market", "order"} <= names:
        return True
    return any(
        isinstance(value, dict) and plain_name(name) in _WRAPPERS and _is_marked(value)
        for name, value in data.items()
    )
