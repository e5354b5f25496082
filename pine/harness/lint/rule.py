"""What a rule is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pine.harness.lint.script import Script

Found = Iterator[tuple[int, str]]  # a line, and what is wrong there and what to write instead
Check = Callable[[Script], Found]


@dataclass(frozen=True)
class Rule:
    code: str
    reason: str
    check: Check
    needs_tree: bool = True


def rule(code: str, reason: str, needs_tree: bool = True) -> Callable[[Check], Rule]:
    """Makes a check the rule of this name."""
    return lambda check: Rule(code, reason, check, needs_tree)


def refusing(names: str, words: str) -> Check:
    """A check that takes no call and no use of these names."""

    def check(script: Script) -> Found:
        every = names.split()
        for site in (*script.calls(*every), *script.names(*every)):
            yield site.line, words.format(site.node.text)

    return check
