"""What a rule is, and what it finds."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pine.harness.lint.nodes import Statement
from pine.harness.lint.script import Script, Site
from pine.harness.lint.tokens import Token

Found = Iterator[tuple[int, str]]  # a line, and what is wrong there and what to write instead
Check = Callable[[Script], Found]


@dataclass(frozen=True)
class Rule:
    code: str
    reason: str
    check: Check
    needs_tree: bool = True


RULES: list[Rule] = []


def rule(code: str, reason: str, needs_tree: bool = True) -> Callable[[Check], Check]:
    """Makes a check the next rule."""

    def add(check: Check) -> Check:
        RULES.append(Rule(code, reason, check, needs_tree))
        return check

    return add


def refuse(
    code: str,
    reason: str,
    words: str,
    places: Callable[[Script], Iterable[Site | Statement | Token]],
) -> None:
    """The next rule: at each of these places the same is wrong."""
    rule(code, reason)(lambda script: ((at.line, words.format(at.text)) for at in places(script)))
