"""Third step: the tokens of one expression as a tree, by Pine's order of operators."""

from typing import Final

from pine.harness.lint.builtins import KEYWORDS
from pine.harness.lint.nodes import Node
from pine.harness.lint.tokens import STRENGTH, Token, text_of

_GENERIC: Final = ("array.new", "map.new", "matrix.new")


class Ungrammatical(Exception):
    """The tokens are no expression; `at` is the first that does not fit."""

    def __init__(self, at: Token, words: str) -> None:
        super().__init__(words)
        self.at = at


def whole(tokens: list[Token], end: Token) -> Node:
    """The expression that uses all tokens; `end` is what a fault names where there are none."""
    reader = Reader(tokens, end)
    found = reader.expression()
    if reader.peek():
        token = reader.take()
        raise Ungrammatical(token, f"{token.text} does not fit here")
    return found


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
        if not self.peek():
            raise Ungrammatical(self._end, f"expected {expected or 'an expression'} after this")
        token = self._tokens[self._place]
        if expected is not None and token.text != expected:
            raise Ungrammatical(token, f"expected {expected}, found {token.text}")
        self._place += 1
        return token

    def expression(self) -> Node:
        condition = self._binary(0)
        if self.peek() != "?":
            return condition
        at = self.take()
        yes = self.expression()
        self.take(":")
        return Node("ternary", "?", (condition, yes, self.expression()), at)

    def _binary(self, weakest: int) -> Node:
        left = self._unary()
        while (strength := STRENGTH.get(self.peek(), 0)) > weakest:
            at = self.take()
            left = Node("binary", at.text, (left, self._binary(strength)), at)
        return left

    def _unary(self) -> Node:
        if self.peek() in ("-", "+", "not"):
            at = self.take()
            return Node("unary", at.text, (self._unary(),), at)
        node = self._primary()
        while self.peek() in ("(", "[", ".") or (node.text in _GENERIC and self.peek() == "<"):
            node = self._postfix(node)
        return node

    def _primary(self) -> Node:
        token = self.take()
        match token.kind:
            case "number":
                return Node("int" if token.text.isdigit() else "float", token.text, (), token)
            case "string" | "triple":
                return Node("string", text_of(token), (), token)
            case "colour":
                return Node("color", token.text, (), token)
            case "name" if token.text not in KEYWORDS:
                kind = "bool" if token.text in ("true", "false") else "name"
                return Node(kind, token.text, (), token)
        if token.text == "(":
            found = self.expression()
            self.take(")")
            return found
        if token.text == "[":
            return Node("list", "[", self._items("]")[1], token)
        raise Ungrammatical(token, f"{token.text} starts no expression")

    def _postfix(self, node: Node) -> Node:
        """A call, an index or a field of `node`, or itself past the types in <>."""
        at = self.take()
        if at.text == "(":
            names, items = self._items(")")
            if node.kind == "name":
                return Node("call", node.text, items, node.at, names)
            return Node("call", "", (node, *items), at, ("", *names))
        if at.text == "[":
            offset = self.expression()
            self.take("]")
            return Node("index", "[", (node, offset), at)
        if at.text == ".":
            return Node("member", self.take().text, (node,), at)
        while self.take().text != ">":
            pass
        return node

    def _items(self, closing: str) -> tuple[tuple[str, ...], tuple[Node, ...]]:
        """The names and values up to the closing bracket."""
        names: list[str] = []
        items: list[Node] = []
        while self.peek() != closing:
            names.append(self.take().text if self.peek(1) == "=" else "")
            if names[-1]:
                self.take("=")
            items.append(self.expression())
            if self.peek() != closing:
                self.take(",")
        self.take(closing)
        return tuple(names), tuple(items)
