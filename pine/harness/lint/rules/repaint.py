"""Rules against repainting: a past bar must say what it said when it was the last one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pine.harness.lint.nodes import (
    Argument,
    Call,
    Declare,
    Expression,
    Index,
    Literal,
    Name,
    Unary,
    inside,
    parts,
)
from pine.harness.lint.rule import Found, Rule
from pine.harness.lint.script import Script, argument, every_statement
from pine.harness.lint.variables import FIXED

_EARLY: Final = ("calc_on_every_tick", "calc_on_order_fills", "process_orders_on_close")
_PURE_CALLS: Final = ("nz", "na", "int", "float", "bool")


def _security(script: Script) -> Iterator[Found]:
    for call, _ in script.calls:
        if call.name != "request.security":
            continue
        ahead = argument(call, 4, "lookahead")
        if not isinstance(ahead, Name) or ahead.text != "barmerge.lookahead_on":
            yield Found(call.at.line, "say lookahead = barmerge.lookahead_on, with expression[1]")
        asked = argument(call, 2, "expression")
        if asked is not None and not _is_past(asked):
            words = "offset every series of the expression, as close[1]; else it tells the future"
            yield Found(call.at.line, words)


def _is_past(node: Expression) -> bool:
    """Whether nothing in it belongs to the bar that is still open."""
    match node:
        case Literal():
            return True
        case Index(offset=Literal(kind="int", text=bars)):
            return int(bars) >= 1
        case Name(text=text):
            return text in FIXED
        case Call(name=name) if not (name in _PURE_CALLS or name.startswith("math.")):
            return False
    return all(_is_past(part) for part in parts(node))


def _settings(script: Script) -> Iterator[Found]:
    for call, _ in script.declarations:
        for one in call.arguments:
            if one.name in _EARLY and not _is_false(one):
                yield Found(one.value.at.line, f"{one.name} must be false: only closed bars count")


def _is_false(one: Argument) -> bool:
    return isinstance(one.value, Literal) and one.value.text == "false"


def _varip(script: Script) -> Iterator[Found]:
    for one, _ in every_statement(script.statements):
        if isinstance(one, Declare) and one.mode == "varip":
            yield Found(one.at.line, "varip keeps what an open bar said; write var")


def _timenow(script: Script) -> Iterator[Found]:
    for site in script.sites:
        node = site.node
        if (
            isinstance(node, Name)
            and node.text == "timenow"
            and site.line not in script.helper_lines
        ):
            yield Found(site.line, "timenow differs on each run; use time or time_close")


def _quotes(script: Script) -> Iterator[Found]:
    for site in script.sites:
        if isinstance(site.node, Name) and site.node.text in ("bid", "ask"):
            yield Found(site.line, f"{site.node.text} has no history; use close")


def _future(script: Script) -> Iterator[Found]:
    for site in script.sites:
        node = site.node
        if isinstance(node, Index) and _has_minus(node.offset):
            yield Found(site.line, "[-n] reads the future; only [n] is a bar that has been")
        if isinstance(node, Call):
            for one in node.arguments:
                if (
                    one.name == "offset"
                    and not node.name.startswith("ta.")
                    and _has_minus(one.value)
                ):
                    yield Found(
                        one.value.at.line, "a negative offset draws a signal before it came"
                    )


def _has_minus(node: Expression) -> bool:
    return any(isinstance(one, Unary) and one.op == "-" for one in inside(node))


def _bar_state(script: Script) -> Iterator[Found]:
    for site in script.sites:
        node = site.node
        if isinstance(node, Name) and node.text in ("barstate.isrealtime", "barstate.ishistory"):
            yield Found(site.line, f"{node.text} makes live differ from history; take it out")


RULES: Final = (
    Rule("security-lookahead", "a higher timeframe's last candle is not final", _security),
    Rule("early-orders", "ticks inside a bar are not in the history", _settings),
    Rule("varip", "history has no moves inside a bar, so live would differ", _varip),
    Rule("timenow", "decisions must not depend on the clock", _timenow),
    Rule("quotes", "bid and ask exist on the last tick only", _quotes),
    Rule("future-offset", "nobody knows the bars to come", _future),
    Rule("bar-state", "live and history must decide alike", _bar_state),
)
