"""Where a message carries a credential, as byte spans of the body. Pure.

JSON members are found by name, `key=value` fields by key, positional fields by place. Spans are
named for broken messages too, since refused bodies are stored as well.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from enum import Enum
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from signals.intake.parsing import Content

Spans = tuple[tuple[int, int], ...]


class CredentialPlace(Enum):
    """Where the messages of a dialect carry credentials."""

    MEMBERS = "JSON members, by name"
    FIELDS = "key=value fields, by key"
    FIRST_FIELD = "the licence in the first field, and fields by key"


# Spellings seen in published alert templates. Values under these names never reach the database.
NAMES: Final = (
    "secret",
    "passphrase",
    "password",
    "token",
    "key",
    "apikey",
    "api_key",
    "apiKey",
    "auth",
    "auth_key",
    "authkey",
    "authKey",
    "access_key",
    "accessKey",
    "webhook_secret",
    "webhookSecret",
    "api_secret",
    "apiSecret",
    "email_token",
    "emailToken",
    "secret_key",
    "secretKey",
    "license",
    "license_id",
    "licenseId",
    "licence",
    "pin",
    "pass",
    "pwd",
    "auth_token",
    "authToken",
    "access_token",
    "accessToken",
    "webhook_token",
    "webhookToken",
    "webhook_key",
    "webhookKey",
)
_PLAIN_NAMES: Final = frozenset(name.replace("_", "").lower() for name in NAMES)
# Further names that only hide their value: what ends like this is nobody else's business.
_ENDINGS: Final = (
    "secret",
    "token",
    "password",
    "passphrase",
    "passcode",
    "apikey",
    "authkey",
    "accesskey",
    "secretkey",
    "privatekey",
    "webhookkey",
    "securitykey",
    "seckey",
    "licensekey",
    "licencekey",
    "licenceid",
    "authorization",
    "bearer",
    "signature",
    "jwt",
)
# Without one of these no credential is named.
_HINT: Final = re.compile(
    rb"secret|token|pass|key|auth|licen[cs]e|pin|pwd|bearer|signature|jwt", re.I
)
# A string, and where a colon follows it is a name: its value, a string or a bare word. An
# unfinished string runs to the end, so that no byte is looked at twice.
_STRING: Final = rb'"((?:[^"\\]|\\.)*+)(?:"|\\?\Z)'
_MEMBER: Final = re.compile(
    _STRING + rb"\s*+(?::\s*+(?:" + _STRING + rb'|([^\s,\]}"\[{]++))?)?', re.DOTALL
)
# A list or an object under such a name, without further brackets inside.
_HOLDER: Final = re.compile(
    rb'"(?P<name>[A-Za-z_\-]{2,32})"\s*:\s*[\[{](?P<inside>[^\[\]{}]{1,1024})'
)
_VALUE: Final = re.compile(rb'"((?:[^"\\]|\\.)*+)"(\s*:)?', re.DOTALL)
_NAME_LENGTH_KEPT: Final = 64
_FIELD: Final = re.compile(rb"(?P<name>[A-Za-z_]{2,32})\s*[=:]\s*(?P<value>[^,;\r\n]*)")
# A straight quote, or a curled one as word processors make them.
_QUOTE: Final = rb"""(?:["']|\xe2\x80[\x98-\x9f])?"""
# Quotes may be escaped, where one message is a string in another; a value may hold further fields.
_LOOSE: Final = re.compile(
    rb"""(?P<name>[A-Za-z][A-Za-z0-9_\-]{1,31})\\{0,3}"""
    + _QUOTE
    + rb"""[ \t]{0,8}[=:][ \t]{0,8}\\{0,3}"""
    + _QUOTE
    + rb"""(?=(?P<value>[^,;&|\r\n"'{}\[\]\\]{1,512}))"""
)
# A credential after its name alone, as in an Authorization header. A word of prose has no digit
# and no capital within it.
_SPOKEN: Final = re.compile(
    rb"\b(?i:token|bearer|jwt|secret|password|passphrase|api[_-]?key)[ \t]{1,8}"
    rb"(?P<value>(?=[A-Za-z._\-]{1,63}[0-9A-Z_]|[0-9])[A-Za-z0-9._~+/=\-]{6,512})"
)
# What a secret of ours is made of, and how long it is: see `strategy_secret_issue`.
_OWN_SECRET: Final = re.compile(rb"[A-Za-z0-9_\-]{32,}")
_OWN_LENGTH: Final = 32
_OWN_PLACES_MAX: Final = 4096
# Texts that no dialect claims may begin with a licence; licences may also stand where they do not
# belong.
_FIRST_ID: Final = re.compile(
    rb"\s*+(?P<id>(?=[\w\-]*[0-9])[\w\-]{8,64}|[\w\-]{24,64})[ \t]*[,;|\r\n]"
)
_LICENCE: Final = re.compile(rb"(?:^|,)[ \t]*(?P<id>[0-9]{8,24})[ \t]*(?=,|\r|\n|$)")


def is_credential_name(name: str) -> bool:
    """Return whether a field of this name holds a credential, in any spelling."""
    plain = _plain(name)
    return plain in _PLAIN_NAMES or plain.endswith(_ENDINGS)


def is_credential(name: str, value: Any) -> bool:
    """Return whether a member is a credential; a yes or no under such a name is a switch."""
    return not isinstance(value, bool) and is_credential_name(name)


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


def credential_spans(content: Content, places: Iterable[CredentialPlace]) -> Spans:
    """Return where credentials stand in a message, by the places of the dialects that claim it."""
    return tuple(span for place in dict.fromkeys(places) for span in _SPANS[place](content))


def member_spans(raw: bytes) -> Spans:
    """Return the spans of credential values in JSON text, without their quotes."""
    spans = []
    for found in _MEMBER.finditer(raw):
        name, text, bare = found.groups()
        if (text or bare) and _is_credential_member(name):
            spans.append(found.span(2 if text else 3))
    for held in _HOLDER.finditer(raw):
        if _is_credential_member(held["name"].removesuffix(b"s")):
            start = held.start("inside")
            spans += [
                (start + one.start(1), start + one.end(1))
                for one in _VALUE.finditer(held["inside"])
                if one[1] and not one[2]
            ]
    return tuple(spans)


def _is_credential_member(written: bytes) -> bool:
    known = _short_name_is_credential if len(written) <= _NAME_LENGTH_KEPT else _name_is_credential
    return known(written)


def _name_is_credential(written: bytes) -> bool:
    return is_credential_name(_member_name(written))


# Senders use the same few names again and again.
_short_name_is_credential = lru_cache(maxsize=1024)(_name_is_credential)


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
        span
        for secret in secrets
        if len(secret) >= 8
        for span in _places(raw, secret.encode("utf-8", "surrogatepass"))
    )


def _places(raw: bytes, wanted: bytes) -> Iterator[tuple[int, int]]:
    start = raw.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        yield start, end
        start = raw.find(wanted, end)


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
    licences = tuple(found.span("id") for found in _LICENCE.finditer(raw))
    return tuple(dict.fromkeys([*first, *licences, *field_spans(raw)]))


def loose_spans(raw: bytes) -> Spans:
    """Return the spans of credential values anywhere in a body: quoted, escaped or bare."""
    if not _HINT.search(raw):
        return ()
    named = (
        found.span("value")
        for found in _LOOSE.finditer(raw)
        if found["value"].strip() and _is_credential_member(found["name"])
    )
    return (*named, *(found.span("value") for found in _SPOKEN.finditer(raw)))


def digest_spans(raw: bytes, digests: Collection[str]) -> Spans:
    """Return where a body holds a secret whose SHA-256 is one of these, whatever its name is."""
    if not digests:
        return ()
    places = (
        (at, at + _OWN_LENGTH)
        for run in _OWN_SECRET.finditer(raw)
        for at in range(run.start(), run.end() - _OWN_LENGTH + 1)
    )
    return tuple(
        (start, end)
        for start, end in islice(places, _OWN_PLACES_MAX)
        if hashlib.sha256(raw[start:end]).hexdigest() in digests
    )


def named_spans(raw: bytes, names: Collection[str]) -> Spans:
    """Return the spans of values under these plain names, as JSON members or as fields."""
    if not names:
        return ()
    found = [
        one.span(2 if one[2] else 3)
        for one in _MEMBER.finditer(raw)
        if (one[2] or one[3]) and _plain(_member_name(one[1])) in names
    ]
    found += [
        one.span("value")
        for one in _FIELD.finditer(raw)
        if one["value"] and _plain(one["name"].decode()) in names
    ]
    return tuple(found)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def first_id_spans(raw: bytes) -> Spans:
    """Return the span of the first field of a text that no dialect claims, if it may be an id."""
    found = _FIRST_ID.match(raw)
    return (found.span("id"),) if found else ()


def field_credential(fields: Collection[tuple[str, str]]) -> str | None:
    """Return the first non-empty credential among `(key, value)` fields."""
    for name, value in fields:
        if is_credential_name(name) and value:
            return value
    return None


_SPANS: Final[dict[CredentialPlace, Callable[[Content], Spans]]] = {
    CredentialPlace.MEMBERS: lambda content: member_spans(content.raw) if content.is_json else (),
    CredentialPlace.FIELDS: lambda content: field_spans(content.raw),
    CredentialPlace.FIRST_FIELD: lambda content: first_field_spans(content.raw),
}
