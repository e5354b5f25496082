"""Runs every rule over the scripts that are linted together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

from pine.harness.lint.rule import RULES as RULES
from pine.harness.lint.script import Script

# In the order in which the command explains them.
for _name in ("frame", "names", "payload", "helper", "alerts", "repaint", "strict", "inputs"):
    import_module(f"pine.harness.lint.rules.{_name}")
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
    models = [script for script in scripts if script.helper_lines][:1]
    for script in scripts:
        script.models = models
    return sorted({fault for script in scripts for fault in _faults(script)})


def _faults(script: Script) -> Iterator[Fault]:
    for problem in script.problems:
        yield Fault(script.path, *problem)
    for rule in RULES:
        # A tree with holes would only accuse lines that are right.
        if not (rule.needs_tree and script.problems):
            for line, words in rule.check(script):
                yield Fault(script.path, line, rule.code, words)
