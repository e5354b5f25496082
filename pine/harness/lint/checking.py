"""Runs every rule over the scripts that are linted together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pine.harness.lint.rule import Rule
from pine.harness.lint.rules import (
    alerts,
    frame,
    helper,
    inputs,
    names,
    payload,
    repaint,
    runner,
    strict,
)
from pine.harness.lint.script import Script

_CHECKED: Final = (frame, payload, helper, alerts, repaint, runner, strict, inputs)
_FOUND: Final = [
    [one for one in vars(module).values() if isinstance(one, Rule)] for module in _CHECKED
]
_FOUND.insert(1, list(names.RULES))
RULES: Final = [one for rules in _FOUND for one in rules]
# Found while a script is read, before any rule can look at it.
READING: Final = {
    "indent": "TradingView reads blocks by indent; the runner forgives what it does not",
    "wrap": "TradingView tells a wrapped line from a block by its indent",
    "syntax": "the line cannot be read at all",
}


@dataclass(frozen=True, order=True)
class Fault:
    path: Path
    line: int
    rule: str
    words: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.words}"


def lint(scripts: Sequence[Script]) -> list[Fault]:
    """Every fault, by script and line."""
    faults = {fault for script in scripts for fault in _of_one(script)}
    for script, line, words in helper.compare(scripts):
        faults.add(Fault(script.path, line, helper.helper_same.code, words))
    return sorted(faults)


def _of_one(script: Script) -> Iterator[Fault]:
    for problem in script.problems:
        yield Fault(script.path, *problem)
    # A tree with holes would only accuse lines that are right.
    for rule in (one for one in RULES if not (one.needs_tree and script.problems)):
        for line, words in rule.check(script):
            yield Fault(script.path, line, rule.code, words)
