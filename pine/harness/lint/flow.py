"""Where the value of a name comes from, and whether a condition can hold on an open bar.

Only what lies outside of functions counts: an alert may not stand in one. Names are taken for the
whole script; two that share a name are judged together, which can only refuse more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final

from pine.harness.lint.nodes import (
    Assign,
    Binary,
    Block,
    Declare,
    Expression,
    Function,
    Literal,
    Name,
    Statement,
    Ternary,
)
from pine.harness.lint.script import Script, every_statement

_TEXTS_MAX: Final = 200


@dataclass(frozen=True)
class Definition:
    value: Expression | Block
    op: str
    is_kept: bool  # var: it may have been decided on an earlier bar
    conditions: tuple[Expression, ...]


_Test = Callable[[Definition], bool]


def conditions_of(path: tuple[Statement, ...]) -> tuple[Expression, ...]:
    """The conditions that are true wherever this place is reached."""
    return tuple(
        one.conditions[0]
        for one in path
        if isinstance(one, Block) and one.keyword in ("if", "else if", "while")
    )


class Flow:
    def __init__(self, script: Script) -> None:
        self._known: dict[str, list[Definition]] = {}
        for one, path in every_statement(script.statements):
            if any(isinstance(outer, Function) for outer in path):
                continue
            conditions = conditions_of(path[:-1])
            if isinstance(one, Declare):
                for name in one.names:
                    value = Definition(one.value, "=", bool(one.mode), conditions)
                    self._known.setdefault(name.text, []).append(value)
            elif isinstance(one, Assign) and isinstance(one.target, Name):
                value = Definition(one.value, one.op, False, conditions)
                self._known.setdefault(one.target.text, []).append(value)

    def definitions(self, name: str) -> list[Definition]:
        return self._known.get(name, [])

    def needs(
        self, condition: Expression | Block, fact: str, seen: frozenset[str] = frozenset()
    ) -> bool:
        """Whether `condition` can only be true while the variable `fact` is."""
        match condition:
            case Literal(kind="bool", text="false"):
                return True
            case Name(text=text):
                return text == fact or self._rests_until(text, fact, _is_false, seen)
            case Binary(op="and"):
                return any(self.needs(c, fact, seen) for c in (condition.left, condition.right))
            case Binary(op="or"):
                return all(self.needs(c, fact, seen) for c in (condition.left, condition.right))
            case Binary(op=op, left=Name(text=text), right=Literal() as mark):
                return self._rests_until(text, fact, lambda one: _misses(one, op, mark), seen)
        return False

    def _rests_until(self, name: str, fact: str, is_rest: _Test, seen: frozenset[str]) -> bool:
        """Whether `name` leaves its resting value only where `fact` is true, on this very bar."""
        known = self.definitions(name)
        if not known or name in seen or any(one.is_kept for one in known):
            return False
        seen |= {name}
        return all(
            is_rest(one)
            or any(self.needs(condition, fact, seen) for condition in one.conditions)
            or (
                is_rest is _is_false and one.op in ("=", ":=") and self.needs(one.value, fact, seen)
            )
            for one in known
        )

    def texts(self, node: Expression | Block, seen: frozenset[str] = frozenset()) -> set[str]:
        """The texts that this can be, as far as they stand in the script."""
        match node:
            case Literal(kind="string", text=text):
                return {text}
            case Ternary():
                return self.texts(node.yes, seen) | self.texts(node.no, seen)
            case Binary(op="+"):
                pairs = product(self.texts(node.left, seen), self.texts(node.right, seen))
                return {left + right for left, right in list(pairs)[:_TEXTS_MAX]}
            case Name(text=text) if text not in seen:
                values = [one.value for one in self.definitions(text)]
                return set().union(*(self.texts(value, seen | {text}) for value in values))
        return set()


def _is_false(one: Definition) -> bool:
    return isinstance(one.value, Literal) and one.value.text == "false"


def _misses(one: Definition, op: str, mark: Literal) -> bool:
    """Whether this literal makes `name op mark` false."""
    value = one.value
    if not isinstance(value, Literal) or one.op not in ("=", ":="):
        return False
    if op in ("==", "!="):
        return (value.text == mark.text) is (op == "!=")
    if not {value.kind, mark.kind} <= {"int", "float"} or op not in ("<", ">"):
        return False
    low, high = (value, mark) if op == "<" else (mark, value)
    return not float(low.text) < float(high.text)


@lru_cache(maxsize=16)
def flow_of(script: Script) -> Flow:
    return Flow(script)
