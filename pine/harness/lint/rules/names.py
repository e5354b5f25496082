"""Rules about names: all of them must stand for something, and for one thing only."""

from pine.harness.lint.rule import Check, Found, rule
from pine.harness.lint.script import Script


def _wrong(code: str) -> Check:
    def check(script: Script) -> Found:
        return ((one.line, one.words) for one in script.wrong_names if one.rule == code)

    return check


for _code, _reason in {
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
}.items():
    rule(_code, _reason)(_wrong(_code))
