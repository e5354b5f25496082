"""One script, read: its source, its tree, and every expression with what stands around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
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
        self.tokens = tokenize(source)
        self.problems = list(_strange(self.tokens))
        try:
            lines = lines_of(self.tokens, self.problems)
            self.tree = Tree(self.problems).statements(lines)
        except RecursionError:
            self.tree = []
            self.problems.append(Problem(1, "syntax", "something is nested too deep"))

    @cached_property
    def statements(self) -> tuple[Path, ...]:
        return tuple(every(self.tree))

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        return tuple(site for path in self.statements for site in _heads(path))

    @cached_property
    def flow(self) -> Flow:
        return Flow(self.statements)

    @cached_property
    def kinds(self) -> Kinds:
        return Kinds(self.statements)

    @cached_property
    def wrong_names(self) -> list[Problem]:
        return wrong_names(self.tree)

    @cached_property
    def functions(self) -> dict[str, Statement]:
        return {one.text: one for one in self.tree if one.kind == "function"}

    @cached_property
    def helpers(self) -> dict[str, Statement]:
        """The functions of the helper block."""
        own = self.functions.items()
        return {name: one for name, one in own if one.at.line in self.helper_lines}

    @cached_property
    def helper_lines(self) -> range:
        """The lines of the helper block with both its marks; none where there is no block."""
        start = self.source.find(START_REGION)
        end = self.source.find(END_REGION, start)
        if start < 0 or end < 0:
            return range(0)
        first, last = (self.source.count("\n", 0, place) + 1 for place in (start, end))
        return range(first, last + 1)

    @cached_property
    def declarations(self) -> list[Site]:
        return list(self.calls("strategy", "indicator", "library"))

    def calls(self, *names: str) -> Iterator[Site]:
        """The calls of these functions, or all calls."""
        calls = (site for site in self.sites if site.node.kind == "call")
        return (site for site in calls if not names or site.node.text in names)

    def names(self, *names: str) -> Iterator[Site]:
        """The uses of these names."""
        return (site for site in self.sites if site.node.kind == "name" and site.node.text in names)

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
