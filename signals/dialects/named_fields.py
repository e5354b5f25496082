"""The named values of one generic message, and which of them have been read. Pure.

JSON objects are flattened: `strategy.order.action`, `strategy_order_action` and the nested form
are the same name. Two spellings of one name must agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from signals.dialects.base import Refused

# Objects around the message, and objects that only inform.
_WRAPPERS: Final = frozenset({"data", "payload", "body", "alert", "params", "webhook", "message"})
_ASIDE: Final = frozenset(
    {"metadata", "meta", "extras", "debug", "indicators", "context", "inputs", "plots"}
)
_MANAGING: Final = re.compile(r"trail|breakeven|^be(trigger|trig|offset|dist)?$|^break$|callback")
# Slippage, slope and slots are no stops.
_TARGET_LIKE: Final = re.compile(r"^(sl|tp)(?!ip|op|ot|ow|ug|eep)|^t[1-9]$|stop|loss|profit|target")
_FURTHER_TARGET: Final = re.compile(r"(tp|takeprofit|target)([2-9]|1[0-9])[a-z]*")
# A size in an object that is not known is not left out.
_SIZE_INSIDE: Final = frozenset({"qty", "quantity", "contracts", "lot", "lots", "lotsize", "units"})
_NUMBER: Final = re.compile(r"[+-]?[0-9][0-9.]*")
_NOTHING: Final = (None, "", False, 0, "0", "false", "no", "none", "null")


def plain_name(name: str) -> str:
    """Return a field name as the vocabulary writes it."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


class NamedFields:
    """Values by plain name. `take` reads and remembers, `check_rest` judges what was not read."""

    def __init__(self, pairs: Iterable[tuple[str, Any]]) -> None:
        self.values: dict[str, Any] = {}
        self._read: set[str] = set()
        self._inner: dict[str, str] = {}
        for name, value in pairs:
            key = plain_name(name)
            if value is None or not key:
                continue
            if key in self.values and self.values[key] != value:
                raise Refused("conflicting_fields", f"{name!r} is given twice and differently.")
            self.values[key] = value
            self._inner[key] = plain_name(name.rpartition(".")[2])

    def rename_number(self, name: str, number_name: str) -> None:
        """Give a field that holds a number, not a word, the name that numbers of its kind have."""
        value = self.values.get(name)
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        if is_number or (isinstance(value, str) and _NUMBER.fullmatch(value.strip())):
            if self.values.setdefault(number_name, value) != value:
                raise Refused("conflicting_fields", f"{name} and {number_name} do not agree.")
            del self.values[name]

    def rename_zero(self, name: str, number_name: str) -> None:
        """Give a field the other name where it is zero; what else it means depends."""
        value = self.values.get(name)
        if not isinstance(value, bool) and str(value).strip().strip("0.") == "" and value != "":
            self.rename_number(name, number_name)

    def take(self, names: Iterable[str]) -> list[tuple[str, Any]]:
        """Return the given fields among the names, in the order of the names."""
        found = [(name, self.values[name]) for name in names if name in self.values]
        self._read.update(name for name, _ in found)
        return found

    def first(self, names: Iterable[str]) -> Any:
        """Return the first given value among the names, or None."""
        found = self.take(names)
        return found[0][1] if found else None

    def same(self, names: Iterable[str], code: str = "conflicting_fields") -> Any:
        """Return the value that all given fields among the names agree on, or None."""
        found = self.take(names)
        for name, value in found[1:]:
            if _loose(value) != _loose(found[0][1]):
                raise Refused(code, f"{found[0][0]} and {name} do not agree.")
        return found[0][1] if found else None

    def check_rest(self, *, has_stop: bool) -> bool:
        """Refuse unread fields that look like stops or targets; return whether one was let go.

        A trailing or break-even rule may be let go only beside a fixed stop.
        """
        let_go = False
        for name, value in self.values.items():
            if name in self._read or value in _NOTHING:
                continue
            if _FURTHER_TARGET.fullmatch(name):
                raise Refused("several_targets", f"{name} is a further target.")
            if _MANAGING.search(name):
                if not has_stop:
                    raise Refused("unsupported_option", f"{name} needs a fixed stop beside it.")
                let_go = True
            elif _TARGET_LIKE.search(name) or _TARGET_LIKE.search(self._inner.get(name, "")):
                raise Refused("unknown_field", f"{name} looks like a stop but is not understood.")
            elif self._inner.get(name, name) != name and self._inner[name] in _SIZE_INSIDE:
                raise Refused("unknown_field", f"{name} looks like a size but is not understood.")
        return let_go


def flatten(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield dotted names and plain values of nested objects; the depth is already bounded."""
    for name, value in data.items():
        key = plain_name(name)
        if isinstance(value, dict):
            if key not in _ASIDE:
                yield from flatten(value, prefix if key in _WRAPPERS else f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _loose(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value
