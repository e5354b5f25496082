"""Walks a script in the order Pine compiles it, and notes names that do not stand for anything."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from pine.harness.lint.functions import FUNCTIONS
from pine.harness.lint.nodes import (
    Assign,
    Block,
    Call,
    Declare,
    Expression,
    Fields,
    Function,
    Name,
    Run,
    Statement,
    inside,
)
from pine.harness.lint.rule import Found
from pine.harness.lint.script import Script
from pine.harness.lint.tokens import Token
from pine.harness.lint.variables import NAMESPACES, RESERVED, TYPES, VARIABLES

_METHODS: Final = frozenset(
    name.rpartition(".")[2]
    for name in FUNCTIONS
    if name.split(".")[0] in ("array", "map", "matrix", "label", "line", "box", "table", "linefill")
)
_GONE: Final = {
    "when": "v6 has no `when`; put the call under an `if`",
    "transp": "v6 has no `transp`; write color.new(colour, transparency)",
}


@lru_cache(maxsize=16)
def names_of(script: Script) -> tuple[tuple[str, Found], ...]:
    """(code of the rule, what was found) for each name that is wrong."""
    walk = _Walk()
    walk.statements(script.statements)
    return tuple(walk.found)


class _Walk:
    def __init__(self) -> None:
        self.found: list[tuple[str, Found]] = []
        self._scopes: list[set[str]] = [set()]
        self._functions: dict[str, list[Function]] = {}
        self._own_types: dict[str, set[str]] = {}
        self._function_level = 0

    def statements(self, statements: Iterable[Statement]) -> None:
        for one in statements:
            self._statement(one)

    def _statement(self, one: Statement) -> None:
        match one:
            case Run():
                self._expression(one.value)
            case Declare():
                self._declare(one)
            case Assign():
                self._assign(one)
            case Block():
                self._block(one)
            case Function():
                self._function(one)
            case Fields():
                self._claim(one.at, one.name)
                self._own_types[one.name] = set(one.names)

    def _note(self, code: str, at: Token, words: str) -> None:
        self.found.append((code, Found(at.line, words)))

    def _value(self, value: Expression | Block) -> None:
        if isinstance(value, Block):
            self._block(value)
        else:
            self._expression(value)

    def _declare(self, one: Declare) -> None:
        self._value(one.value)
        if one.type:
            self._type(one.at, one.type)
        for name in one.names:
            self._claim(name, name.text)

    def _type(self, at: Token, words: str) -> None:
        for word in words.replace("[]", "").replace(">", "").replace("<", ",").split(","):
            if word not in TYPES and word not in self._own_types:
                self._note("unknown-name", at, f"there is no type {word}")

    def _claim(self, at: Token, name: str) -> None:
        if name in self._scopes[-1] and name != "_":
            self._note("redeclared", at, f"{name} is declared already; change it with :=")
        elif any(name in scope for scope in self._scopes[self._function_level : -1]):
            words = (
                f"this = makes a second {name} for the block alone; change the outer one with :="
            )
            self._note("hides-outer", at, words)
        if name in RESERVED:
            self._note("reserved-word", at, f"{name} is a word of Pine v6; choose another name")
        elif name in NAMESPACES or name in VARIABLES or name in FUNCTIONS:
            self._note("shadowing", at, f"{name} is Pine's own; choose another name")
        self._scopes[-1].add(name)

    def _assign(self, one: Assign) -> None:
        self._value(one.value)
        if not isinstance(one.target, Name) or "." in one.target.text:
            self._expression(one.target)
            return
        name = one.target.text
        if not self._is_declared(name):
            self._note("undeclared-assign", one.at, f"{name} is not declared; use = the first time")
        elif self._function_level and not any(
            name in scope for scope in self._scopes[self._function_level :]
        ):
            words = f"a function cannot change {name}, which lives outside of it; return the value"
            self._note("function-assign", one.at, words)

    def _is_declared(self, name: str) -> bool:
        return any(name in scope for scope in self._scopes)

    def _block(self, one: Block) -> None:
        for condition in one.conditions:
            self._expression(condition)
        self._scopes.append(set())
        for name in one.loop_names:
            self._claim(name, name.text)
        self.statements(one.body)
        self._scopes.pop()

    def _function(self, one: Function) -> None:
        shape = [parameter.type for parameter in one.parameters]
        for other in self._functions.get(one.name, []):
            if [parameter.type for parameter in other.parameters] == shape:
                self._note("redeclared", one.at, f"{one.name} is defined already")
        if one.name in RESERVED:
            self._note("reserved-word", one.at, f"{one.name} is a word of Pine v6")
        elif one.name in FUNCTIONS or one.name in NAMESPACES:
            self._note("shadowing", one.at, f"{one.name} is Pine's own; choose another name")
        self._scopes.append(set())
        self._function_level = len(self._scopes) - 1
        # A parameter may have the name of a variable outside: the function sees only its own.
        for parameter in one.parameters:
            if parameter.type:
                self._type(parameter.at, parameter.type)
            self._claim(parameter.at, parameter.name)
        self.statements(one.body)
        self._function_level = 0
        self._scopes.pop()
        self._functions.setdefault(one.name, []).append(one)

    def _expression(self, whole: Expression) -> None:
        for node in inside(whole):
            if isinstance(node, Call) and node.name:
                self._call(node)
            elif isinstance(node, Name):
                self._name(node)

    def _name(self, node: Name) -> None:
        first, _, rest = node.text.partition(".")
        if node.text in VARIABLES or node.text in ("break", "continue") or self._is_declared(first):
            return
        if first in self._own_types and rest in self._own_types[first]:
            return
        known = VARIABLES.union(*self._scopes)
        self._note("unknown-name", node.at, f"{node.text} is not declared here{_near(node, known)}")

    def _call(self, node: Call) -> None:
        space, _, last = node.name.rpartition(".")
        if node.name in self._functions:
            self._own_call(node, self._functions[node.name])
        elif node.name in FUNCTIONS:
            self._built_in_call(node)
        elif space in self._own_types and last in ("new", "copy"):
            self._arguments(node, self._own_types[space], len(self._own_types[space]), False)
        elif not (
            self._is_declared(space.split(".")[0])
            and (last in _METHODS or last in self._functions or "." not in node.name)
        ):
            near = _near(node, {*FUNCTIONS, *self._functions})
            words = f"there is no function {node.name} here, or the allow-list lacks it{near}"
            self._note("unknown-function", node.at, words)

    def _built_in_call(self, node: Call) -> None:
        known = FUNCTIONS[node.name]
        self._arguments(node, known.names, known.places, known.is_open)

    def _own_call(self, node: Call, forms: list[Function]) -> None:
        names = {parameter.name for form in forms for parameter in form.parameters}
        self._arguments(node, names, max(len(form.parameters) for form in forms), False)
        needed = min(
            sum(parameter.default is None for parameter in form.parameters) for form in forms
        )
        if len(node.arguments) < needed:
            words = f"{node.name} needs {needed} arguments and has {len(node.arguments)}"
            self._note("argument-count", node.at, words)

    def _arguments(self, node: Call, names: set[str], places: int, is_open: bool) -> None:
        for given in node.arguments:
            if given.name is not None and given.name not in names and not is_open:
                words = _GONE.get(given.name, f"{node.name} has no argument {given.name}")
                self._note("unknown-argument", given.value.at, words)
        if len(node.arguments) > places and not is_open:
            words = f"{node.name} takes {places} arguments and has {len(node.arguments)}"
            self._note("argument-count", node.at, words)


def _near(node: Name | Call, known: Iterable[str]) -> str:
    text = node.name if isinstance(node, Call) else node.text
    near = get_close_matches(text, known, 1)
    return f"; did you mean {near[0]}?" if near else ""
