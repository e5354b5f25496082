"""Where the value of a name comes from, and whether a condition can hold on an open bar.

Only what lies outside of functions counts: an alert may not stand in one. Names are taken for the
whole script; two that share a name are judged together, which can only refuse more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Final

from pine.harness.lint.nodes import Node, Path, Statement

_TEXTS_MAX: Final = 200
_NONE: Final = frozenset[str]()


@dataclass(frozen=True)
class Definition:
    line: int
    value: Node | None  # none where a block works it out
    is_plain: bool  # all of the value, and not something added to it
    is_kept: bool  # var: it may have been decided on an earlier bar
    conditions: tuple[Node, ...]


def conditions_of(path: Path) -> tuple[Node, ...]:
    """The conditions that are true wherever this place is reached."""
    guards = [one for one in path if one.kind in ("if", "else if", "while")]
    return tuple(one.values[0] for one in guards)


class Flow:
    def __init__(self, paths: Iterable[Path]) -> None:
        self._known: dict[str, list[Definition]] = {}
        for *around, one in paths:
            if not any(outer.kind == "function" for outer in (*around, one)):
                for name in _changed(one):
                    self._known.setdefault(name, []).append(_definition(one, tuple(around)))

    def definitions(self, name: str) -> list[Definition]:
        return self._known.get(name, [])

    def needs(self, condition: Node | None, fact: str, seen: frozenset[str] = _NONE) -> bool:
        """Whether `condition` can only be true while the variable `fact` is."""
        match condition:
            case Node("bool", "false"):
                return True
            case Node("name", text):
                return text == fact or self._rests_until(text, fact, _is_false, seen)
            case Node("binary", "and", both):
                return any(self.needs(c, fact, seen) for c in both)
            case Node("binary", "or", both):
                return all(self.needs(c, fact, seen) for c in both)
            case Node("binary", sign, (Node("name", text), mark)):
                return self._rests_until(text, fact, lambda one: _misses(one, sign, mark), seen)
        return False

    def _rests_until(
        self, name: str, fact: str, is_rest: Callable[[Definition], bool], seen: frozenset[str]
    ) -> bool:
        """Whether `name` leaves its resting value only where `fact` is true, on this very bar."""
        known = self.definitions(name)
        if not known or name in seen or any(one.is_kept for one in known):
            return False
        seen |= {name}
        return all(
            is_rest(one)
            or any(self.needs(condition, fact, seen) for condition in one.conditions)
            or (is_rest is _is_false and one.is_plain and self.needs(one.value, fact, seen))
            for one in known
        )

    def texts(self, node: Node | None, seen: frozenset[str] = _NONE) -> set[str]:
        """The texts that this can be, as far as they stand in the script."""
        match node:
            case Node("string", text):
                return {text}
            case Node("ternary", _, (_, yes, no)):
                return self.texts(yes, seen) | self.texts(no, seen)
            case Node("binary", "+", (left, right)):
                pairs = product(self.texts(left, seen), self.texts(right, seen))
                return {first + second for first, second in list(pairs)[:_TEXTS_MAX]}
            case Node("name", text) if text not in seen:
                values = [one.value for one in self.definitions(text)]
                return set().union(*(self.texts(value, seen | {text}) for value in values))
        return set()


def _changed(one: Statement) -> list[str]:
    """The names that get a value here."""
    if one.kind == "declare":
        return [name.text for name in one.names]
    return [one.target] if one.target else []


def _definition(one: Statement, around: Path) -> Definition:
    is_declared = one.kind == "declare"
    value = None if one.body else one.value
    is_kept = is_declared and bool(one.text)
    is_plain = is_declared or one.text == ":="
    return Definition(one.at.line, value, is_plain, is_kept, conditions_of(around))


def _is_false(one: Definition) -> bool:
    return one.value is not None and one.value.text == "false"


def _misses(one: Definition, sign: str, mark: Node) -> bool:
    """Whether what stands here as such makes `name sign mark` false."""
    value = one.value
    if value is None or not (one.is_plain and value.is_literal and mark.is_literal):
        return False
    if sign in ("==", "!="):
        return (value.text == mark.text) is (sign == "!=")
    if not {value.kind, mark.kind} <= {"int", "float"} or sign not in ("<", ">"):
        return False
    low, high = (value, mark) if sign == "<" else (mark, value)
    return not float(low.text) < float(high.text)
