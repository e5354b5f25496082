"""PickMyTrade's alert as generic members: its action stands under `data`, a zero means none. Pure.

https://docs.pickmytrade.trade (indicator and strategy alerts). `reverse_order_close` closes the
opposite position first; `duplicate_position_allow` says whether it may add to a position. A
close closes all there is, whatever quantity stands beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from signals.dialects import vocabulary as words
from signals.dialects.base import Refused
from signals.dialects.named_fields import is_off, is_switched_off, plain_name
from signals.dialects.values import word

_NAMES: Final = {
    "data": "action",
    "date": "timenow",
    "reverseorderclose": "closeopposite",
}
_MARKS: Final = frozenset({"symbol", "data", "date"})
_ADDS: Final = "duplicatepositionallow"


def as_generic(pairs: Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return the members under generic names, or as they are where the message is another's."""
    given = {plain_name(name): value for name, value in pairs}
    if not given.keys() >= _MARKS or "action" in given or not isinstance(given["data"], str):
        return list(pairs)
    if is_off(given.get(_ADDS, True)):
        raise Refused("unsupported_option", f"{_ADDS}: what is open is not asked here.")
    closes = word(given["data"]) == "close"
    return [
        (_NAMES.get(plain_name(name), name), value)
        for name, value in pairs
        if plain_name(name) != _ADDS
        and not _is_none(plain_name(name), value)
        and not (closes and plain_name(name) in words.SIZES)
    ]


def _is_none(name: str, value: Any) -> bool:
    return is_switched_off(name, value) or (name in words.SIZES and is_off(value))
