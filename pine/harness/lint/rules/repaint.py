"""Rules against repainting: a past bar must say what it said when it was the last one."""

from __future__ import annotations

from typing import Final

from pine.harness.lint.nodes import Node
from pine.harness.lint.rule import Found, refusing, rule
from pine.harness.lint.script import Script

_EARLY: Final = ("calc_on_every_tick", "calc_on_order_fills", "process_orders_on_close")
_PURE_CALLS: Final = ("nz", "na", "int", "float", "bool")
_FIXED_SPACES: Final = ("math.", "syminfo.", "timeframe.")


@rule("security-lookahead", "a higher timeframe's last candle is not final")
def security_lookahead(script: Script) -> Found:
    for site in script.calls("request.security"):
        ahead = script.argument(site.node, "lookahead")
        if ahead is None or ahead.text != "barmerge.lookahead_on":
            yield site.line, "say lookahead = barmerge.lookahead_on, with expression[1]"
        asked = script.argument(site.node, "expression")
        if asked is not None and not _is_past(asked):
            words = "offset every series of the expression, as close[1]; else it tells the future"
            yield site.line, words


def _is_past(node: Node) -> bool:
    """Whether nothing in it belongs to the bar that is still open."""
    match node:
        case Node("index", _, (_, Node("int", bars))):
            return int(bars) >= 1
        case Node("name", text):
            return text == "na" or text.startswith(_FIXED_SPACES)
        case Node("call", text) if not (text in _PURE_CALLS or text.startswith("math.")):
            return False
    return all(_is_past(part) for part in node.parts)


@rule("early-orders", "ticks inside a bar are not in the history")
def early_orders(script: Script) -> Found:
    for site in script.declarations:
        for name, value in zip(site.node.names, site.node.parts, strict=True):
            if name in _EARLY and value.text != "false":
                yield value.at.line, f"{name} must be false: only closed bars count"


@rule("varip", "history has no moves inside a bar, so live would differ")
def varip(script: Script) -> Found:
    for *_, one in script.statements:
        if one.kind == "declare" and one.text == "varip":
            yield one.at.line, "varip keeps what an open bar said; write var"


@rule("timenow", "decisions must not depend on the clock")
def timenow(script: Script) -> Found:
    for site in script.names("timenow"):
        if site.line not in script.helper_lines:
            yield site.line, "timenow differs on each run; use time or time_close"


quotes = rule("quotes", "bid and ask exist on the last tick only")(
    refusing("bid ask", "{} has no history; use close")
)


@rule("future-offset", "nobody knows the bars to come")
def future_offset(script: Script) -> Found:
    for site in script.sites:
        node = site.node
        if node.kind == "index" and _has_minus(node.parts[1]):
            yield site.line, "[-n] reads the future; only [n] is a bar that has been"
        if "offset" in node.names and not node.text.startswith("ta."):
            offset = node.parts[node.names.index("offset")]
            if _has_minus(offset):
                yield offset.at.line, "a negative offset draws a signal before it came"


def _has_minus(node: Node) -> bool:
    return any(one.kind == "unary" and one.text == "-" for one in node.inside())


bar_state = rule("bar-state", "live and history must decide alike")(
    refusing(
        "barstate.isrealtime barstate.ishistory", "{} makes live differ from history; take it out"
    )
)
