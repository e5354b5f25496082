"""The closed world: a member that nobody understands may go along with less risk, never with more.

Every dialect names what of a message it did not read; here alone it is judged. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from signals.dialects import vocabulary as words
from signals.dialects.base import Reading, Refused
from signals.dialects.credentials import is_credential
from signals.dialects.harmless import is_harmless, says_nothing
from signals.dialects.named_fields import key_of
from signals.dialects.settled import Settled
from signals.dialects.values import word

RULE: Final = "unknown_member"
NAMED_MAX: Final = 8
_NAME_SHOWN_MAX: Final = 40
# Under such a name stands a price or a moment that an exit would have to wait for.
_WAITS: Final = re.compile(
    r"(trigger|stop|order|exit|close|activation)price|limit$|limitprice|closeat|goodafter"
)
_NOTHING: Final = (0, "0", False, "false", "no", "none")


def unread_members(data: Any, read: Iterable[str], prefix: str = "") -> dict[str, Any]:
    """Return the members of an object that are neither among those read nor harmless.

    `read` holds names as the dialect writes them; `prefix` stands before the names returned.
    """
    known = frozenset(read)
    if not isinstance(data, Mapping):
        return {}
    return {
        f"{prefix}{name}": value
        for name, value in data.items()
        if name not in known
        and not says_nothing(value)
        and not is_credential(name, value)
        and not is_harmless(key_of(name), value)
    }


def held_to_members(reading: Reading, settled: Settled) -> Reading:
    """Return the reading as far as its unknown members let it pass.

    An entry is refused; a reversal keeps what lowers risk, and `entry_rule` refuses the rest. What
    lowers risk alone passes, unless an unknown member would make it wait.
    """
    unknown = {
        name: value
        for name, value in reading.unknown.items()
        if key_of(name) not in settled.harmless and key_of(name) not in settled.credentials
    }
    if len(unknown) != len(reading.unknown):
        reading = replace(reading, unknown=unknown)
    if not unknown or reading.intent.kind != "trade":
        return reading
    waiting = [name for name, value in unknown.items() if _makes_wait(key_of(name), value)]
    if reading.intent.lowers_risk and waiting:
        raise Refused("unsupported_order", f"{names_text(waiting)} may make the exit wait.")
    if not reading.intent.has_entry:
        return reading
    if reading.intent.lowers_risk:
        return replace(reading, entry_rule=RULE)
    words_of_it = f"Not understood: {names_text(unknown)}."
    raise Refused(RULE, words_of_it, lowers_risk=False, unknown=unknown)


def names_text(names: Iterable[str]) -> str:
    """Return the first eight names, each cut, and how many more there are."""
    given = list(names)
    shown = [one if len(one) <= _NAME_SHOWN_MAX else f"{one[:_NAME_SHOWN_MAX]}…" for one in given]
    more = f" and {len(given) - NAMED_MAX} more" if len(given) > NAMED_MAX else ""
    return f"{', '.join(shown[:NAMED_MAX])}{more}"


def _makes_wait(name: str, value: Any) -> bool:
    said = word(value)
    if words.ORDER_TYPES.get(said, "market") != "market" or said in words.FOREIGN_ORDERS:
        return True
    return _WAITS.search(name) is not None and value not in _NOTHING
