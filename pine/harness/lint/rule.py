"""What a rule is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pine.harness.lint.script import Script

Check = Callable[[Script], Iterable["Found"]]


@dataclass(frozen=True)
class Found:
    """A place, and what is wrong there and what to write instead."""

    line: int
    words: str


@dataclass(frozen=True)
class Rule:
    code: str
    reason: str
    check: Check
    needs_tree: bool = True
