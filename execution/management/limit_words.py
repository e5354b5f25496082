"""Limits on the command line: read as NAME=VALUE, listed with their scope and author."""

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

from django.core.management.base import CommandError

from execution.models import RiskLimit
from execution.risk.limits import LIMITS
from execution.selectors.limits import limits_newest

NONE = "none"


def limits_read(words: Iterable[str]) -> dict[str, Decimal | None]:
    """Read NAME=VALUE; the value `none` lifts a limit. Raises CommandError."""
    values: dict[str, Decimal | None] = {}
    for word in words:
        name, _, text = word.partition("=")
        if name not in LIMITS:
            raise CommandError(f"There is no limit {name!r}. Known: {', '.join(LIMITS)}.")
        try:
            values[name] = None if text == NONE else Decimal(text)
        except InvalidOperation as error:
            raise CommandError(f"{name}: {text!r} is no number, such as {name}=5.") from error
    return values


def limit_lines(rows: Iterable[RiskLimit]) -> Iterator[str]:
    """One line for each limit that was ever set, its newest version."""
    newest = sorted(limits_newest(rows), key=lambda row: (row.scope, _holder(row), row.name))
    for row in newest:
        value = NONE if row.value is None else f"{row.value.normalize():f}"
        unit, meaning = LIMITS[row.name]
        yield (
            f"{_holder(row)}\t{row.name}={value}\tversion {row.version}, "
            f"{row.at:%Y-%m-%d %H:%M:%S} UTC, {row.actor}\t{meaning} ({unit})"
        )


def _holder(row: RiskLimit) -> str:
    if row.account is not None:
        return f"account {row.account.login}"
    if row.strategy is not None:
        return f"strategy {row.strategy.slug}"
    return f"instrument {row.instrument}" if row.instrument else "all"
