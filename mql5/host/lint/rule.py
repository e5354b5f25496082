"""What a rule is, and what it finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mql5.host.program import Program, Source

Found = Iterator[tuple[int, str]]  # a line, and what is wrong there and what to write instead
Check = Callable[[Program, Source], Found]


@dataclass(frozen=True)
class Rule:
    code: str
    reason: str
    check: Check


@dataclass(frozen=True)
class Fault:
    path: Path
    line: int
    code: str
    words: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.code}: {self.words}"


RULES: list[Rule] = []


def rule(code: str, reason: str) -> Callable[[Check], Check]:
    """Makes a check the next rule."""

    def add(check: Check) -> Check:
        RULES.append(Rule(code, reason, check))
        return check

    return add
