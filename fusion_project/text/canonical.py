"""Canonical JSON: one text for one value, so that hashes and replays agree on any machine.

Keys sorted, no spaces, UTF-8 unescaped; `Decimal` becomes a plain decimal string, an aware
datetime an ISO 8601 UTC string with microseconds. Floats are refused: money never passes one.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal

# What `canonical_json_of_texts` takes; a float or a Decimal does not pass the type checker.
Texts = None | str | int | Sequence["Texts"] | Mapping[str, "Texts"]

_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def canonical_json(value: object) -> str:
    """The canonical text. Raises TypeError for floats and unknown types, ValueError for NaN."""
    return _ENCODER.encode(_plain(value))


def canonical_json_of_texts(value: Texts) -> str:
    """The same text for what is JSON of texts, whole numbers and null already, without a walk."""
    return _ENCODER.encode(value)


def canonical_sha256(value: object) -> str:
    """Lower-case hex SHA-256 of the canonical text."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def decimal_text(number: Decimal) -> str:
    """Plain notation, no exponent, no trailing zeros, no negative zero. Finite numbers only."""
    if not number.is_finite():
        raise ValueError(f"not a finite number: {number}")
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, dt.datetime):
        return _utc_text(value)
    if isinstance(value, dict):
        return {_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"keys are text, not {type(key).__name__}")
    return key


def _utc_text(moment: dt.datetime) -> str:
    if moment.tzinfo is None:
        raise TypeError("a naive datetime has no canonical form")
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
