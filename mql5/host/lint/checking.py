"""Runs the rules over a program."""

from mql5.host.lint import calls, frame, shape, words
from mql5.host.lint.rule import RULES, Fault
from mql5.host.program import Program

MODULES = (words, shape, calls, frame)


def lint(program: Program) -> list[Fault]:
    """All faults, in the order of the text."""
    faults = {
        Fault(source.path, line, rule.code, found)
        for source in program.sources
        for rule in RULES
        for line, found in rule.check(program, source)
    }
    return sorted(faults, key=lambda one: (str(one.path), one.line, one.code, one.words))
