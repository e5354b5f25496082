"""Lists every rule that can refuse an entry or make it wait, in the order of asking."""

from __future__ import annotations

from textwrap import wrap
from typing import Any, Final

from django.core.management.base import BaseCommand

from execution.risk import rules
from execution.risk.reasons import ADVICE

_HEADS: Final = ("reason", "effect", "asked at", "what to do")
_ADVICE_WIDTH: Final = 60


class Command(BaseCommand):
    help = (
        "List every reason why an entry is refused or has to wait, in the order in which the rules "
        "are asked, with the moments of asking (answer: what the webhook says; preview: review "
        "page and linter; staging: the order is made; claim: it is handed to an executor; permit: "
        "it may be sent) and what to do. "
        "Refused at claim or permit means not now. No database is asked."
    )
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        for line in _table([_HEADS, *_rows()]):
            self.stdout.write(line)


def _rows() -> list[tuple[str, str, str, str]]:
    """One row a reason; one that several rules give has the moments of all of them."""
    found: dict[str, tuple[str, set[rules.Moment]]] = {}
    for rule in rules.ENTRY_RULES:
        effect = "waits" if rule.makes_wait or rule.passes else "refuses"
        for reason in rule.reasons:
            _, moments = found.setdefault(reason, (effect, set()))
            moments |= rule.moments
    return [
        (reason, effect, _moments(moments), ADVICE[reason])
        for reason, (effect, moments) in found.items()
    ]


def _moments(asked: set[rules.Moment]) -> str:
    return " ".join(one for one in rules.Moment if one in asked)


def _table(rows: list[tuple[str, str, str, str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = []
    for *cells, advice in rows:
        first, *others = wrap(advice, _ADVICE_WIDTH)
        start = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        lines.append(f"{start}  {first}")
        lines += [" " * (sum(widths) + 6) + other for other in others]
    return lines
