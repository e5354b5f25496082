"""Third step: the tokens of one expression as a tree, by Pine's order of operators."""

from __future__ import annotations

from typing import Final

from pine.harness.lint.nodes import (
    Argument,
    Binary,
    Call,
    Expression,
    Index,
    Listed,
    Literal,
    Member,
    Name,
    Ternary,
    Unary,
)
from pine.harness.lint.tokens import Token, text_of

_STRENGTH: Final = {
    "or": 2, "and": 3, "==": 4, "!=": 4, "<": 5, ">": 5, "<=": 5, ">=": 5,
    "+": 6, "-": 6, "*": 7, "/": 7, "%": 7,
}  # fmt: skip
_GENERIC: Final = frozenset({"array.new", "map.new", "matrix.new"})
KEYWORDS: Final = frozenset({
    "if", "else", "for", "while", "switch", "to", "by", "var", "varip", "and", "or", "import",
    "export", "method", "type", "enum", "in",
})  # fmt: skip


class Ungrammatical(Exception):
    """The tokens are no expression; `at` is the first that does not fit."""

    def __init__(self, at: Token, words: str) -> None:
        super().__init__(words)
        self.at = at


class Reader:
    """Reads expressions off a list of tokens."""

    def __init__(self, tokens: list[Token], end: Token) -> None:
        self._tokens = tokens
        self._place = 0
        self._end = tokens[-1] if tokens else end

    def peek(self, ahead: int = 0) -> str:
        place = self._place + ahead
        return self._tokens[place].text if place < len(self._tokens) else ""

    def take(self, expected: str | None = None) -> Token:
        if self._place >= len(self._tokens):
            raise Ungrammatical(self._end, f"expected {expected or 'an expression'} after this")
        token = self._tokens[self._place]
        if expected is not None and token.text != expected:
            raise Ungrammatical(token, f"expected {expected}, found {token.text}")
        self._place += 1
        return token

    def whole(self) -> Expression:
        """The expression that uses all tokens."""
        found = self.expression()
        if self._place < len(self._tokens):
            token = self._tokens[self._place]
            raise Ungrammatical(token, f"{token.text} does not fit here")
        return found

    def expression(self) -> Expression:
        condition = self._binary(0)
        if self.peek() != "?":
            return condition
        at = self.take()
        yes = self.expression()
        self.take(":")
        return Ternary(at, condition, yes, self.expression())

    def _binary(self, weakest: int) -> Expression:
        left = self._unary()
        while (strength := _STRENGTH.get(self.peek(), 0)) > weakest:
            at = self.take()
            left = Binary(at, at.text, left, self._binary(strength))
        return left

    def _unary(self) -> Expression:
        if self.peek() in ("-", "+", "not"):
            at = self.take()
            return Unary(at, at.text, self._unary())
        return self._postfix(self._primary())

    def _primary(self) -> Expression:
        token = self.take()
        match token.kind:
            case "number":
                kind = "int" if token.text.isdigit() else "float"
                return Literal(token, kind, token.text)
            case "string" | "triple":
                return Literal(token, "string", text_of(token))
            case "colour":
                return Literal(token, "color", token.text)
            case "name" if token.text in ("true", "false"):
                return Literal(token, "bool", token.text)
            case "name" if token.text not in KEYWORDS:
                return Name(token, token.text)
        if token.text == "(":
            found = self.expression()
            self.take(")")
            return found
        if token.text == "[":
            return Listed(token, tuple(self._items("]")))
        raise Ungrammatical(token, f"{token.text} starts no expression")

    def _postfix(self, node: Expression) -> Expression:
        while True:
            if isinstance(node, Name) and node.text in _GENERIC and self.peek() == "<":
                self._skip_types()
            if self.peek() == "(":
                at = self.take()
                name = node.text if isinstance(node, Name) else ""
                where = node.at if name else at
                node = Call(where, name, node, tuple(self._arguments()))
            elif self.peek() == "[":
                at = self.take()
                offset = self.expression()
                self.take("]")
                node = Index(at, node, offset)
            elif self.peek() == ".":
                at = self.take()
                node = Member(at, node, self.take().text)
            else:
                return node

    def _skip_types(self) -> None:
        while self.take().text != ">":
            pass

    def _items(self, closing: str) -> list[Expression]:
        items: list[Expression] = []
        while self.peek() != closing:
            items.append(self.expression())
            if self.peek() != closing:
                self.take(",")
        self.take(closing)
        return items

    def _arguments(self) -> list[Argument]:
        arguments: list[Argument] = []
        while self.peek() != ")":
            name = None
            if self.peek(1) == "=":
                name = self.take().text
                self.take("=")
            arguments.append(Argument(name, self.expression()))
            if self.peek() != ")":
                self.take(",")
        self.take(")")
        return arguments
