"""Where a message carries a credential, as byte spans of the body, and how they are blanked. Pure.

JSON members are found by name, `key=value` fields by key, positional fields by place. Spans are
named for broken messages too, since refused bodies are stored as well.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any, Final

from signals.parsing import BLANK

Spans = tuple[tuple[int, int], ...]

# Spellings seen in published alert templates. Values under these names never reach the database.
NAMES: Final = (
    "secret", "passphrase", "password", "token", "key", "apikey", "api_key", "apiKey", "auth",
    "auth_key", "authkey", "authKey", "access_key", "accessKey", "webhook_secret", "webhookSecret",
    "api_secret", "apiSecret", "email_token", "emailToken", "secret_key", "secretKey", "license",
    "license_id", "licenseId", "licence", "pin", "pass", "pwd",
)  # fmt: skip
_PLAIN_NAMES: Final = frozenset(name.replace("_", "").lower() for name in NAMES)
# Upper-case and capitalised forms as well: the store compares JSON member names exactly.
MEMBER_NAMES: Final = frozenset(
    form for name in NAMES for form in (name, name.upper(), name[:1].upper() + name[1:])
)
_JSON_MEMBER: Final = re.compile(
    rb'"(?P<name>(?:[^"\\]|\\.)*)"\s*:\s*"(?P<text>(?:[^"\\]|\\.)*)"'
    rb'|"(?P<bare_name>(?:[^"\\]|\\.)*)"\s*:\s*(?P<bare>[^\s,\]}"\[{]+)',
    re.DOTALL,
)
_FIELD: Final = re.compile(rb"(?P<name>[A-Za-z_]{2,32})\s*[=:]\s*(?P<value>[^,;\r\n]*)")
_FIRST_FIELD: Final = re.compile(rb"\s*(?P<value>[^,=\r\n]*),")


def is_credential_name(name: str) -> bool:
    """Return whether a field of this name holds a credential, in any spelling."""
    return re.sub(r"[^a-z0-9]", "", name.lower()) in _PLAIN_NAMES


def member_credential(data: Any) -> str | None:
    """Return the first credential that a JSON object carries, in the order of `NAMES`."""
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    if not isinstance(data, dict):
        return None
    for name in NAMES:
        for form in (name, name.upper(), name[:1].upper() + name[1:]):
            value = data.get(form)
            if isinstance(value, str) and value:
                return value
    return None


def member_spans(raw: bytes) -> Spans:
    """Return the spans of credential values in JSON text, without their quotes."""
    spans = []
    for found in _JSON_MEMBER.finditer(raw):
        group = "text" if found["text"] is not None else "bare"
        name = found["name"] if group == "text" else found["bare_name"]
        if is_credential_name(name.decode("utf-8", "replace")) and found[group]:
            spans.append(found.span(group))
    return tuple(spans)


def field_spans(raw: bytes) -> Spans:
    """Return the spans of credential values in `key=value` or `key: value` text."""
    return tuple(
        found.span("value")
        for found in _FIELD.finditer(raw)
        if is_credential_name(found["name"].decode()) and found["value"]
    )


def first_field_spans(raw: bytes) -> Spans:
    """Return the span of the first comma-separated field (the licence) and of any `secret=`."""
    found = _FIRST_FIELD.match(raw)
    first = (found.span("value"),) if found and found["value"] else ()
    return first + tuple(span for span in field_spans(raw) if span not in first)


def blank_spans(raw: bytes, spans: Iterable[tuple[int, int]]) -> bytes:
    """Return `raw` with every span replaced by the blank mark."""
    pieces: list[bytes] = []
    done = 0
    for start, end in sorted(spans):
        if start < done:
            continue
        pieces += [raw[done:start], BLANK]
        done = end
    return b"".join([*pieces, raw[done:]])


def field_credential(fields: Collection[tuple[str, str]]) -> str | None:
    """Return the first non-empty credential among `(key, value)` fields."""
    for name, value in fields:
        if is_credential_name(name) and value:
            return value
    return None
