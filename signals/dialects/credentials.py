"""Where a message carries a credential, as byte spans of the body. Pure.

JSON members are found by name, `key=value` fields by key, positional fields by place. Spans are
named for broken messages too, since refused bodies are stored as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from contextlib import suppress
from typing import Any, Final

Spans = tuple[tuple[int, int], ...]

# Spellings seen in published alert templates. Values under these names never reach the database.
NAMES: Final = (
    "secret", "passphrase", "password", "token", "key", "apikey", "api_key", "apiKey", "auth",
    "auth_key", "authkey", "authKey", "access_key", "accessKey", "webhook_secret", "webhookSecret",
    "api_secret", "apiSecret", "email_token", "emailToken", "secret_key", "secretKey", "license",
    "license_id", "licenseId", "licence", "pin", "pass", "pwd",
)  # fmt: skip
_PLAIN_NAMES: Final = frozenset(name.replace("_", "").lower() for name in NAMES)
# An unfinished string runs to the end, so that no byte is looked at twice.
_STRING: Final = re.compile(rb'"((?:[^"\\]|\\.)*+)(?:"|\\?\Z)', re.DOTALL)
_BARE: Final = re.compile(rb'[^\s,\]}"\[{]+')
_SPACE: Final = re.compile(rb"\s*+")
_FIELD: Final = re.compile(rb"(?P<name>[A-Za-z_]{2,32})\s*[=:]\s*(?P<value>[^,;\r\n]*)")
_LOOSE: Final = re.compile(
    rb"""["']?(?P<name>[A-Za-z_]{2,32})["']?[ \t]{0,8}[=:][ \t]{0,8}["']?"""
    rb"""(?P<value>[^,;\r\n"'}\]]*)"""
)


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
    place = 0
    while (name := _STRING.search(raw, place)) is not None:
        place = _after_space(raw, name.end())
        if raw[place : place + 1] != b":":
            continue
        place = _after_space(raw, place + 1)
        found = _STRING.match(raw, place)
        span = found.span(1) if found else _bare_span(raw, place)
        place = found.end() if found else span[1]
        if span[0] < span[1] and is_credential_name(_member_name(name[1])):
            spans.append(span)
    return tuple(spans)


def _member_name(written: bytes) -> str:
    """The name as a JSON reader sees it: `\\u006bey` is `key`."""
    text = written.decode("utf-8", "replace")
    if "\\" in text:
        with suppress(ValueError):
            text = str(json.loads(f'"{text}"', strict=False))
    return text


def secret_spans(raw: bytes, secrets: Collection[str]) -> Spans:
    """Return where a body repeats one of these secrets; short ones would match by chance."""
    return tuple(
        found.span()
        for secret in secrets
        if len(secret) >= 8
        for found in re.finditer(re.escape(secret.encode("utf-8", "surrogatepass")), raw)
    )


def _after_space(raw: bytes, place: int) -> int:
    found = _SPACE.match(raw, place)
    return found.end() if found else place


def _bare_span(raw: bytes, place: int) -> tuple[int, int]:
    found = _BARE.match(raw, place)
    return found.span() if found else (place, place)


def field_spans(raw: bytes) -> Spans:
    """Return the spans of credential values in `key=value` or `key: value` text."""
    return tuple(
        found.span("value")
        for found in _FIELD.finditer(raw)
        if is_credential_name(found["name"].decode()) and found["value"]
    )


def first_field_spans(raw: bytes) -> Spans:
    """Return the span of the first comma-separated field (the licence) and of any `secret=`."""
    head, comma, _ = raw.lstrip().partition(b",")
    first: Spans = ()
    if comma and head.strip() and b"=" not in head:
        start = len(raw) - len(raw.lstrip())
        first = ((start, start + len(head.rstrip())),)
    return first + tuple(span for span in field_spans(raw) if span not in first)


def loose_spans(raw: bytes) -> Spans:
    """Return the spans of credential values in text that no dialect claims, quoted or bare."""
    return tuple(
        found.span("value")
        for found in _LOOSE.finditer(raw)
        if is_credential_name(found["name"].decode()) and found["value"]
    )


def field_credential(fields: Collection[tuple[str, str]]) -> str | None:
    """Return the first non-empty credential among `(key, value)` fields."""
    for name, value in fields:
        if is_credential_name(name) and value:
            return value
    return None
