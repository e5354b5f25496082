"""Splitting `key=value` text by line, semicolon or comma into named values. Pure."""

from __future__ import annotations

from typing import Final

from signals.dialects.base import Refused
from signals.dialects.credentials import is_credential_name
from signals.dialects.values import plain_text

FIELDS_MAX: Final = 48
FIELD_LENGTH_MAX: Final = 64
# Free text; nothing in it is acted on.
PROSE: Final = frozenset({"comment", "message", "strategy", "strategy_name", "tag", "reason"})


def read_fields(text: str, separators: str, assign: str = "=") -> dict[str, str]:
    """Return lower-case keys and their values; lines always separate, and so do `separators`."""
    for separator in separators:
        text = text.replace(separator, "\n")
    fields: dict[str, str] = {}
    parts = [part.strip() for part in text.split("\n")]
    for part in parts:
        if not part:
            continue
        name, found, value = part.partition(assign)
        key = name.strip().lower().replace(" ", "_").replace("-", "_")
        if not found or not key.isidentifier() or len(key) > FIELD_LENGTH_MAX:
            raise Refused("malformed_text", f"Every field needs a key, {assign} and a value.")
        if key in fields:
            raise Refused("duplicate_key", f"{key} is named twice.")
        value = _unquoted(value.strip())
        if not value:
            raise Refused("malformed_text", f"{key} has no value.")
        is_free = key in PROSE or is_credential_name(key)
        fields[key] = value if is_free else plain_text(value, key)
        if len(fields) > FIELDS_MAX:
            raise Refused("too_many_keys", f"At most {FIELDS_MAX} fields.")
    return fields


def _unquoted(value: str) -> str:
    """Return the text between a pair of double quotes that holds no other."""
    is_quoted = len(value) > 1 and value[0] == value[-1] == '"' and value.count('"') == 2
    return value[1:-1].strip() if is_quoted else value
