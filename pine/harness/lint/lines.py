"""Second step: tokens as logical lines in their blocks, with wrapped lines joined.

Pine tells a wrapped line from a block line by its indent: blocks stand at multiples of four,
wrapped lines do not. Inside parentheses Pine takes any indent; the house keeps one rule for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from pine.harness.lint.tokens import ASSIGNING, STRENGTH, Problem, Token

_STEP: Final = 4
_UNFINISHED: Final = {*STRENGTH, *ASSIGNING, "=", "not", "?", ":", ","}
# A line may begin with a sign of its own; only its indent tells.
_JOINING: Final = {*STRENGTH, "?", ":", ",", ")", "]"} - {"+", "-"}
_WRAP: Final = (
    "a wrapped line at a multiple of four reads as a block; indent it by five more than its start"
)
_OPEN: Final = (
    "the line above is not finished; finish it, close its bracket, or indent this line by five"
)
_INDENT: Final = (
    "the indent is no multiple of four and the line continues nothing; indent blocks by four spaces"
)


@dataclass
class Line:
    indent: int
    tokens: list[Token]
    below: list[Line] = field(default_factory=list)

    @property
    def first(self) -> Token:
        return self.tokens[0]


def lines_of(tokens: Iterable[Token], problems: list[Problem]) -> list[Line]:
    """The lines that stand in no block; the others are below these."""
    levels: list[list[Line]] = [[]]
    for line in _logical_lines(tokens, problems):
        level = line.indent // _STEP
        if level >= len(levels):
            problems.append(Problem(line.first.line, "indent", "the line is deeper than its block"))
            level = len(levels) - 1
        levels[level].append(line)
        levels[level + 1 :] = [line.below]
    return levels[0]


def _logical_lines(tokens: Iterable[Token], problems: list[Problem]) -> list[Line]:
    lines: list[Line] = []
    depth = 0
    for line in _physical_lines(tokens):
        continues = depth > 0 or (bool(lines) and _continues(lines[-1], line))
        if continues and line.indent == 0 and line.first.text not in _JOINING:
            # One open bracket must not accuse every line to the end of the file.
            problems.append(Problem(line.first.line, "syntax", _OPEN))
            continues, depth = False, 0
        if continues == (line.indent % _STEP == 0):
            words = ("wrap", _WRAP) if continues else ("indent", _INDENT)
            problems.append(Problem(line.first.line, *words))
            line.indent += -line.indent % _STEP
        if continues:
            lines[-1].tokens += line.tokens
        else:
            lines.append(line)
        depth = max(0, depth + sum(_opened(token) for token in line.tokens))
    return lines


def _physical_lines(tokens: Iterable[Token]) -> Iterator[Line]:
    for _, group in groupby(tokens, key=lambda token: token.line):
        first, *rest = group
        indent = len(first.text) if first.kind == "space" else 0
        said = [one for one in (first, *rest) if one.kind not in ("newline", "space", "comment")]
        if said:
            yield Line(indent, said)


def _continues(above: Line, line: Line) -> bool:
    last, first = above.tokens[-1].text, line.first.text
    is_wrapped = line.indent % _STEP != 0 and first in ("+", "-")
    return last in _UNFINISHED or first in _JOINING or is_wrapped


def _opened(token: Token) -> int:
    return (token.text in ("(", "[")) - (token.text in (")", "]"))
