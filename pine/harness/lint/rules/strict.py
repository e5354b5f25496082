"""Rules of v6 that TradingView enforces and the runner lets pass."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from pine.harness.lint.builtins import GLOBAL, VARIABLES
from pine.harness.lint.kinds import NUMBERS, leaves
from pine.harness.lint.nodes import Node
from pine.harness.lint.rule import Found, refuse, rule
from pine.harness.lint.script import Script, Site

_SERIES: Final = ("ta.", "math.sum", "fixnan")
_TAKES: Final = {
    "int": {"int", "number"},
    "float": {"int", "float", "number"},
    "bool": {"bool"},
    "string": {"string"},
}


@rule("numeric-condition", "v6 no longer turns numbers into true and false")
def _numeric_condition(script: Script) -> Found:
    for node in _conditions(script):
        kind = script.kinds.of(node)
        if kind in NUMBERS or kind == "string":
            yield node.at.line, f"a {kind} is no condition in v6; compare it, as x != 0"


def _conditions(script: Script) -> Iterator[Node]:
    """Every expression that must be true or false."""
    for path in script.statements:
        one = path[-1]
        is_test = one.kind == "arm" and not path[-2].values
        if is_test or one.kind in ("if", "else if", "while"):
            yield from one.values
    for site in script.sites:
        match site.node:
            case Node("ternary", _, (condition, _, _)):
                yield condition
            case Node("unary" | "binary", "not" | "and" | "or", parts):
                yield from parts


@rule("bool-na", "v6 knows two values of a bool")
def _bool_na(script: Script) -> Found:
    for kind, value in _values(script):
        if kind == "bool" and any(leaf.text == "na" for leaf in leaves(value)):
            yield value.at.line, "a bool is never na in v6; write false"


@rule("literal-type", "v6 does not convert by itself")
def _literal_type(script: Script) -> Found:
    for kind, value in _values(script):
        for leaf in leaves(value):
            given = script.kinds.of(leaf)
            if given not in ("any", "na", *_TAKES.get(kind, {given})):
                yield leaf.at.line, f"a {given} does not fit into a {kind}; convert it"


def _values(script: Script) -> Iterator[tuple[str, Node]]:
    """The type of each variable and parameter, with each value that it is given."""
    for *_, one in script.statements:
        if one.value is not None and one.kind == "declare":
            yield one.names[0].type, one.value
        elif one.value is not None and one.target:
            yield script.kinds.declared(one.target), one.value
    own = [site for site in script.calls() if site.node.text in script.functions]
    for site in own:
        for parameter in script.functions[site.node.text].names:
            given = script.argument(site.node, parameter.text)
            if given is not None:
                yield parameter.type, given


@rule("text-sum", "v6 does not convert by itself")
def _text_sum(script: Script) -> Found:
    for site in script.sites:
        both = {script.kinds.of(part) for part in site.node.parts if site.node.kind == "binary"}
        if site.node.text == "+" and "string" in both and both & (NUMBERS | {"bool"}):
            yield site.line, 'a text and a number cannot be joined; write str.tostring(x, "0.00")'


refuse(
    "global-only",
    "plots and inputs exist before the first bar",
    "{} may not stand in a block; call it outside, with cond ? value : na",
    lambda script: [
        site
        for site in script.calls()
        if site.is_local and (site.text in GLOBAL or site.text.startswith("input."))
    ],
)


@rule("literal-history", "v6 refuses [] on a plain value")
def _literal_history(script: Script) -> Found:
    for site in script.indexed():
        base = site.node.parts[0]
        if base.is_literal:
            yield site.line, "a plain value has no history; drop the [n]"
        if base.kind == "name" and "." in base.text and base.text not in VARIABLES:
            owner = base.text.partition(".")[0]
            yield site.line, f"a field has no history; write ({owner}[n]).field"


refuse(
    "conditional-series",
    "a skipped bar is missing in its history",
    "{} must run on each bar; put it in a variable outside, use that here",
    lambda script: [
        site
        for site in script.calls()
        if site.text.startswith(_SERIES) and (site.is_local or _is_lazy(site))
    ],
)


def _is_lazy(site: Site) -> bool:
    """Whether it stands where `and`, `or` or `?:` may skip it."""
    chain = (*site.around, site.node)
    return any(
        (above.kind == "ternary" or above.text in ("and", "or")) and below is not above.parts[0]
        for above, below in pairwise(chain)
    )
