"""Strict reading of webhook bytes: limits first, then JSON, then every string and number. Pure.

Nothing here raises anything but `Unreadable`, whatever the bytes are.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, Final

BODY_BYTES_MAX: Final = 16 * 1024
DEPTH_MAX: Final = 8
KEYS_MAX: Final = 64
STRING_LENGTH_MAX: Final = 256
INTEGER_DIGITS_MAX: Final = 18
DECIMAL_DIGITS_BEFORE_MAX: Final = 14
# A number in binary prints up to 17 digits, whatever it stands for. Who acts on one takes ten of
# them (`signals.dialects.values.number`); in a member that says nothing they say nothing.
DECIMAL_DIGITS_AFTER_MAX: Final = 30

BLANK: Final = b"[blanked]"

# Structure outside strings; an unfinished string runs to the end, so that its brackets don't count.
# Possessive, and an end that always matches: no character is looked at twice.
_STRUCTURE: Final = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
# Unicode categories that change how text is shown without being seen, plus unassigned controls.
_FORBIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})


class Unreadable(Exception):
    """The bytes or their meaning are refused; `code` is one of `reasons.UNREADABLE`."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Content:
    """One body as far as it could be read. `json_error` says why `data` is absent."""

    raw: bytes
    text: str
    data: Any = None
    json_error: Unreadable | None = None

    @property
    def is_json(self) -> bool:
        """Whether the whole body is one JSON value within the limits."""
        return self.json_error is None


def read_content(raw: bytes, *, bytes_max: int = BODY_BYTES_MAX) -> Content:
    """Read bytes into text and, where possible, JSON. Raise `Unreadable` for what no dialect takes.

    Headers are not asked: TradingView sends JSON as text/plain when a newline follows the brace.
    """
    if len(raw) > bytes_max:
        raise Unreadable("too_large")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("not_utf8") from error
    if not text.strip():
        raise Unreadable("empty_body")
    try:
        return Content(raw, text, parse_json(text))
    except Unreadable as error:
        return Content(raw, text, None, error)


@dataclass(frozen=True)
class Message:
    """One body as it came. It is read when first asked for, and never twice."""

    raw: bytes
    bytes_max: int = BODY_BYTES_MAX

    @property
    def content(self) -> Content | None:
        """What could be read, or None."""
        return None if isinstance(self._read, Unreadable) else self._read

    @property
    def error(self) -> Unreadable | None:
        """Why there is no content, or None."""
        return self._read if isinstance(self._read, Unreadable) else None

    def read(self) -> Content:
        """Return the content, or raise the `Unreadable` that says why there is none."""
        if isinstance(self._read, Unreadable):
            raise self._read
        return self._read

    @cached_property
    def _read(self) -> Content | Unreadable:
        try:
            return read_content(self.raw, bytes_max=self.bytes_max)
        except Unreadable as error:
            return error


def parse_json(text: str) -> Any:
    """Return the value of strict JSON text; numbers with a point or exponent become Decimal."""
    _check_depth(text)
    reader = _Reader()
    try:
        value = reader.decode(text)
    except json.JSONDecodeError as error:
        raise Unreadable("not_json", f"{error.msg} at character {error.pos + 1}.") from error
    _check_strings(value)
    return value


def blank_spans(raw: bytes, spans: Iterable[tuple[int, int]]) -> bytes:
    """Return `raw` with every byte span blanked; spans that overlap are blanked as one."""
    pieces: list[bytes] = []
    done = 0
    for start, end in sorted(spans):
        if start >= done:
            pieces += [raw[done:start], BLANK]
        done = max(done, end)
    return b"".join([*pieces, raw[done:]])


def _check_depth(text: str) -> None:
    """Refuse deep nesting before the parser meets it: its recursion is not ours to trust."""
    if text.count("[") + text.count("{") <= DEPTH_MAX:
        return  # too few brackets to be deep, wherever they stand
    depth = 0
    for token in _STRUCTURE.finditer(text):
        mark = token.group()[0]
        if mark in "[{":
            depth += 1
            if depth > DEPTH_MAX:
                raise Unreadable("too_deep")
        elif mark in "]}":
            depth -= 1


class _Reader:
    """A JSON decoder that counts keys and refuses what JSON's grammar leaves open."""

    def __init__(self) -> None:
        self._keys = 0
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_int=_integer,
            parse_float=_decimal,
            parse_constant=_constant,
        )

    def decode(self, text: str) -> Any:
        return self._decoder.decode(text)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        self._keys += len(pairs)
        if self._keys > KEYS_MAX:
            raise Unreadable("too_many_keys")
        out = dict(pairs)
        if len(out) != len(pairs):
            raise Unreadable("duplicate_key")
        return out


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > INTEGER_DIGITS_MAX:
        raise Unreadable("number_range")
    return int(text)


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise Unreadable("number_range") from error
    exponent = value.as_tuple().exponent
    if (
        not isinstance(exponent, int)
        or exponent < -DECIMAL_DIGITS_AFTER_MAX
        or value.adjusted() >= DECIMAL_DIGITS_BEFORE_MAX
    ):
        raise Unreadable("number_range")
    return value


def _constant(text: str) -> Any:
    raise Unreadable("not_a_number", f"{text} is not JSON.")


def _check_strings(value: Any) -> None:
    """Check every key and string; the depth is already bounded.

    A value may be long: who acts on it asks `check_string`, and to all others it says nothing.
    """
    if isinstance(value, str):
        check_characters(value)
    elif isinstance(value, dict):
        for name, member in value.items():
            check_string(name)
            if isinstance(member, str):
                check_characters(member)
            else:
                _check_strings(member)
    elif isinstance(value, list):
        for item in value:
            _check_strings(item)


def check_string(text: str) -> None:
    """Refuse a text that is too long to be acted on, and what `check_characters` refuses."""
    if len(text) > STRING_LENGTH_MAX:
        raise Unreadable("string_too_long")
    check_characters(text)


def check_characters(text: str) -> None:
    """Refuse lone surrogates, controls and text-direction characters."""
    if text.isascii() and text.isprintable():
        return
    for character in text:
        category = unicodedata.category(character)
        if category == "Cs":
            raise Unreadable("lone_surrogate")
        if category in _FORBIDDEN_CATEGORIES:
            raise Unreadable("forbidden_character", f"U+{ord(character):04X} is not allowed.")
