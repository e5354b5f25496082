"""TradingView's default text of a strategy alert, as text or as the one member of an object. Pure.

It is written in the language of the chart's owner; those of which published alerts are known are
read, of which only the words around the four values differ.

"… order buy @ 1 filled on BINANCE:BTCUSDT. New strategy position is 1": the order and the position
after it tell what happened; the number after @ is the quantity, not the price.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from signals.dialects import vocabulary as words
from signals.dialects.base import Reading, Refused, StrategyDefaults
from signals.dialects.closed_world import unread_members
from signals.dialects.credentials import CredentialPlace, is_credential, member_credential
from signals.dialects.drafts import Change, Draft
from signals.dialects.message_times import read_times
from signals.dialects.named_fields import NamedFields, plain_name
from signals.dialects.switches import TEST, TIMES, switches_check
from signals.dialects.terms import Terms
from signals.dialects.values import flag, number, plain_text, positive, symbol
from signals.intake.parsing import Content, Unreadable, check_characters
from signals.intents.legs import Size

NAME: Final = "tv_sentence"
# Before the side, before the symbol and before the position: English, French, Russian.
_WORDINGS: Final = (
    (r"order\s+", r"filled\s+on", r"New\s+strategy\s+position\s+is"),
    (r"ordre\s+", r"effectué\s+sur", r"La\s+nouvelle\s+position\s+de\s+la\s+stratégie\s+est"),
    ("", r"исполнилась\s+по", r"Новая\s+позиция\s+стратегии"),
)
_MEANT: Final = re.compile(
    "|".join(rf"(?<!\S){order}\S+\s+@\s.*\b{filled}\b" for order, filled, _ in _WORDINGS),
    re.IGNORECASE | re.DOTALL,
)
_SENTENCES: Final = tuple(
    re.compile(
        rf"(?:[^\r\n]*?:\s*)?{order}(?P<side>\S+)\s+@\s+(?P<quantity>\S+)\s+{filled}\s+"
        rf"(?P<symbol>\S+?)\.?\s+{position}\s+(?P<position>\S+?)\.?",
        re.IGNORECASE,
    )
    for order, filled, position in _WORDINGS
)
_LENGTH_MAX: Final = 600
_WRAPPERS: Final = ("message", "text", "alert_message", "content", "value")
_TIMED: Final = TIMES | frozenset({*words.INTERVAL, *TEST})


class TvSentence:
    """The adapter of the default sentence."""

    name = NAME
    credential_place = CredentialPlace.MEMBERS

    def claims(self, content: Content) -> bool:
        """Claim a text, or an object's message, that has the sentence's skeleton."""
        text = sentence_in(content)
        if text is None or len(text) > _LENGTH_MAX:
            return False
        return _MEANT.search(text) is not None

    def credential(self, content: Content) -> str | None:
        """The sentence carries none; an object around it may."""
        return member_credential(content.data)

    def read(self, content: Content, defaults: StrategyDefaults) -> Reading:
        """Return the intent, or raise `Refused`."""
        beside = content.data if isinstance(content.data, dict) else {}
        return _read((sentence_in(content) or "").strip(), beside, defaults)


def sentence_in(content: Content) -> str | None:
    """Return the text that may hold the sentence."""
    if not content.is_json:
        return content.text if content.text.lstrip()[:1] not in "{[\"'" else None
    if isinstance(content.data, str):
        return content.data
    if not isinstance(content.data, dict):
        return None
    found = [content.data.get(name) for name in _WRAPPERS if name in content.data]
    is_alone = not {"ticker", "symbol", "action"} & content.data.keys()
    return found[0] if is_alone and len(found) == 1 and isinstance(found[0], str) else None


def _read(text: str, beside: Mapping[str, Any], defaults: StrategyDefaults) -> Reading:
    found = next((one for one in (form.fullmatch(text) for form in _SENTENCES) if one), None)
    if "{{" in text:
        raise Refused("unresolved_placeholder", "The sentence still holds a placeholder.")
    try:
        check_characters(" ".join(text.split()))
    except Unreadable as error:
        raise Refused(error.code, error.message) from error
    if found is None:
        raise Refused("malformed_text", "The sentence is not TradingView's default one.")
    side = plain_text(found["side"], "side").lower()
    if side not in ("buy", "sell"):
        raise Refused("unknown_side", "The order must be buy or sell.")
    fields = NamedFields(pair for pair in beside.items() if not is_credential(*pair))
    when = read_times(fields, defaults)
    if any(flag(value, name) for name, value in fields.take(TEST)):
        return Draft("", defaults).reading(
            NAME, kind="test", times=when, unknown=_unknown_beside(beside, [])
        )
    draft = Draft(symbol(found["symbol"]), defaults)
    terms = Terms(size=Size("qty", positive(found["quantity"], "quantity")))
    after = number(found["position"], "position")
    draft.change(Change(side=side, after=after), terms)
    unknown = _unknown_beside(beside, switches_check(beside, opens=True))
    return draft.reading(NAME, times=when, unknown=unknown)


def _unknown_beside(beside: Mapping[str, Any], understood: list[str]) -> dict[str, Any]:
    """The sentence says all of the trade; beside it stand only its times and what is harmless."""
    times = [name for name in beside if plain_name(name) in _TIMED]
    return unread_members(beside, {*_WRAPPERS, *times, *understood})
