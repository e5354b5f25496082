"""Rules about names: all of them must stand for something, and for one thing only."""

from __future__ import annotations

from typing import Final

from pine.harness.lint.rule import Found, Rule
from pine.harness.lint.script import Script

_REASONS: Final = {
    "unknown-function": "TradingView refuses it; the runner may call it undefined",
    "unknown-name": "TradingView refuses a name before its declaration",
    "unknown-argument": "TradingView refuses it; the runner ignores it silently",
    "argument-count": "TradingView refuses it; the runner fills in nothing",
    "undeclared-assign": "TradingView refuses := before =; the runner does not",
    "function-assign": "a Pine function cannot change a variable outside of it",
    "redeclared": "a second = in one scope hides the first value",
    "hides-outer": "the outer value stays as it was, and nobody is told",
    "reserved-word": "v6 keeps these words for itself",
    "shadowing": "a name of Pine's own would no longer mean what readers expect",
}


def _rule(code: str, reason: str) -> Rule:
    def check(script: Script) -> Found:
        return ((one.line, one.words) for one in script.wrong_names if one.rule == code)

    return Rule(code, reason, check)


RULES: Final = tuple(_rule(code, reason) for code, reason in _REASONS.items())
