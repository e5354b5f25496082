"""Walks a script in the order Pine compiles it, and notes names that do not stand for anything."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from pine.harness.lint.builtins import FUNCTIONS, NAMESPACES, RESERVED, TYPES, VARIABLES
from pine.harness.lint.nodes import Named, Node, Statement
from pine.harness.lint.tokens import Problem, Token

_METHODS: Final = frozenset(
    name.partition(".")[2]
    for name in FUNCTIONS
    if name.startswith(("array.", "map.", "label.", "line.", "table."))
)
_GONE: Final = {
    "when": "v6 has no `when`; put the call under an `if`",
    "transp": "v6 has no `transp`; write color.new(colour, transparency)",
}


def wrong_names(tree: list[Statement]) -> list[Problem]:
    """A problem for each name that is wrong."""
    walk = _Walk()
    walk.statements(tree)
    return walk.found


class _Walk:
    def __init__(self) -> None:
        self.found: list[Problem] = []
        self._scopes: list[set[str]] = [set()]
        self._functions: dict[str, Statement] = {}
        self._own_types: dict[str, list[str]] = {}
        self._function_level = 0

    def statements(self, statements: Iterable[Statement]) -> None:
        for one in statements:
            self._statement(one)

    def _statement(self, one: Statement) -> None:
        for value in one.values[one.target != "" :]:
            self._expression(value)
        if one.kind == "function":
            self._function(one)
        elif one.is_block:
            self._inner(one)
        else:
            self.statements(one.body)
        if one.kind == "declare":
            self._declare(one.names)
        elif one.kind == "fields":
            self._claim(one.at, one.text)
            self._own_types[one.text] = [name.text for name in one.names]
        elif one.target:
            self._assign(one)

    def _note(self, code: str, at: Token, words: str) -> None:
        self.found.append(Problem(at.line, code, words))

    def _inner(self, one: Statement) -> None:
        """What stands in a scope of its own."""
        self._scopes.append(set())
        if one.kind == "function":
            self._function_level = len(self._scopes) - 1
        self._declare(one.names)
        self.statements(one.body)
        self._scopes.pop()

    def _function(self, one: Statement) -> None:
        if one.text in self._functions:
            self._note("redeclared", one.at, f"{one.text} is defined already")
        self._refuse_taken(one.at, one.text)
        self._inner(one)
        self._function_level = 0
        self._functions[one.text] = one

    def _declare(self, names: list[Named]) -> None:
        for name in names:
            for word in name.type.replace("[]", "").replace(">", "").replace("<", ",").split(","):
                if word and word not in TYPES and word not in self._own_types:
                    self._note("unknown-name", name.at, f"there is no type {word}")
            self._claim(name.at, name.text)

    def _claim(self, at: Token, name: str) -> None:
        if name in self._scopes[-1] and name != "_":
            self._note("redeclared", at, f"{name} is declared already; change it with :=")
        # A parameter may have the name of a variable outside: the function sees only its own.
        elif any(name in scope for scope in self._scopes[self._function_level : -1]):
            words = f"this = makes a second {name} for the block alone"
            self._note("hides-outer", at, f"{words}; change the outer one with :=")
        self._refuse_taken(at, name)
        self._scopes[-1].add(name)

    def _refuse_taken(self, at: Token, name: str) -> None:
        if name in RESERVED:
            self._note("reserved-word", at, f"{name} is a word of Pine v6; choose another name")
        elif name in NAMESPACES or name in VARIABLES or name in FUNCTIONS:
            self._note("shadowing", at, f"{name} is Pine's own; choose another name")

    def _assign(self, one: Statement) -> None:
        name = one.target
        if not self._is_declared(name):
            self._note("undeclared-assign", one.at, f"{name} is not declared; use = the first time")
        elif not self._is_declared(name, self._function_level):
            words = f"a function cannot change {name}, which lives outside of it; return the value"
            self._note("function-assign", one.at, words)

    def _is_declared(self, name: str, level: int = 0) -> bool:
        return any(name in scope for scope in self._scopes[level:])

    def _expression(self, whole: Node) -> None:
        for node in whole.inside():
            if node.kind == "call" and node.text:
                self._call(node)
            elif node.kind == "name":
                self._name(node)

    def _name(self, node: Node) -> None:
        first, _, rest = node.text.partition(".")
        is_word = node.text in VARIABLES or node.text in ("break", "continue")
        if not (is_word or self._is_declared(first) or rest in self._own_types.get(first, ())):
            near = _near(node.text, VARIABLES.keys() | set().union(*self._scopes))
            self._note("unknown-name", node.at, f"{node.text} is not declared here{near}")

    def _call(self, node: Node) -> None:
        space, _, last = node.text.rpartition(".")
        if own := self._functions.get(node.text):
            needed = sum(not name.has_default for name in own.names)
            self._arguments(node, [name.text for name in own.names], needed)
        elif node.text in FUNCTIONS:
            self._arguments(node, FUNCTIONS[node.text])
        elif space in self._own_types and last in ("new", "copy"):
            self._arguments(node, self._own_types[space])
        elif not (
            self._is_declared(space.partition(".")[0])
            and (last in _METHODS or last in self._functions)
        ):
            near = _near(node.text, {*FUNCTIONS, *self._functions})
            words = f"there is no function {node.text} here, or the allow-list lacks it{near}"
            self._note("unknown-function", node.at, words)

    def _arguments(self, node: Node, known: list[str], needed: int = 0) -> None:
        if known == ["..."]:
            return
        for name, given in zip(node.names, node.parts, strict=True):
            if name and name not in known:
                words = _GONE.get(name, f"{node.text} has no argument {name}")
                self._note("unknown-argument", given.at, words)
        count = len(node.parts)
        if not needed <= count <= len(known):
            bound = f"needs {needed}" if count < needed else f"takes {len(known)}"
            words = f"{node.text} {bound} arguments and has {count}"
            self._note("argument-count", node.at, words)


def _near(text: str, known: Iterable[str]) -> str:
    near = get_close_matches(text, known, 1)
    return f"; did you mean {near[0]}?" if near else ""
