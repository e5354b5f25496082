"""The type of an expression where it is plain to see; an empty text where it is not."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from pine.harness.lint.nodes import (
    Binary,
    Block,
    Call,
    Declare,
    Expression,
    Function,
    Index,
    Literal,
    Name,
    Ternary,
    Unary,
)
from pine.harness.lint.script import Script, every_statement
from pine.harness.lint.variables import BOOLS, FIXED_FLOATS, FIXED_INTS, FIXED_TEXTS, FLOATS, INTS

NUMBERS: Final = frozenset({"int", "float", "number"})
_CALLS: Final = {
    "bool": "na ta.cross ta.crossover ta.crossunder ta.rising ta.falling str.contains"
    " str.startswith str.endswith timeframe.change bool array.includes map.contains"
    " input.bool",
    "string": "str.tostring str.format str.format_time str.replace str.replace_all str.lower"
    " str.upper str.trim str.substring str.repeat string array.join input.string"
    " input.session input.timeframe input.symbol input.text_area",
    "int": "int math.floor math.ceil str.length str.pos array.size array.indexof"
    " input.int input.time ta.barssince ta.highestbars ta.lowestbars timestamp"
    " timeframe.in_seconds time time_close hour minute second year month dayofmonth"
    " dayofweek weekofyear",
    "float": "float math.sign math.sqrt math.pow math.log math.exp math.avg math.sum"
    " math.round_to_mintick input.float input.price input.source ta.alma ta.atr ta.cci"
    " ta.cum ta.ema ta.hma ta.highest ta.linreg ta.lowest ta.mfi ta.mom ta.percentrank"
    " ta.pivothigh ta.pivotlow ta.rma ta.roc ta.rsi ta.sar ta.sma ta.stdev ta.stoch ta.tr"
    " ta.variance ta.vwma ta.wma ta.wpr str.tonumber",
    "number": "math.abs math.max math.min math.round",
}
_OF_CALL: Final = {name: kind for kind, names in _CALLS.items() for name in names.split()}
_OF_NAME: Final = {
    **dict.fromkeys(FLOATS | FIXED_FLOATS, "float"),
    **dict.fromkeys(INTS | FIXED_INTS, "int"),
    **dict.fromkeys(FIXED_TEXTS, "string"),
    **dict.fromkeys(BOOLS, "bool"),
    "na": "na",
}


class Kinds:
    def __init__(self, script: Script) -> None:
        self._declared: dict[str, str] = {}
        for one, _ in every_statement(script.statements):
            if isinstance(one, Declare):
                for name in one.names:
                    self._learn(name.text, one.type)
            elif isinstance(one, Function):
                for parameter in one.parameters:
                    self._learn(parameter.name, parameter.type)
            elif isinstance(one, Block):
                for name in one.loop_names:
                    self._learn(name.text, "")

    def _learn(self, name: str, kind: str) -> None:
        """A name with two types, in two places, is not plain to see."""
        kind = kind if kind in ("int", "float", "bool", "string") else ""
        self._declared[name] = kind if self._declared.get(name, kind) == kind else ""

    def declared(self, name: str) -> str:
        return self._declared.get(name, "")

    def of(self, node: Expression) -> str:
        match node:
            case Literal():
                return node.kind
            case Name():
                return self._declared.get(node.text, _OF_NAME.get(node.text, ""))
            case Call():
                return _OF_CALL.get(node.name, "")
            case Index():
                return self.of(node.base)
            case Unary():
                return "bool" if node.op == "not" else self.of(node.value)
            case Ternary():
                kinds = {self.of(leaf) for leaf in leaves(node)} - {"na"}
                return kinds.pop() if len(kinds) == 1 else ""
            case Binary():
                return self._of_binary(node)
        return ""

    def _of_binary(self, node: Binary) -> str:
        if node.op not in ("+", "-", "*", "/", "%"):
            return "bool"
        kinds = {self.of(node.left), self.of(node.right)}
        if kinds == {"string"} and node.op == "+":
            return "string"
        if not kinds <= NUMBERS:
            return ""
        if "float" in kinds:
            return "float"
        return "int" if kinds == {"int"} and node.op != "/" else "number"


def leaves(node: Expression) -> Iterator[Expression]:
    """What an expression can come to: the branches of `?:`, or itself."""
    if isinstance(node, Ternary):
        yield from leaves(node.yes)
        yield from leaves(node.no)
    else:
        yield node


@lru_cache(maxsize=16)
def kinds_of(script: Script) -> Kinds:
    return Kinds(script)
