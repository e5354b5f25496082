"""Fourth step: lines as a tree of statements."""

from typing import Final

from pine.harness.lint.expressions import Ungrammatical, whole
from pine.harness.lint.lines import Line
from pine.harness.lint.nodes import Named, Statement
from pine.harness.lint.tokens import ASSIGNING, Problem, Token

_HEADERS: Final = ("if", "else", "for", "while", "switch")
_QUALIFIERS: Final = ("const", "input", "simple", "series")


class Tree:
    """Reads statements off lines, and notes what cannot be read."""

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems

    def statements(self, lines: list[Line], are_arms: bool = False) -> list[Statement]:
        found: list[Statement] = []
        for line in lines:
            try:
                found.append(self._arm(line) if are_arms else self._statement(line, line.tokens))
            except Ungrammatical as fault:
                self._problems.append(Problem(fault.at.line, "syntax", str(fault)))
        return found

    def _statement(self, line: Line, tokens: list[Token]) -> Statement:
        first = tokens[0]
        if first.text in _HEADERS:
            return self._block(line, tokens)
        if first.text in ("import", "export"):
            return Statement("library", first, first.text)
        if first.text in ("type", "enum") and len(tokens) == 2:
            self._demand_block(line)
            fields = [Named(_split(below.tokens)[0][-1]) for below in line.below]
            return Statement("fields", first, tokens[1].text, fields)
        head, sign, rest = _split(tokens)
        if sign == "=>":
            return self._function(line, head, rest)
        if sign == "=":
            return self._valued(_declaration(head, first), line, rest)
        if sign:
            target = whole(head, first)
            return self._valued(Statement("assign", first, sign, [], [target]), line, rest)
        return self._valued(Statement("run", first), line, tokens)

    def _valued(self, one: Statement, line: Line, tokens: list[Token]) -> Statement:
        """The statement with its value, which a block may work out."""
        if tokens and tokens[0].text in _HEADERS:
            one.body = [self._block(line, tokens)]
            return one
        for below in line.below[:1]:
            words = "this line stands in a block that nothing opens; take its indent back"
            self._problems.append(Problem(below.first.line, "indent", words))
        one.values.append(whole(tokens, line.tokens[-1]))
        return one

    def _demand_block(self, line: Line) -> None:
        if not line.below:
            words = "its block is missing; indent the lines that belong to it by four spaces"
            self._problems.append(Problem(line.first.line, "indent", words))

    def _block(self, line: Line, tokens: list[Token]) -> Statement:
        self._demand_block(line)
        first, *rest = tokens
        block = Statement(first.text, first)
        if first.text == "else" and rest and rest[0].text == "if":
            block.kind, rest = "else if", rest[1:]
        if block.kind == "for":
            _read_loop(block, rest)
        elif rest or block.kind in ("if", "else if", "while"):
            block.values = [whole(rest, first)]
        block.body = self.statements(line.below, are_arms=block.kind == "switch")
        return block

    def _arm(self, line: Line) -> Statement:
        head, sign, rest = _split(line.tokens)
        if sign != "=>":
            raise Ungrammatical(line.first, "an arm of a switch needs =>")
        conditions = [whole(head, line.first)] if head else []
        return Statement("arm", line.first, "", [], conditions, self._body(line, rest))

    def _function(self, line: Line, head: list[Token], rest: list[Token]) -> Statement:
        head = head[1:] if head and head[0].text == "method" else head
        shape = [token.text for token in head]
        if len(head) < 3 or shape[1] != "(" or shape[-1] != ")":
            raise Ungrammatical(line.first, "a function is written name(parameters) =>")
        parameters = [_parameter(part, head[1]) for part in _by_comma(head[2:-1])]
        return Statement("function", head[0], shape[0], parameters, [], self._body(line, rest))

    def _body(self, line: Line, inline: list[Token]) -> list[Statement]:
        if inline:
            return [self._statement(Line(line.indent, inline, line.below), inline)]
        self._demand_block(line)
        return self.statements(line.below)


def _split(tokens: list[Token]) -> tuple[list[Token], str, list[Token]]:
    """What stands before and after the sign that makes these tokens a statement."""
    depth = 0
    for place, token in enumerate(tokens):
        depth += (token.text in ("(", "[")) - (token.text in (")", "]"))
        if depth == 0 and (token.text in ("=", "=>") or token.text in ASSIGNING):
            return tokens[:place], token.text, tokens[place + 1 :]
    return tokens, "", []


def _by_comma(tokens: list[Token]) -> list[list[Token]]:
    found: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.text in ("(", "[", "<")) - (token.text in (")", "]", ">"))
        if token.text == "," and depth == 0:
            found.append([])
        else:
            found[-1].append(token)
    return found if tokens else []


def _declaration(head: list[Token], first: Token) -> Statement:
    mode = ""
    if head and head[0].text in ("var", "varip"):
        mode, head = head[0].text, head[1:]
    if head and head[0].text == "[":
        names = [Named(part[0]) for part in _by_comma(head[1:-1]) if part]
    else:
        names = [Named(name, _type_of(head[:-1])) for name in head[-1:]]
    if not names or any(one.at.kind != "name" or "." in one.text for one in names):
        raise Ungrammatical(first, "nothing is declared before =")
    return Statement("declare", first, mode, names)


def _parameter(tokens: list[Token], bracket: Token) -> Named:
    head, sign, default = _split(tokens)
    if not head:
        raise Ungrammatical(bracket, "a parameter is written type name")
    if sign:
        whole(default, head[-1])
    return Named(head[-1], _type_of(head[:-1]), bool(sign))


def _type_of(tokens: list[Token]) -> str:
    return "".join(token.text for token in tokens if token.text not in _QUALIFIERS)


def _read_loop(block: Statement, tokens: list[Token]) -> None:
    """The counters, and what they run over: `n = 0 to 9 by 2`, or `[n, x] in list`."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.text in (("=", "in") if len(parts) == 1 else ("to", "by")):
            parts.append([])
        else:
            parts[-1].append(token)
    if len(parts) < 2:
        found = f", found {tokens[1].text}" if len(tokens) > 1 else " after this"
        raise Ungrammatical([block.at, *tokens][:3][-1], f"expected ={found}")
    block.names = [Named(token) for token in parts[0] if token.kind == "name"]
    block.values = [whole(part, block.at) for part in parts[1:]]
