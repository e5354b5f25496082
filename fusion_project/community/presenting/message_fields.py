"""Explains one message member by member, in the words of its JSON Schema. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

# Members that hold epoch milliseconds; nobody reads thirteen digits.
_TIMES: Final = frozenset({"bar_time", "bar_close", "sent_at", "expires_at"})

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One member of an example message. `note` says its value in another form."""

    name: str
    value: str
    note: str
    is_required: bool
    meaning: str


def fields_common(schema: Json, message: Json) -> list[Field]:
    """The members that every message must have, whatever its event."""
    return [one for one in _fields(schema, message) if one.name in schema["required"]]


def fields_own(schema: Json, message: Json) -> list[Field]:
    """The members that belong to this message's event."""
    return [one for one in _fields(schema, message) if one.name not in schema["required"]]


def fields_unused(schema: Json, message: Json) -> list[str]:
    """The members that its event may have too, and that this message leaves out."""
    allowed = [name for name in schema["properties"] if name in _allowed(schema, message)]
    return [name for name in allowed if name not in message]


def required_names(rules: Json, message: Json) -> set[str]:
    """What the schema demands of a message like this one, through its if, then, else and allOf."""
    names = set(rules.get("required", ()))
    for part in _parts(rules, message):
        names |= required_names(part, message)
    return names


def _fields(schema: Json, message: Json) -> list[Field]:
    required = required_names(schema, message)
    return [
        field
        for name, value in message.items()
        for field in _described(name, value, schema["properties"].get(name, {}), name in required)
    ]


def _described(name: str, value: Any, rule: Json, is_required: bool) -> list[Field]:
    note = _time_text(value) if name in _TIMES and isinstance(value, int) else ""
    own = Field(name, _text(value), note, is_required, _meaning(rule))
    if not isinstance(value, dict):
        return [own]
    inner = rule.get("properties", {})
    return [own, *(_member(name, key, one, inner.get(key, {})) for key, one in value.items())]


def _member(name: str, key: str, value: Any, rule: Json) -> Field:
    return Field(f"{name}.{key}", _text(value), "", False, _meaning(rule))


def _meaning(rule: Json) -> str:
    if description := rule.get("description"):
        return str(description)
    if "const" in rule:
        return f"Always {_text(rule['const'])}."
    return f"One of {', '.join(map(_text, rule['enum']))}." if "enum" in rule else ""


def _allowed(rules: Json, message: Json) -> set[str]:
    names = set(rules.get("propertyNames", {}).get("enum", ()))
    for part in _parts(rules, message):
        names |= _allowed(part, message)
    return names


def _parts(rules: Json, message: Json) -> list[Json]:
    parts = list(rules.get("allOf", ()))
    if "if" in rules:
        parts.append(rules.get("then" if _holds(rules["if"], message) else "else", {}))
    return parts


def _holds(condition: Json, message: Json) -> bool:
    """As JSON Schema has it, a condition on an absent member holds."""
    for name, rule in condition.get("properties", {}).items():
        choices = [rule["const"]] if "const" in rule else rule.get("enum")
        if choices is not None and name in message and message[name] not in choices:
            return False
    return True


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _time_text(milliseconds: int) -> str:
    at = datetime.fromtimestamp(milliseconds // 1000, tz=UTC)
    return f"{at:%d %b %Y %H:%M:%S}.{milliseconds % 1000:03d} UTC"
