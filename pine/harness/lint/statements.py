"""Fourth step: logical lines as a tree of statements, by indent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from pine.harness.lint.expressions import Reader, Ungrammatical
from pine.harness.lint.lines import STEP, Line, Problem
from pine.harness.lint.nodes import (
    Assign,
    Block,
    Declare,
    Expression,
    Fields,
    Function,
    Library,
    Parameter,
    Run,
    Statement,
)
from pine.harness.lint.tokens import Token

_HEADERS: Final = frozenset({"if", "else", "for", "while", "switch"})
_ASSIGNING: Final = frozenset({":=", "+=", "-=", "*=", "/=", "%="})
_QUALIFIERS: Final = frozenset({"const", "input", "simple", "series"})


@dataclass
class _Row:
    line: Line
    below: list[_Row] = field(default_factory=list)


def statements_of(lines: list[Line]) -> tuple[list[Statement], list[Problem]]:
    problems: list[Problem] = []
    return _Tree(problems).statements(_rows(lines, problems)), problems


def _rows(lines: list[Line], problems: list[Problem]) -> list[_Row]:
    top: list[_Row] = []
    levels = [top]
    for line in lines:
        level = line.indent // STEP
        if level >= len(levels):
            problems.append(Problem(line.number, "indent", "the line is deeper than its block"))
            level = len(levels) - 1
        row = _Row(line)
        levels[level].append(row)
        levels = [*levels[: level + 1], row.below]
    return top


class _Tree:
    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems

    def statements(self, rows: list[_Row], arms: bool = False) -> list[Statement]:
        found: list[Statement] = []
        for row in rows:
            try:
                found.append(self._arm(row) if arms else self._statement(row))
            except Ungrammatical as fault:
                self._problems.append(Problem(fault.at.line, "syntax", str(fault)))
        return found

    def _statement(self, row: _Row) -> Statement:
        tokens = row.line.tokens
        first = tokens[0]
        if first.text in _HEADERS:
            return self._block(tokens, row)
        if first.text in ("import", "export"):
            return Library(first, first.text)
        if first.text in ("type", "enum") and len(tokens) == 2:
            return self._fields(row)
        place, op = _splitting(tokens)
        if op == "=>":
            return self._function(tokens[:place], tokens[place + 1 :], row)
        if op == "=":
            return self._declare(tokens[:place], tokens[place + 1 :], row)
        if op:
            target = Reader(tokens[:place], first).whole()
            return Assign(first, target, op, self._value(tokens[place + 1 :], row))
        self._no_block(row)
        return Run(first, Reader(tokens, first).whole())

    def _value(self, tokens: list[Token], row: _Row) -> Expression | Block:
        if tokens and tokens[0].text in _HEADERS:
            return self._block(tokens, row)
        self._no_block(row)
        return Reader(tokens, row.line.tokens[-1]).whole()

    def _no_block(self, row: _Row) -> None:
        if row.below:
            words = "this line stands in a block that nothing opens; take its indent back"
            self._problems.append(Problem(row.below[0].line.number, "indent", words))

    def _needs_block(self, row: _Row) -> None:
        if not row.below:
            words = "its block is missing; indent the lines that belong to it by four spaces"
            self._problems.append(Problem(row.line.number, "indent", words))

    def _block(self, tokens: list[Token], row: _Row) -> Block:
        self._needs_block(row)
        first, rest = tokens[0], tokens[1:]
        block = Block(first, first.text, [])
        if first.text == "else" and rest and rest[0].text == "if":
            block.keyword, rest = "else if", rest[1:]
        if block.keyword == "for":
            _read_loop(block, rest)
        elif rest or block.keyword in ("if", "else if", "while"):
            block.conditions = [Reader(rest, first).whole()]
        block.body = self.statements(row.below, arms=block.keyword == "switch")
        return block

    def _arm(self, row: _Row) -> Statement:
        tokens = row.line.tokens
        place, op = _splitting(tokens)
        if op != "=>":
            raise Ungrammatical(tokens[0], "an arm of a switch needs =>")
        conditions = [Reader(tokens[:place], tokens[0]).whole()] if place else []
        body = self._body(tokens[place + 1 :], row)
        return Block(tokens[0], "arm", conditions, body=body)

    def _body(self, inline: list[Token], row: _Row) -> list[Statement]:
        if inline:
            return [self._statement(_Row(Line(row.line.indent, inline), row.below))]
        self._needs_block(row)
        return self.statements(row.below)

    def _function(self, head: list[Token], inline: list[Token], row: _Row) -> Function:
        is_method = bool(head) and head[0].text == "method"
        head = head[1:] if is_method else head
        shape = [token.text for token in head]
        if len(head) < 3 or shape[1] != "(" or shape[-1] != ")":
            raise Ungrammatical(row.line.tokens[0], "a function is written name(parameters) =>")
        parameters = [_parameter(part, head[1]) for part in _by_comma(head[2:-1])]
        return Function(head[0], shape[0], parameters, self._body(inline, row), is_method)

    def _declare(self, head: list[Token], value: list[Token], row: _Row) -> Declare:
        first = row.line.tokens[0]
        mode = ""
        if head and head[0].text in ("var", "varip"):
            mode, head = head[0].text, head[1:]
        if head and head[0].text == "[":
            names, type_words = [part[0] for part in _by_comma(head[1:-1]) if part], ""
        else:
            names, type_words = head[-1:], _type_words(head[:-1])
        if not names or any(name.kind != "name" or "." in name.text for name in names):
            raise Ungrammatical(first, "nothing is declared before =")
        return Declare(first, mode, type_words, names, self._value(value, row))

    def _fields(self, row: _Row) -> Fields:
        self._needs_block(row)
        keyword, name = row.line.tokens
        names: list[str] = []
        for below in row.below:
            place, _ = _splitting(below.line.tokens)
            names.append(below.line.tokens[place - 1].text)
        return Fields(keyword, keyword.text, name.text, names)


def _splitting(tokens: list[Token]) -> tuple[int, str]:
    """The place and text of the sign that makes these tokens a statement; none: their end."""
    depth = 0
    for place, token in enumerate(tokens):
        if token.kind == "op":
            depth += (token.text in "([") - (token.text in ")]")
            if depth == 0 and (token.text in ("=", "=>") or token.text in _ASSIGNING):
                return place, token.text
    return len(tokens), ""


def _by_comma(tokens: list[Token]) -> list[list[Token]]:
    found: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.text in "([<") - (token.text in ")]>") if token.kind == "op" else 0
        if token.text == "," and depth == 0:
            found.append([])
        else:
            found[-1].append(token)
    return found if tokens else []


def _parameter(tokens: list[Token], bracket: Token) -> Parameter:
    place, op = _splitting(tokens)
    head = tokens[:place]
    if not head:
        raise Ungrammatical(bracket, "a parameter is written type name")
    default = Reader(tokens[place + 1 :], head[-1]).whole() if op else None
    return Parameter(head[-1], head[-1].text, _type_words(head[:-1]), default)


def _type_words(tokens: list[Token]) -> str:
    return "".join(token.text for token in tokens if token.text not in _QUALIFIERS)


def _read_loop(block: Block, tokens: list[Token]) -> None:
    reader = Reader(tokens, block.at)
    words = [token.text for token in tokens]
    if "in" in words:
        place = words.index("in")
        block.loop_names = [token for token in tokens[:place] if token.kind == "name"]
        block.conditions = [Reader(tokens[place + 1 :], block.at).whole()]
        return
    block.loop_names = [reader.take()]
    reader.take("=")
    block.conditions = [reader.expression()]
    while reader.peek() in ("to", "by"):
        reader.take()
        block.conditions.append(reader.expression())
