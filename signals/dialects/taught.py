"""A format that a desk has taught: where each member of a message stands, and what it says. Pure.

The document is data: places, names and tables of words, no expression. What it finds is read as a
generic message, by the same words, units and position facts. `schemas/df.format.v1.json` says the
form; a format claims a message only where every member that it needs is there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from fusion_project.text.canonical import canonical_sha256
from signals.dialects.base import Dialect, Reading, Refused, StrategyDefaults
from signals.dialects.common_trade import read_trade
from signals.dialects.credentials import CredentialPlace, Spans, is_credential
from signals.dialects.harmless import is_harmless, says_nothing
from signals.dialects.named_fields import NamedFields, key_of
from signals.intake.parsing import Content

CREDENTIAL: Final = "credential"
IGNORED: Final = "ignored"
NOT_IN_FORMAT: Final = "not_in_format"
_DIGEST_SHOWN: Final = 12
_TEXT_BYTES_MAX: Final = 4096


@dataclass(frozen=True, slots=True)
class Place:
    """One member: where it stands, what it says, and what the sender's words for it mean.

    `at` is a JSON Pointer, a key of `name=value` text, or a number counted from 0. `says` is a
    generic name, `credential` or `ignored`. `values` maps words in lower case; None takes any.
    """

    at: str
    says: str
    values: Mapping[str, str] | None = None
    is_needed: bool = True


@dataclass(frozen=True, slots=True)
class TaughtFormat:
    """One compiled format. `digest` is the SHA-256 of its document."""

    credential_place: ClassVar = CredentialPlace.MEMBERS
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
        found = self.found(content)
        if found is None or (self.is_by_place and len(found) != len(self.places)):
            return False
        return all(one.at in found for one in self.places if one.is_needed)

    def credential(self, content: Content) -> str | None:
        """Return the credential that stands in its place."""
        found = self.found(content) or {}
        values = (found.get(one.at) for one in self.places if one.says == CREDENTIAL)
        return next((value for value in values if isinstance(value, str) and value), None)

    def read(self, content: Content, defaults: StrategyDefaults) -> Reading:
        """Return the intent, or raise `Refused`; members without a place are unknown."""
        found = self.found(content) or {}
        pairs = [
            (one.says, _meant(one, found[one.at]))
            for one in self.places
            if one.at in found and one.says not in (CREDENTIAL, IGNORED)
        ]
        fields = NamedFields([*pairs, *self.constants.items()])
        reading = read_trade(self.title, fields, defaults, {})
        unknown = dict(self._without_place(found))
        return replace(reading, unknown={**reading.unknown, **unknown})

    def credential_spans(self, content: Content) -> Spans:
        """Return where in a text the credential's place is; JSON members are found by name."""
        if not self.separator or content.is_json:
            return ()
        value = self.credential(content)
        wanted = (value or "").encode()
        start = content.raw.find(wanted) if wanted else -1
        return ((start, start + len(wanted)),) if start >= 0 else ()

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

    def _without_place(self, found: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        placed = {one.at for one in self.places}
        aside = tuple(f"{one.at}/" for one in self.places if one.says == IGNORED)
        for at, value in found.items():
            name = at.rpartition("/")[2]
            if at in placed or says_nothing(value) or (aside and at.startswith(aside)):
                continue
            if not is_harmless(key_of(name), value) and not is_credential(name, value):
                yield at, value


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


def held_to_formats(reading: Reading, formats: Collection[Dialect]) -> Reading:
    """Return the reading of a message that fits none of the formats: it may lower risk alone.

    A mark that a format needs may be what is missing. Our own scripts have a closed form already.
    """
    if not formats or not reading.intent.has_entry or reading.id_is_deterministic:
        return reading
    if reading.intent.lowers_risk:
        return replace(reading, entry_rule=reading.entry_rule or NOT_IN_FORMAT)
    raise Refused(NOT_IN_FORMAT, "It fits no format of the strategy.", lowers_risk=False)


def format_claiming(content: Content, formats: Iterable[Dialect]) -> Dialect | None:
    """Return the one format that claims a message, None where none does."""
    found = [one for one in formats if one.claims(content)]
    if len(found) > 1:
        raise Refused("conflicting_fields", f"{found[0].name} and {found[1].name} both fit.")
    return found[0] if found else None


def _leaves(data: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict | list) and data:
        inner = data.items() if isinstance(data, dict) else enumerate(data)
        for name, value in inner:
            token = str(name).replace("~", "~0").replace("/", "~1")
            yield from _leaves(value, f"{at}/{token}")
    else:
        yield at, data


def _assigned(parts: list[str], assign: str) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for part in parts:
        if not part:
            continue
        name, equals, value = part.partition(assign)
        if not equals or name.strip() in found:
            return None
        found[name.strip()] = value.strip()
    return found


def _meant(place: Place, value: Any) -> Any:
    """What the sender's word means; a word without a row in its table is refused."""
    if place.values is None or value is None:
        return value
    said = str(value).strip().lower()
    if said not in place.values:
        raise Refused("unknown_event", f"{place.at}: {str(value)[:40]!r} has no row in the format.")
    return place.values[said]


def _table(member: Mapping[str, Any]) -> Mapping[str, str] | None:
    table = member.get("values")
    return None if table is None else {said.strip().lower(): to for said, to in table.items()}
