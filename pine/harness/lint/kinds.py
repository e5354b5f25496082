"""The type of an expression where it is plain to see; `any` where it is not."""

from collections.abc import Iterable, Iterator
from typing import Final

from pine.harness.lint.builtins import GIVES, VARIABLES
from pine.harness.lint.nodes import Node, Path

NUMBERS: Final = frozenset({"int", "float", "number"})
_PLAIN: Final = ("int", "float", "bool", "string")


class Kinds:
    def __init__(self, paths: Iterable[Path]) -> None:
        self._declared: dict[str, str] = {}
        names = [name for *_, one in paths if one.kind != "fields" for name in one.names]
        for name in names:
            # A name with two types, in two places, is not plain to see.
            kind = name.type if name.type in _PLAIN else "any"
            is_same = self._declared.get(name.text, kind) == kind
            self._declared[name.text] = kind if is_same else "any"

    def declared(self, name: str) -> str:
        return self._declared.get(name, "any")

    def of(self, node: Node) -> str:
        match node:
            case Node("name", text):
                return self._declared.get(text, VARIABLES.get(text, "any"))
            case Node("call", text):
                return GIVES.get(text, "any")
            case Node("index", _, (base, _)):
                return self.of(base)
            case Node("unary", sign, (value,)):
                return "bool" if sign == "not" else self.of(value)
            case Node("ternary"):
                kinds = {self.of(leaf) for leaf in leaves(node)} - {"na"}
                return kinds.pop() if len(kinds) == 1 else "any"
            case Node("binary", sign, both):
                return _joined(sign, {self.of(one) for one in both})
            case Node("member" | "list"):
                return "any"
        return node.kind


def _joined(sign: str, kinds: set[str]) -> str:
    if sign not in ("+", "-", "*", "/", "%"):
        return "bool"
    if kinds == {"string"} and sign == "+":
        return "string"
    if not kinds <= NUMBERS:
        return "any"
    if "float" in kinds:
        return "float"
    return "int" if kinds == {"int"} and sign != "/" else "number"


def leaves(node: Node) -> Iterator[Node]:
    """What an expression can come to: the branches of `?:`, or itself."""
    if node.kind != "ternary":
        yield node
        return
    for branch in node.parts[1:]:
        yield from leaves(branch)
