"""Second step: tokens as logical lines, with wrapped lines joined.

Pine tells a wrapped line from a block line by its indent: blocks stand at multiples of four,
wrapped lines do not. Inside parentheses Pine takes any indent; the house keeps one rule for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from pine.harness.lint.tokens import SILENT, Token

STEP: Final = 4
_UNFINISHED: Final = frozenset({
    "and", "or", "not", "?", ":", ",", "+", "-", "*", "/", "%", "=", ":=", "==", "!=", "<", ">",
    "<=", ">=", "+=", "-=", "*=", "/=", "%=",
})  # fmt: skip
_JOINING: Final = frozenset({
    "and", "or", "?", ":", ",", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", ")", "]",
})  # fmt: skip
# A line may begin with a sign of its own; only its indent tells.
_JOINING_IF_WRAPPED: Final = frozenset({"+", "-"})


@dataclass(frozen=True)
class Problem:
    """A fault of layout or grammar: the tree behind it cannot be trusted."""

    line: int
    rule: str
    words: str


@dataclass
class Line:
    indent: int
    tokens: list[Token]

    @property
    def number(self) -> int:
        return self.tokens[0].line


def logical_lines(tokens: Iterable[Token]) -> tuple[list[Line], list[Problem]]:
    lines: list[Line] = []
    problems: list[Problem] = []
    depth = 0
    for line in _physical_lines(tokens):
        continues = depth > 0 or (bool(lines) and _continues(lines[-1], line))
        if continues and line.indent == 0 and line.tokens[0].text not in _JOINING:
            # One open bracket must not accuse every line to the end of the file.
            problems.append(Problem(line.number, "syntax", _OPEN))
            continues, depth = False, 0
        if continues:
            if line.indent % STEP == 0:
                problems.append(Problem(line.number, "wrap", _WRAP))
            lines[-1].tokens += line.tokens
        else:
            if line.indent % STEP:
                problems.append(Problem(line.number, "indent", _INDENT))
                line.indent += STEP - line.indent % STEP
            lines.append(line)
        depth = max(0, depth + _opened(line.tokens))
    return lines, problems


_WRAP: Final = (
    "a wrapped line at a multiple of four reads as a block; indent it by five more than its start"
)
_OPEN: Final = (
    "the line above is not finished; finish it, close its bracket, or indent this line by five"
)
_INDENT: Final = (
    "the indent is no multiple of four and the line continues nothing; indent blocks by four spaces"
)


def _physical_lines(tokens: Iterable[Token]) -> Iterator[Line]:
    for _, group in groupby(tokens, key=lambda token: token.line):
        every = list(group)
        spoken = [token for token in every if token.kind not in SILENT]
        if spoken:
            first = every[0]
            yield Line(len(first.text) if first.kind == "space" else 0, spoken)


def _continues(above: Line, line: Line) -> bool:
    last, first = above.tokens[-1].text, line.tokens[0].text
    is_wrapped = line.indent % STEP != 0 and first in _JOINING_IF_WRAPPED
    return last in _UNFINISHED or first in _JOINING or is_wrapped


def _opened(tokens: list[Token]) -> int:
    text = [token.text for token in tokens if token.kind == "op"]
    return sum(map(text.count, "([")) - sum(map(text.count, ")]"))
