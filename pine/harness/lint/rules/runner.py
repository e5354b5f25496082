"""Rules about what TradingView can and our runner cannot: a script must give the same in both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pine.harness.lint.nodes import Call, Index, Library, Name
from pine.harness.lint.rule import Found, Rule
from pine.harness.lint.script import Script, every_statement

_TRADES: Final = ("strategy.closedtrades.", "strategy.opentrades.")


def _history(script: Script) -> Iterator[Found]:
    for site in script.sites:
        node = site.node
        if isinstance(node, Index) and _strategy_name(node):
            words = (
                "put it in a variable first: float before = strategy.position_size, then before[1]"
            )
            yield Found(site.line, words)


def _strategy_name(node: Index) -> bool:
    base = node.base.callee if isinstance(node.base, Call) else node.base
    return isinstance(base, Name) and base.text.startswith("strategy.")


def _trades(script: Script) -> Iterator[Found]:
    for call, site in script.calls:
        if call.name.startswith(_TRADES) and any(isinstance(one, Call) for one in site.around):
            yield Found(
                call.at.line, f"put {call.name}(...) in a variable before it is an argument"
            )


def _library(script: Script) -> Iterator[Found]:
    for one, _ in every_statement(script.statements):
        if isinstance(one, Library):
            yield Found(one.at.line, f"{one.keyword} is not understood offline; copy the code in")


def _triple(script: Script) -> Iterator[Found]:
    for token in script.tokens:
        if token.kind == "triple":
            yield Found(token.line, "three quotes come out empty offline; write a plain text")


RULES: Final = (
    Rule("strategy-history", "offline it is NaN, and NaN differs from everything", _history),
    Rule("trades-argument", "offline it throws", _trades),
    Rule("library", "offline there are no libraries", _library),
    Rule("triple-quote", "offline the text is empty", _triple),
)
