"""Rules against repainting, and against what our runner would play differently: a past bar must
say everywhere what it said when it was the last one."""

from typing import Final

from pine.harness.lint.nodes import Node
from pine.harness.lint.rule import Found, refuse, rule
from pine.harness.lint.script import Script

_EARLY: Final = ("calc_on_every_tick", "calc_on_order_fills", "process_orders_on_close")
_PURE_CALLS: Final = ("nz", "na", "int", "float", "bool")
_TRADES: Final = ("strategy.closedtrades.", "strategy.opentrades.")
_FIXED_SPACES: Final = ("math.", "syminfo.", "timeframe.")


@rule("security-lookahead", "a higher timeframe's last candle is not final")
def _security_lookahead(script: Script) -> Found:
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
def _early_orders(script: Script) -> Found:
    for site in script.declarations:
        for name, value in zip(site.node.names, site.node.parts, strict=True):
            if name in _EARLY and value.text != "false":
                yield value.at.line, f"{name} must be false: only closed bars count"


refuse(
    "varip",
    "history has no moves inside a bar, so live would differ",
    "varip keeps what an open bar said; write var",
    lambda script: [one for *_, one in script.statements if one.text == "varip"],
)
refuse(
    "timenow",
    "decisions must not depend on the clock",
    "timenow differs on each run; use time or time_close",
    lambda script: [at for at in script.names("timenow") if at.line not in script.helper_lines],
)
refuse(
    "quotes",
    "bid and ask exist on the last tick only",
    "{} has no history; use close",
    lambda script: script.names("bid", "ask"),
)


@rule("future-offset", "nobody knows the bars to come")
def _future_offset(script: Script) -> Found:
    for site in script.indexed():
        if _has_minus(site.node.parts[1]):
            yield site.line, "[-n] reads the future; only [n] is a bar that has been"
    for site in script.calls():
        for name, offset in zip(site.node.names, site.node.parts, strict=True):
            if name == "offset" and not site.text.startswith("ta.") and _has_minus(offset):
                yield offset.at.line, "a negative offset draws a signal before it came"


def _has_minus(node: Node) -> bool:
    return any(one.kind == "unary" and one.text == "-" for one in node.inside())


refuse(
    "bar-state",
    "live and history must decide alike",
    "{} makes live differ from history; take it out",
    lambda script: script.names("barstate.isrealtime", "barstate.ishistory"),
)
# What TradingView can and our runner cannot: a script must give the same in both.
refuse(
    "strategy-history",
    "offline it is NaN, and NaN differs from everything",
    "put it in a variable first: float before = strategy.position_size, then before[1]",
    lambda script: [at for at in script.indexed() if at.node.parts[0].text.startswith("strategy.")],
)
refuse(
    "trades-argument",
    "offline it throws",
    "put {}(...) in a variable before it is an argument",
    lambda script: [
        site
        for site in script.calls()
        if site.text.startswith(_TRADES) and any(one.kind == "call" for one in site.around)
    ],
)
refuse(
    "library",
    "offline there are no libraries",
    "{} is not understood offline; copy the code in",
    lambda script: [one for *_, one in script.statements if one.kind == "library"],
)
refuse(
    "triple-quote",
    "offline the text is empty",
    "three quotes come out empty offline; write a plain text",
    lambda script: [token for token in script.tokens if token.kind == "triple"],
)
