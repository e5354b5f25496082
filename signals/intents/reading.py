"""Strict readers of the JSON form of `df.intent`: wrong types and unknown members are refused.

And the one writer that needs a rule: how a time is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

from signals.intents.invalid import IntentInvalid

DECIMAL_TEXT: Final = re.compile(r"-?[0-9]{1,14}(\.[0-9]{1,10})?")
T = TypeVar("T")


def read_members(data: Any, allowed: set[str], where: str) -> dict[str, Any]:
    """Return the members of an object that has no others than the allowed ones."""
    if not isinstance(data, Mapping):
        raise IntentInvalid("wrong_type", f"{where} must be an object.")
    unknown = sorted(set(data) - allowed)
    if unknown:
        raise IntentInvalid("unknown_field", f"{where} has the unknown member {unknown[0]!r}.")
    return dict(data)


def construct(cls: type[T], members: dict[str, Any]) -> T:
    """Build a value of its members; what it needs and lacks is refused."""
    try:
        return cls(**members)
    except TypeError as error:
        raise IntentInvalid("missing_field", f"{cls.__name__} is incomplete.") from error


def read_text(data: Mapping[str, Any], name: str) -> str:
    """Return a member that must be text."""
    value = data.get(name)
    if not isinstance(value, str):
        raise IntentInvalid("wrong_type", f"{name} must be text.")
    return value


def read_decimal(value: Any, name: str) -> Decimal:
    """Return the number of a decimal string, within the digits that a price may have."""
    if not isinstance(value, str) or not DECIMAL_TEXT.fullmatch(value):
        raise IntentInvalid("not_a_decimal", f"{name} must be a decimal string.")
    return Decimal(value)


def read_time(value: Any, name: str) -> datetime | None:
    """Return the time of an ISO 8601 text, or None where there is none."""
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise IntentInvalid("not_a_time", f"{name} must be an ISO 8601 time.") from error


def time_text(value: datetime | None) -> str | None:
    """Return ISO 8601 in UTC with milliseconds, or None."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
