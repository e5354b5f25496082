"""A format that a desk has taught: where each member of a message stands, and what it says. Pure.

The document is data: places, names and tables of words, no expression. What it finds is read as a
generic message, by the same words, units and position facts. `schemas/df.format.v1.json` says the
form. A format claims a message only where every member that it needs is there and says something.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, Final, TypeVar

from fusion_project.text.canonical import canonical_sha256
from signals.dialects.base import Format, Reading, Refused, StrategyDefaults
from signals.dialects.common_trade import read_trade
from signals.dialects.credentials import Spans, is_credential
from signals.dialects.harmless import is_harmless, says_nothing
from signals.dialects.named_fields import NamedFields, key_of
from signals.intake.parsing import Content

CREDENTIAL: Final = "credential"
IGNORED: Final = "ignored"
NOT_IN_FORMAT: Final = "not_in_format"
_DIGEST_SHOWN: Final = 12
_TEXT_BYTES_MAX: Final = 4096
F = TypeVar("F", bound=Format)


@dataclass(frozen=True, slots=True)
class Place:
    """One member: where it stands, what it says, and what the sender's words for it mean.

    `at` is a JSON Pointer, a key of `name=value` text, or the number of a word, from 0. `says` is a
    generic name, `credential` or `ignored`. `values` maps words in lower case; None takes any.
    """

    at: str
    says: str
    values: Mapping[str, str] | None = None
    is_needed: bool = True

    def has_word(self, value: Any) -> bool:
        """Whether its table, if it has one, knows the value; nothing needs no word."""
        return self.values is None or says_nothing(value) or _said(value) in self.values

    def meaning(self, value: Any) -> Any:
        """What the sender's word means; a word without a row in its table is refused."""
        if self.values is None or says_nothing(value):
            return value
        if not self.has_word(value):
            words = f"{self.at}: {str(value)[:40]!r} has no row in the format."
            raise Refused("unknown_event", words)
        return self.values[_said(value)]


class Fit(IntEnum):
    """How well a message fits a format: its needed members, all its words, each of its members."""

    NONE = 0
    SHAPE = 1
    WORDS = 2
    WHOLE = 3


@dataclass(frozen=True, slots=True)
class TaughtFormat:
    """One compiled format. `digest` is the SHA-256 of its document."""

    name: str
    digest: str
    places: tuple[Place, ...]
    constants: Mapping[str, str]
    separator: str = ""
    assign: str = ""

    @property
    def title(self) -> str:
        """What an alert's dialect says of it: the name and the document that it was read by."""
        return f"taught:{self.name}@{self.digest[:_DIGEST_SHOWN]}"

    @property
    def is_by_place(self) -> bool:
        """Whether it is a text whose parts are told apart by where they stand."""
        return bool(self.separator) and not self.assign

    def claims(self, content: Content) -> bool:
        """Whether every needed member is there; never raises."""
        return self.fit(content) is not Fit.NONE

    def fit(self, content: Content) -> Fit:
        """How well a message fits; never raises."""
        found = self.found(content)
        if found is None or not all(
            one.at in found and not says_nothing(found[one.at])
            for one in self.places
            if self.needs(one)
        ):
            return Fit.NONE
        if not all(one.has_word(found.get(one.at)) for one in self.places):
            return Fit.SHAPE
        return Fit.WORDS if self._without_place(found) else Fit.WHOLE

    def needs(self, place: Place) -> bool:
        """Whether a message without it is none of this format; places in a text are counted."""
        return place.is_needed and (place.says != IGNORED or self.is_by_place)

    def credential(self, content: Content) -> str | None:
        """Return the credential that stands in its place; a text in one part has no places."""
        if self.is_by_place and self.separator not in content.text:
            return None
        found = self.found(content) or {}
        values = (found.get(one.at) for one in self.places if one.says == CREDENTIAL)
        return next((value for value in values if isinstance(value, str) and value), None)

    def read(self, content: Content, defaults: StrategyDefaults) -> Reading:
        """Return the intent, or raise `Refused`; members without a place are unknown."""
        found = self.found(content) or {}
        pairs = [
            (one.says, one.meaning(found[one.at]))
            for one in self.places
            if one.at in found and one.says not in (CREDENTIAL, IGNORED)
        ]
        fields = NamedFields([*pairs, *self.constants.items()])
        reading = read_trade(self.title, fields, defaults, {})
        written = {one.says: one.at for one in self.places}
        placed = {written.get(name, name): value for name, value in reading.unknown.items()}
        return replace(reading, unknown={**placed, **self._without_place(found)})

    def credential_spans(self, content: Content) -> Spans:
        """Return where the credential stands: in a text its place, in JSON each such string."""
        if self.is_by_place:
            numbers = [int(one.at) for one in self.places if one.says == CREDENTIAL]
            return () if content.is_json else _part_spans(content.raw, self.separator, numbers)
        value = self.credential(content)
        if not value:
            return ()
        return _string_spans(content.raw, value) if content.is_json else _spans(content.raw, value)

    @property
    def credential_names(self) -> frozenset[str]:
        """Plain names of the JSON members or keys that hold a credential."""
        at = (one.at.rpartition("/")[2] for one in self.places if one.says == CREDENTIAL)
        return frozenset(key_of(name) for name in at if not name.isdecimal())

    def found(self, content: Content) -> dict[str, Any] | None:
        """Every value by its place, None where the message has another form."""
        if not self.separator:
            return dict(_leaves(content.data)) if content.is_json else None
        if content.is_json or len(content.raw) > _TEXT_BYTES_MAX:
            return None
        parts = [part.strip() for part in content.text.strip().split(self.separator)]
        if self.assign:
            return _assigned(parts, self.assign)
        return {str(number): part for number, part in enumerate(parts)}

    def _without_place(self, found: Mapping[str, Any]) -> dict[str, Any]:
        placed = {one.at for one in self.places}
        aside = tuple(f"{one.at}/" for one in self.places if one.says == IGNORED)
        return {
            at: value
            for at, value in found.items()
            if at not in placed
            and not says_nothing(value)
            and not (aside and at.startswith(aside))
            and not _is_harmless(at.rpartition("/")[2], value)
        }


def format_of(document: Mapping[str, Any]) -> TaughtFormat:
    """Return the compiled form of a checked document."""
    return TaughtFormat(
        name=document["name"],
        digest=canonical_sha256(document),
        places=tuple(
            Place(
                at=one["at"],
                says=one["says"] if one["says"] in (CREDENTIAL, IGNORED) else key_of(one["says"]),
                values=_table(one),
                is_needed=not one.get("optional", False),
            )
            for one in document["members"]
        ),
        constants={key_of(name): value for name, value in document.get("constants", {}).items()},
        separator=document.get("separator", ""),
        assign=document.get("assign", ""),
    )


def held_to_formats(reading: Reading, formats: Collection[Format]) -> Reading:
    """Return the reading of a message that fits none of the formats: it may lower risk alone.

    A mark that a format needs may be what is missing. Our own scripts have a closed form already.
    """
    if not formats or not reading.intent.has_entry or reading.id_is_deterministic:
        return reading
    if reading.intent.lowers_risk:
        return replace(reading, entry_rule=reading.entry_rule or NOT_IN_FORMAT)
    raise Refused(NOT_IN_FORMAT, "It fits no format of the strategy.", lowers_risk=False)


def format_claiming(content: Content, formats: Collection[F]) -> F | None:
    """Return the format that a message fits best, None where it fits none.

    Two that it fits equally well say two things: it is refused, unless no word of it is known.
    """
    if not formats:
        return None
    fits = [(one.fit(content), one) for one in formats]
    best = max((fit for fit, _ in fits), default=Fit.NONE)
    if best == Fit.NONE:
        return None
    found = [one for fit, one in fits if fit == best]
    if len(found) > 1 and best > Fit.SHAPE:
        raise Refused("conflicting_fields", f"{found[0].name} and {found[1].name} both fit.")
    return found[0]


def formats_credential(content: Content, formats: Iterable[Format]) -> str | None:
    """Return the credential in its place by the format that fits best.

    Also where none fits: who sent a message that lacks something is known all the same.
    """
    by_fit = sorted(formats, key=lambda one: one.fit(content), reverse=True)
    return next((found for one in by_fit if (found := one.credential(content))), None)


def _leaves(data: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict | list) and data:
        inner = data.items() if isinstance(data, dict) else enumerate(data)
        for name, value in inner:
            token = str(name).replace("~", "~0").replace("/", "~1")
            yield from _leaves(value, f"{at}/{token}")
    else:
        yield at, data


def _assigned(parts: list[str], assign: str) -> dict[str, Any] | None:
    """Values by key, bare words by their number among themselves."""
    found: dict[str, Any] = {}
    bare = 0
    for part in parts:
        if not part:
            continue
        name, equals, value = (one.strip() for one in part.partition(assign))
        if not equals:
            name, value, bare = str(bare), name, bare + 1
        if name in found:
            return None
        found[name] = value
    return found


def _said(value: Any) -> str:
    return str(value).strip().lower()


def _is_harmless(name: str, value: Any) -> bool:
    return is_harmless(key_of(name), value) or is_credential(name, value)


def _spans(raw: bytes, value: str) -> Spans:
    return tuple(found.span() for found in re.finditer(re.escape(value.encode()), raw))


def _string_spans(raw: bytes, value: str) -> Spans:
    """Where a JSON text holds this string, with and without escapes, inside its quotes."""
    forms = {json.dumps(value).encode(), json.dumps(value, ensure_ascii=False).encode()}
    return tuple(
        (found.start() + 1, found.end() - 1)
        for form in forms
        for found in re.finditer(re.escape(form), raw)
    )


def _part_spans(raw: bytes, separator: str, numbers: Collection[int]) -> Spans:
    """Where these parts of a text stand, whatever else there is in it."""
    spans, start = [], 0
    sign = separator.encode()
    for number, part in enumerate(raw.split(sign)):
        if number in numbers and part.strip():
            begin = start + len(part) - len(part.lstrip())
            spans.append((begin, begin + len(part.strip())))
        start += len(part) + len(sign)
    return tuple(spans)


def _table(member: Mapping[str, Any]) -> Mapping[str, str] | None:
    table = member.get("values")
    return None if table is None else {said.strip().lower(): to for said, to in table.items()}
