"""One script, read: its source, its tree, and every expression with what stands around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from pine.harness.lint.lines import Problem, logical_lines
from pine.harness.lint.nodes import (
    Assign,
    Block,
    Call,
    Declare,
    Expression,
    Function,
    Literal,
    Run,
    Statement,
    parts,
)
from pine.harness.lint.statements import statements_of
from pine.harness.lint.tokens import tokenize

REGION: Final = re.compile(r"//#region df\.signal helper block (\d+\.\d+\.\d+)\b[^\n]*")
START_REGION: Final = "//#region df.signal"
END_REGION: Final = "//#endregion"


@dataclass(frozen=True)
class Site:
    """An expression, the expressions around it and the statements around those, outermost first."""

    node: Expression
    around: tuple[Expression, ...]
    statements: tuple[Statement, ...]

    @property
    def line(self) -> int:
        return self.node.at.line

    @property
    def outermost(self) -> Statement | None:
        return self.statements[0] if self.statements else None

    @property
    def is_local(self) -> bool:
        """Whether it stands in a block or function, so that it may not run on each bar."""
        return any(isinstance(one, Block | Function) for one in self.statements)

    @property
    def blocks(self) -> list[Block]:
        return [one for one in self.statements if isinstance(one, Block)]


class Script:
    def __init__(self, path: Path, source: str) -> None:
        self.path = path
        self.source = source
        self.tokens = tokenize(source)
        lines, layout = logical_lines(self.tokens)
        try:
            self.statements, grammar = statements_of(lines)
        except RecursionError:
            self.statements, grammar = [], [Problem(1, "syntax", "something is nested too deep")]
        self.problems: list[Problem] = sorted(
            [*layout, *grammar, *_strange(self)], key=lambda problem: problem.line
        )

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        return tuple(_sites(self.statements, ()))

    @cached_property
    def calls(self) -> tuple[tuple[Call, Site], ...]:
        return tuple((site.node, site) for site in self.sites if isinstance(site.node, Call))

    @cached_property
    def functions(self) -> dict[str, Function]:
        return {one.name: one for one in self.statements if isinstance(one, Function)}

    @cached_property
    def helper_lines(self) -> range:
        """The lines of the helper block with both its marks; none where there is no block."""
        start = self.source.find(START_REGION)
        end = self.source.find(END_REGION, start)
        if start < 0 or end < 0:
            return range(0)
        return range(_line_at(self.source, start), _line_at(self.source, end) + 1)

    @property
    def helper_text(self) -> list[str]:
        lines = self.source.split("\n")
        return [lines[number - 1] for number in self.helper_lines]

    @cached_property
    def declarations(self) -> list[tuple[Call, Site]]:
        names = ("strategy", "indicator", "library")
        return [(call, site) for call, site in self.calls if call.name in names]


def argument(call: Call, place: int, name: str) -> Expression | None:
    """The value of a parameter, given by name or by place."""
    for given in call.arguments:
        if given.name == name:
            return given.value
    if place < len(call.arguments) and call.arguments[place].name is None:
        return call.arguments[place].value
    return None


def literal_text(node: Expression | None) -> str | None:
    return node.text if isinstance(node, Literal) and node.kind == "string" else None


def every_statement(
    statements: list[Statement], around: tuple[Statement, ...] = ()
) -> Iterator[tuple[Statement, tuple[Statement, ...]]]:
    """Each statement with itself and those around it, in the order of the source."""
    for one in statements:
        path = (*around, one)
        yield one, path
        for below in _bodies(one):
            yield from every_statement(below, path)


def _bodies(one: Statement) -> Iterator[list[Statement]]:
    match one:
        case Block() | Function():
            yield one.body
        case Declare() | Assign() if isinstance(one.value, Block):
            yield [one.value]


def _sites(statements: list[Statement], around: tuple[Statement, ...]) -> Iterator[Site]:
    for one in statements:
        yield from _heads(one, around)
        for below in _bodies(one):
            yield from _sites(below, (*around, one))


def _heads(one: Statement, around: tuple[Statement, ...]) -> Iterator[Site]:
    path = (*around, one)
    match one:
        case Block():
            # The first condition of an `if` runs on each bar; all others may be skipped.
            free = one.keyword in ("if", "switch", "for")
            for condition in one.conditions:
                yield from _within(condition, (), around if free else path)
        case Declare() | Run() if isinstance(one.value, Expression):
            yield from _within(one.value, (), path)
        case Assign():
            yield from _within(one.target, (), path)
            if isinstance(one.value, Expression):
                yield from _within(one.value, (), path)


def _within(
    node: Expression, around: tuple[Expression, ...], statements: tuple[Statement, ...]
) -> Iterator[Site]:
    yield Site(node, around, statements)
    for part in parts(node):
        yield from _within(part, (*around, node), statements)


def _line_at(source: str, place: int) -> int:
    return source.count("\n", 0, place) + 1


def _strange(script: Script) -> Iterator[Problem]:
    for token in script.tokens:
        if token.kind == "space" and token.column == 1 and "\t" in token.text:
            yield Problem(token.line, "indent", "indent with four spaces, not with a tab")
        elif token.kind == "broken":
            yield Problem(token.line, "syntax", "the text is not closed on its line")
        elif token.kind == "unknown" and token.text.isascii():
            yield Problem(token.line, "syntax", f"Pine knows no character {token.text!r}")
