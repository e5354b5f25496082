"""Rules about what TradingView can and our runner cannot: a script must give the same in both."""

from __future__ import annotations

from typing import Final

from pine.harness.lint.rule import Found, rule
from pine.harness.lint.script import Script

_TRADES: Final = ("strategy.closedtrades.", "strategy.opentrades.")


@rule("strategy-history", "offline it is NaN, and NaN differs from everything")
def strategy_history(script: Script) -> Found:
    words = "put it in a variable first: float before = strategy.position_size, then before[1]"
    for site in script.sites:
        if site.node.kind == "index" and site.node.parts[0].text.startswith("strategy."):
            yield site.line, words


@rule("trades-argument", "offline it throws")
def trades_argument(script: Script) -> Found:
    for site in script.calls():
        name = site.node.text
        if name.startswith(_TRADES) and any(one.kind == "call" for one in site.around):
            yield site.line, f"put {name}(...) in a variable before it is an argument"


@rule("library", "offline there are no libraries")
def library(script: Script) -> Found:
    for *_, one in script.statements:
        if one.kind == "library":
            yield one.at.line, f"{one.text} is not understood offline; copy the code in"


@rule("triple-quote", "offline the text is empty")
def triple_quote(script: Script) -> Found:
    for token in script.tokens:
        if token.kind == "triple":
            yield token.line, "three quotes come out empty offline; write a plain text"
