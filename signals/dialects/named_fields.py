"""The named values of one generic message, and which of them have been understood. Pure.

JSON objects are flattened: `strategy.order.action`, `strategy_order_action` and the nested form
are the same name. Two spellings of one name must agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from signals.dialects.base import Refused
from signals.dialects.harmless import is_harmless, says_nothing
from signals.dialects.settled import NOTHING, Settled

# Objects around the message, and objects that only inform.
_WRAPPERS: Final = frozenset({"data", "payload", "body", "alert", "params", "webhook", "message"})
_ASIDE: Final = frozenset(
    {"metadata", "meta", "extras", "debug", "indicators", "context", "inputs", "plots"}
)
_FURTHER_TARGET: Final = re.compile(r"(tp|takeprofit|target)([2-9]|1[0-9])[a-z]*")
# Every spelling of a stop, a target or a trailing rule, which is none where it is zero or off.
_UNIT: Final = (
    "(price|pips?|points?|ticks?|pct|percent|percentage|dollars?|usd|value|amount|offset)"
)
_LEVEL: Final = "(sl|tp|stop|stoploss|takeprofit|target|profittarget)"
_RULE: Final = (
    rf"trail(ing)?(stop)?(trigger|trig|freq|dist|distance|step|start|activation)?{_UNIT}?"
    rf"|(be|breakeven)(trigger|trig|dist|at)?{_UNIT}?|break|callback(rate)?"
)
_MANAGING: Final = re.compile(_RULE)
_OFFABLE: Final = re.compile(rf"(update|use|enable)?{_UNIT}?{_LEVEL}[1-9]?{_UNIT}?|{_RULE}")
_NUMBER: Final = re.compile(r"[+-]?[0-9][0-9.]*")
_OFF: Final = frozenset({"", "false", "no", "none", "off", "null"})


def plain_name(name: str) -> str:
    """Return a field name as the vocabulary writes it."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def key_of(name: str) -> str:
    """Return the plain name; of a name with a part that has none, or other letters, itself."""
    if not name.isascii() or ("." in name and not all(map(plain_name, name.split(".")))):
        return name.lower()
    return plain_name(name) or name.lower()


class NamedFields:
    """Values by plain name. `take` reads and remembers, `unknown` tells what nobody took."""

    def __init__(self, pairs: Iterable[tuple[str, Any]], settled: Settled = NOTHING) -> None:
        self.values: dict[str, Any] = {}
        self._read: set[str] = set()
        self._unclear: set[str] = set()
        self._written: dict[str, str] = {}
        for name, value in pairs:
            key = key_of(name)
            if value is None or key in settled.credentials:
                continue
            key = settled.means.get(key, key)
            if key in self.values and self.values[key] != value:
                raise Refused("conflicting_fields", f"{name!r} is given twice and differently.")
            self.values[key] = value
            self._written[key] = name

    def rename(self, name: str, other: str) -> None:
        """Give a field another name; where both are there they must agree."""
        value = self.values.pop(name)
        if self.values.setdefault(other, value) != value:
            raise Refused("conflicting_fields", f"{name} and {other} do not agree.")
        self._written.setdefault(other, self._written.get(name, name))

    def rename_number(self, name: str, number_name: str) -> None:
        """Give a field that holds a number, not a word, the name that numbers of its kind have."""
        value = self.values.get(name)
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        if is_number or (isinstance(value, str) and _NUMBER.fullmatch(value.strip())):
            self.rename(name, number_name)

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

    def note_read(self, names: Iterable[str]) -> None:
        """Remember fields that were understood elsewhere."""
        self._read.update(names)

    def note_unclear(self, name: str) -> None:
        """Remember a field of a known name whose value nobody understands."""
        self._unclear.add(name)

    def unknown(self, *, has_stop: bool | None) -> tuple[dict[str, Any], bool]:
        """Return by its written name what nobody understood, and whether a rule was let go.

        A trailing or break-even rule may be let go only beside a fixed stop; `has_stop` is None
        where nothing is opened or changed, so that such rules say nothing.
        """
        unknown: dict[str, Any] = {}
        let_go = False
        for name, value in self.values.items():
            if (name in self._read and name not in self._unclear) or says_nothing(value):
                continue
            if is_harmless(name, value) or is_switched_off(name, value):
                continue
            if has_stop is not None and _FURTHER_TARGET.fullmatch(name):
                raise Refused("several_targets", f"{name} is a further target.")
            if has_stop is not None and _MANAGING.fullmatch(name):
                if not has_stop:
                    raise Refused("unsupported_option", f"{name} needs a fixed stop beside it.")
                let_go = True
                continue
            unknown[self._written[name]] = value
        return unknown, let_go

    def never_known(self, known: frozenset[str]) -> dict[str, Any]:
        """Return by its written name what is neither of these names nor harmless."""
        return {
            self._written[name]: value
            for name, value in self.values.items()
            if name not in known
            and not says_nothing(value)
            and not is_harmless(name, value)
            and not _OFFABLE.fullmatch(name)
        }


def is_off(value: Any) -> bool:
    """Return whether a value says that there is none: zero, no, or a word like it."""
    if isinstance(value, str):
        said = value.strip().lower()
        return said in _OFF or ("0" in said and not said.strip("0."))
    return not isinstance(value, list | dict) and value in (0, False)


def is_switched_off(name: str, value: Any) -> bool:
    """Return whether a stop, target or trailing rule says that there is none."""
    return _OFFABLE.fullmatch(name) is not None and is_off(value)


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
