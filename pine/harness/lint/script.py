"""One script, read: its source, its tree, and every expression with what stands around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as File
from typing import Final

from pine.harness.lint.builtins import FUNCTIONS
from pine.harness.lint.flow import Flow
from pine.harness.lint.kinds import Kinds
from pine.harness.lint.lines import lines_of
from pine.harness.lint.nodes import Node, Path, Statement, every
from pine.harness.lint.scopes import wrong_names
from pine.harness.lint.statements import Tree
from pine.harness.lint.tokens import Problem, Token, tokenize

START_REGION: Final = "//#region df.signal"
END_REGION: Final = "//#endregion"


@dataclass(frozen=True)
class Site:
    """An expression, the expressions around it and the statements around those, outermost first."""

    node: Node
    around: tuple[Node, ...]
    path: Path

    @property
    def line(self) -> int:
        return self.node.at.line

    @property
    def text(self) -> str:
        return self.node.text

    @property
    def is_local(self) -> bool:
        """Whether it stands in a block or function, so that it may not run on each bar."""
        return any(one.is_block or one.kind == "function" for one in self.path)

    @property
    def function(self) -> str:
        """The name of the function that it stands in, if any."""
        return next((one.text for one in self.path if one.kind == "function"), "")


class Script:
    def __init__(self, path: File, source: str) -> None:
        self.path = path
        self.source = source
        self.models: list[Script] = []  # whose helper block it must have, if any
        self.tokens = tokenize(source)
        self.problems = list(_strange(self.tokens))
        self.tree = self._tree()
        self.statements = list(every(self.tree))
        self.sites = [site for path in self.statements for site in _heads(path)]
        self.flow = Flow(self.statements)
        self.kinds = Kinds(self.statements)
        self.wrong_names = wrong_names(self.tree)
        self.functions = {one.text: one for one in self.tree if one.kind == "function"}
        self.helper_lines = _helper_lines(source)
        self.helper_text = [source.split("\n")[number - 1] for number in self.helper_lines]
        own = self.functions.items()
        self.helpers = {name: one for name, one in own if one.line in self.helper_lines}
        self.declarations = self.calls("strategy", "indicator", "library")

    def _tree(self) -> list[Statement]:
        try:
            return Tree(self.problems).statements(lines_of(self.tokens, self.problems))
        except RecursionError:
            self.problems.append(Problem(1, "syntax", "something is nested too deep"))
            return []

    def calls(self, *names: str) -> list[Site]:
        """The calls of these functions, or all calls."""
        return [one for one in self._of("call") if not names or one.text in names]

    def names(self, *names: str) -> list[Site]:
        """The uses of these names."""
        return [one for one in self._of("name") if one.text in names]

    def indexed(self) -> list[Site]:
        """Every `expression[n]`."""
        return self._of("index")

    def _of(self, kind: str) -> list[Site]:
        return [site for site in self.sites if site.node.kind == kind]

    def argument(self, call: Node, name: str) -> Node | None:
        """What a call hands to this parameter, by name or by place."""
        if name in call.names:
            return call.parts[call.names.index(name)]
        own = self.functions.get(call.text)
        known = [one.text for one in own.names] if own else FUNCTIONS.get(call.text, [])
        place = known.index(name) if name in known else len(call.parts)
        return call.parts[place] if call.names[place : place + 1] == ("",) else None


def literal_text(node: Node | None) -> str | None:
    return node.text if node is not None and node.kind == "string" else None


def _helper_lines(source: str) -> range:
    """The lines of the helper block with both its marks; none where there is no block."""
    start = source.find(START_REGION)
    end = source.find(END_REGION, start)
    if start < 0 or end < 0:
        return range(0)
    return range(source.count("\n", 0, start) + 1, source.count("\n", 0, end) + 2)


def _heads(path: Path) -> Iterator[Site]:
    *around, one = path
    # The first condition of an `if` runs on each bar; those of other blocks may be skipped.
    is_free = one.kind in ("if", "switch", "for")
    for value in one.values:
        yield from _within(value, (), tuple(around) if is_free else path)


def _within(node: Node, around: tuple[Node, ...], path: Path) -> Iterator[Site]:
    yield Site(node, around, path)
    for part in node.parts:
        yield from _within(part, (*around, node), path)


def _strange(tokens: list[Token]) -> Iterator[Problem]:
    for token in tokens:
        if token.kind == "space" and token.column == 1 and "\t" in token.text:
            yield Problem(token.line, "indent", "indent with four spaces, not with a tab")
        elif token.kind == "broken":
            yield Problem(token.line, "syntax", "the text is not closed on its line")
        elif token.kind == "unknown" and token.text.isascii():
            yield Problem(token.line, "syntax", f"Pine knows no character {token.text!r}")
