"""Where the value of a name comes from, and whether a condition can hold on an open bar.

Only what lies outside of functions counts: an alert may not stand in one. Names are taken for the
whole script; two that share a name are judged together, which can only refuse more.
"""

from collections.abc import Callable, Iterable
from itertools import product
from typing import Final

from pine.harness.lint.nodes import Node, Path, Statement

_TEXTS_MAX: Final = 200
_NONE: Final = frozenset[str]()


def conditions_of(path: Iterable[Statement]) -> tuple[Node, ...]:
    """The conditions that are true wherever this place is reached."""
    guards = [one for one in path if one.kind in ("if", "else if", "while")]
    return tuple(one.values[0] for one in guards)


class Flow:
    def __init__(self, paths: Iterable[Path]) -> None:
        self._known: dict[str, list[Path]] = {}
        for path in paths:
            if not any(one.kind == "function" for one in path):
                for name in path[-1].changed:
                    self._known.setdefault(name, []).append(path)

    def definitions(self, name: str) -> list[Statement]:
        """The statements that give this name a value."""
        return [path[-1] for path in self._known.get(name, [])]

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
        self, name: str, fact: str, is_rest: Callable[[Statement], bool], seen: frozenset[str]
    ) -> bool:
        """Whether `name` leaves its resting value only where `fact` is true, on this very bar."""
        known = self._known.get(name, [])
        if not known or name in seen or any(path[-1].is_kept for path in known):
            return False
        seen |= {name}
        return all(
            is_rest(one)
            or any(self.needs(condition, fact, seen) for condition in conditions_of(around))
            or (is_rest is _is_false and self.needs(one.value, fact, seen))
            for *around, one in known
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


def _is_false(one: Statement) -> bool:
    return one.value is not None and one.value.text == "false"


def _misses(one: Statement, sign: str, mark: Node) -> bool:
    """Whether what stands here as such makes `name sign mark` false."""
    value = one.value
    if value is None or one.is_added or not (value.is_literal and mark.is_literal):
        return False
    if sign in ("==", "!="):
        return (value.text == mark.text) is (sign == "!=")
    if not {value.kind, mark.kind} <= {"int", "float"} or sign not in ("<", ">"):
        return False
    low, high = (value, mark) if sign == "<" else (mark, value)
    return not float(low.text) < float(high.text)
