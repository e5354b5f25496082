"""Rules of v6 that TradingView enforces and the runner lets pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pine.harness.lint.kinds import NUMBERS, kinds_of, leaves
from pine.harness.lint.nodes import (
    Assign,
    Binary,
    Block,
    Call,
    Declare,
    Expression,
    Index,
    Literal,
    Name,
    Ternary,
    Unary,
)
from pine.harness.lint.rule import Found, Rule
from pine.harness.lint.script import Script, Site, argument, every_statement
from pine.harness.lint.variables import VARIABLES, words

_GLOBAL: Final = words(
    "plot plotarrow plotbar plotcandle plotchar plotshape bgcolor barcolor hline fill"
    " alertcondition indicator strategy"
)
_TAKES: Final = {
    "int": {"int", "number"},
    "float": {"int", "float", "number"},
    "bool": {"bool"},
    "string": {"string"},
}


def _condition(script: Script) -> Iterator[Found]:
    kinds = kinds_of(script)
    for node in _conditions(script):
        kind = kinds.of(node)
        if kind in NUMBERS or kind == "string":
            yield Found(node.at.line, f"a {kind} is no condition in v6; compare it, as x != 0")


def _conditions(script: Script) -> Iterator[Expression]:
    """Every expression that must be true or false."""
    for one, path in every_statement(script.statements):
        is_bool = isinstance(one, Block) and (
            one.keyword in ("if", "else if", "while")
            or (one.keyword == "arm" and not _switch_of(path).conditions)
        )
        if isinstance(one, Block) and is_bool:
            yield from one.conditions
    for site in script.sites:
        match site.node:
            case Ternary(condition=condition):
                yield condition
            case Unary(op="not", value=value):
                yield value
            case Binary(op="and" | "or", left=left, right=right):
                yield from (left, right)


def _switch_of(path: tuple[object, ...]) -> Block:
    above = path[-2]
    assert isinstance(above, Block)
    return above


def _bool_na(script: Script) -> Iterator[Found]:
    for kind, value in _values(script):
        if kind == "bool" and any(isinstance(x, Name) and x.text == "na" for x in leaves(value)):
            yield Found(value.at.line, "a bool is never na in v6; write false")


def _literal_type(script: Script) -> Iterator[Found]:
    kinds = kinds_of(script)
    for kind, value in _values(script):
        for leaf in leaves(value):
            given = kinds.of(leaf)
            if given not in ("", "na") and given not in _TAKES.get(kind, {given}):
                yield Found(leaf.at.line, f"a {given} does not fit into a {kind}; convert it")


def _values(script: Script) -> Iterator[tuple[str, Expression]]:
    """The type of each variable and parameter, with each value that it is given."""
    kinds = kinds_of(script)
    for one, _ in every_statement(script.statements):
        match one:
            case Declare(type=kind, value=Expression() as value):
                yield kind, value
            case Assign(target=Name(text=name), op=":=", value=Expression() as value):
                yield kinds.declared(name), value
    for call, _ in script.calls:
        if call.name in script.functions:
            for place, parameter in enumerate(script.functions[call.name].parameters):
                given = argument(call, place, parameter.name)
                if given is not None:
                    yield parameter.type, given


def _text_sum(script: Script) -> Iterator[Found]:
    kinds = kinds_of(script)
    for site in script.sites:
        if isinstance(site.node, Binary) and site.node.op == "+":
            both = {kinds.of(site.node.left), kinds.of(site.node.right)}
            if "string" in both and both & (NUMBERS | {"bool"}):
                words = 'a text and a number cannot be joined; write str.tostring(x, "0.00")'
                yield Found(site.line, words)


def _global(script: Script) -> Iterator[Found]:
    for call, site in script.calls:
        is_global = call.name in _GLOBAL or call.name.startswith("input.")
        if is_global and site.is_local:
            advice = (
                f"{call.name} may not stand in a block; call it outside, with cond ? value : na"
            )
            yield Found(call.at.line, advice)


def _literal_history(script: Script) -> Iterator[Found]:
    for site in script.sites:
        base = site.node.base if isinstance(site.node, Index) else None
        if isinstance(base, Literal):
            yield Found(site.line, "a plain value has no history; drop the [n]")
        if isinstance(base, Name) and "." in base.text and base.text not in VARIABLES:
            yield Found(
                site.line, f"a field has no history; write ({base.text.split('.')[0]}[n]).field"
            )


def _conditional(script: Script) -> Iterator[Found]:
    for call, site in script.calls:
        if not call.name.startswith("ta.") and call.name not in ("math.sum", "fixnan"):
            continue
        if site.is_local or _is_lazy(call, site):
            words = f"{call.name} must run on each bar; put it in a variable outside, use that here"
            yield Found(call.at.line, words)


def _is_lazy(call: Call, site: Site) -> bool:
    """Whether it stands where `and`, `or` or `?:` may skip it."""
    below: Expression = call
    for above in reversed(site.around):
        if isinstance(above, Ternary) and below is not above.condition:
            return True
        if isinstance(above, Binary) and above.op in ("and", "or") and below is above.right:
            return True
        below = above
    return False


RULES: Final = (
    Rule("numeric-condition", "v6 no longer turns numbers into true and false", _condition),
    Rule("bool-na", "v6 knows two values of a bool", _bool_na),
    Rule("literal-type", "v6 does not convert by itself", _literal_type),
    Rule("text-sum", "v6 does not convert by itself", _text_sum),
    Rule("global-only", "plots and inputs exist before the first bar", _global),
    Rule("literal-history", "v6 refuses [] on a plain value", _literal_history),
    Rule("conditional-series", "a skipped bar is missing in its history", _conditional),
)
