"""What a taught format must be to be kept: its form, what it refers to, its examples. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from itertools import combinations
from typing import Any, Final

from signals.dialects import vocabulary as words
from signals.dialects.base import Refused, StrategyDefaults
from signals.dialects.closed_world import held_to_members
from signals.dialects.common_trade import KNOWN
from signals.dialects.named_fields import key_of
from signals.dialects.settled import NOTHING
from signals.dialects.taught import (
    CREDENTIAL,
    IGNORED,
    TaughtFormat,
    format_claiming,
    format_of,
)
from signals.intake.parsing import Content, Unreadable, read_content
from signals.intents.invalid import IntentInvalid
from signals.intents.summary import summary_of

FORMATS_MAX: Final = 8
_BYTES_MAX: Final = 16_384
_TEXT_MAX: Final = 64
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,18}")
_POINTER: Final = re.compile(r"(/([^/~]|~[01])*)+")
_TOP: Final = {
    *("v", "name", "source", "separator", "assign", "constants", "members", "examples"),
}
_MEMBER: Final = {"at", "says", "values", "optional", "why"}
_SAYS: Final = KNOWN | {CREDENTIAL, IGNORED}
# In these a word that nothing knows would be refused when the alert comes.
_ACTIONS: Final = frozenset({*words.ACTION_HARD, *words.ACTION_SOFT})


class FormatWrong(ValueError):
    """The document cannot be a format; the text says where."""


def formats_check(documents: Any) -> None:
    """Raise `FormatWrong` unless these can be a strategy's formats, which no message fits twice."""
    if not isinstance(documents, list) or len(documents) > FORMATS_MAX:
        raise FormatWrong(f"The formats must be a list of at most {FORMATS_MAX}.")
    for document in documents:
        form_check(document)
    formats = [format_of(one) for one in documents]
    if len({one.name for one in formats}) != len(formats):
        raise FormatWrong("Two formats have one name.")
    for one, other in combinations(formats, 2):
        if _take_same(one, other):
            raise FormatWrong(f"{one.name} and {other.name} could both fit one message.")
    for document, own in zip(documents, formats, strict=True):
        for number, example in enumerate(document["examples"], start=1):
            place = f"{own.name}, example {number}"
            content = example_content(example["body"], place)
            if format_claimed(content, formats, place) is not own:
                raise FormatWrong(f"{place} does not fit this format.")
            asks = asked_by(own, content)
            if asks != example["asks"]:
                raise FormatWrong(f"{place} asks for {asks}, not for {example['asks']}.")
        _check_references(document, own)


def _take_same(one: TaughtFormat, other: TaughtFormat) -> bool:
    """Whether a message may fit both whole: each has room for what the other needs."""
    if (one.separator, one.assign) != (other.separator, other.assign):
        return False
    shared = [
        (mine, its)
        for mine in one.places
        for its in other.places
        if mine.at == its.at and one.needs(mine) and other.needs(its)
    ]
    if any(
        mine.values is not None and its.values is not None and not mine.values.keys() & its.values
        for mine, its in shared
    ):
        return False
    return _has_room(one, other) and _has_room(other, one)


def _has_room(one: TaughtFormat, other: TaughtFormat) -> bool:
    return all(
        any(place.at == room.at or place.at.startswith(f"{room.at}/") for room in other.places)
        for place in one.places
        if one.needs(place)
    )


def form_check(document: Any) -> None:
    """Raise `FormatWrong` unless a document has the form of `df.format.v1.json`."""
    if not isinstance(document, dict) or set(document) - _TOP:
        raise FormatWrong(f"A format is an object of {', '.join(sorted(_TOP))}.")
    if not _is_small(document):
        raise FormatWrong(f"A format has at most {_BYTES_MAX // 1024} KiB of JSON.")
    if document.get("v") != 1 or isinstance(document.get("v"), bool):
        raise FormatWrong("v must be 1.")
    if not isinstance(document.get("name"), str) or not _NAME.fullmatch(document["name"]):
        raise FormatWrong("name is small letters, digits and hyphens, at most 19.")
    if not isinstance(document.get("source", ""), str) or len(document.get("source", "")) > 200:
        raise FormatWrong("source is a text of at most 200 characters.")
    _check_text_form(document)
    members = document.get("members")
    if not isinstance(members, list) or not 1 <= len(members) <= 48:
        raise FormatWrong("members is a list of 1 to 48.")
    for number, member in enumerate(members):
        _check_member(number, member, document)
    _check_once(document)
    _check_last(document)
    _check_constants(document.get("constants", {}), {key_of(one["says"]) for one in members})
    _check_examples(document.get("examples"))


def _is_small(document: Mapping[str, Any]) -> bool:
    try:
        return len(json.dumps(document)) <= _BYTES_MAX
    except (TypeError, ValueError, RecursionError) as error:
        raise FormatWrong("A format is plain JSON.") from error


def format_claimed(
    content: Content, formats: Collection[TaughtFormat], place: str
) -> TaughtFormat | None:
    """Return the format that an example fits, or raise `FormatWrong` where it fits two."""
    try:
        return format_claiming(content, formats)
    except Refused as error:
        raise FormatWrong(f"{place}: {error.message}") from error


def asked_by(own: TaughtFormat, content: Content) -> str:
    """Return what a message asks for by this format, or the code that it is refused with."""
    try:
        reading = held_to_members(own.read(content, StrategyDefaults("")), NOTHING)
    except (Unreadable, IntentInvalid) as error:
        return error.code
    return reading.entry_rule or summary_of(reading.intent)


def _check_text_form(document: Mapping[str, Any]) -> None:
    separator, assign = document.get("separator"), document.get("assign")
    if separator is not None and not (isinstance(separator, str) and 1 <= len(separator) <= 2):
        raise FormatWrong("separator is one or two characters.")
    if assign is not None and (assign not in ("=", ":") or separator is None):
        raise FormatWrong("assign is = or :, beside a separator.")
    if assign is not None and assign in str(separator):
        raise FormatWrong("separator and assign must differ.")


def _check_member(number: int, member: Any, document: Mapping[str, Any]) -> None:
    place = f"member {number + 1}"
    if not isinstance(member, dict) or not {"at", "says"} <= set(member) <= _MEMBER:
        raise FormatWrong(f"{place} has at and says, and may have values, optional, why.")
    at, says = member["at"], member["says"]
    if not isinstance(at, str) or not 1 <= len(at) <= 128:
        raise FormatWrong(f"{place}: at is a text of 1 to 128 characters.")
    if not document.get("separator") and not _POINTER.fullmatch(at):
        raise FormatWrong(f"{place}: at is a JSON Pointer such as /order/side.")
    if document.get("separator") and not document.get("assign") and at != str(number):
        raise FormatWrong(f"{place}: at is {number}; every place of the text is named in turn.")
    if not isinstance(says, str) or (says if says in _SAYS else key_of(says)) not in _SAYS:
        raise FormatWrong(f"{place}: nothing knows what {str(says)[:_TEXT_MAX]!r} says.")
    if says == IGNORED and not str(member.get("why", "")).strip():
        raise FormatWrong(f"{place} is ignored and needs a why.")
    if not isinstance(member.get("why", ""), str) or len(member.get("why", "")) > 200:
        raise FormatWrong(f"{place}: why is a text of at most 200 characters.")
    if not isinstance(member.get("optional", False), bool):
        raise FormatWrong(f"{place}: optional is true or false.")
    if "values" in member:
        _check_values(place, key_of(says), member["values"])


def _check_values(place: str, says: str, values: Any) -> None:
    if not isinstance(values, dict) or not 1 <= len(values) <= _TEXT_MAX:
        raise FormatWrong(f"{place}: values is an object of 1 to {_TEXT_MAX}.")
    seen: dict[str, str] = {}
    for said, means in values.items():
        if not isinstance(means, str) or not 1 <= len(means) <= _TEXT_MAX:
            raise FormatWrong(f"{place}: {said[:_TEXT_MAX]!r} means a text of 1 to {_TEXT_MAX}.")
        plain = said.strip().lower()
        if seen.setdefault(plain, means) != means:
            raise FormatWrong(f"{place}: {plain!r} means {seen[plain]} and {means}.")
        word = key_of(means)
        if says in _ACTIONS and word not in words.ASKS and word not in words.DIRECTIONS:
            raise FormatWrong(f"{place}: {means!r} is no action that is known.")


def _check_once(document: Mapping[str, Any]) -> None:
    for what in ("at", "says"):
        seen: set[str] = set()
        for one in document["members"]:
            name = one[what] if what == "at" else key_of(one[what])
            if name in seen and name not in (IGNORED, CREDENTIAL):
                raise FormatWrong(f"Two members have {what} {name}.")
            seen.add(name)


def _check_last(document: Mapping[str, Any]) -> None:
    """Where parts are counted only the last ones may be missing."""
    if not document.get("separator") or document.get("assign"):
        return
    optional = [one.get("optional", False) for one in document["members"]]
    if optional != sorted(optional):
        raise FormatWrong("In a text whose parts are counted only the last ones are optional.")


def _check_constants(constants: Any, said: set[str]) -> None:
    if not isinstance(constants, dict) or len(constants) > 8:
        raise FormatWrong("constants is an object of at most 8.")
    for name, value in constants.items():
        if key_of(name) not in KNOWN or key_of(name) in said:
            raise FormatWrong(f"The constant {name[:_TEXT_MAX]!r} is unknown, or a member says it.")
        if not isinstance(value, str) or not 1 <= len(value) <= _TEXT_MAX:
            raise FormatWrong(f"The constant {name} is a text of 1 to {_TEXT_MAX} characters.")


def _check_examples(examples: Any) -> None:
    if not isinstance(examples, list) or not 1 <= len(examples) <= 16:
        raise FormatWrong("examples is a list of 1 to 16.")
    for number, one in enumerate(examples, start=1):
        if not isinstance(one, dict) or set(one) != {"body", "asks"}:
            raise FormatWrong(f"example {number} has body and asks.")
        if not all(isinstance(text, str) and text.strip() for text in one.values()):
            raise FormatWrong(f"example {number}: body and asks are texts.")
        if len(one["body"]) > 4096 or len(one["asks"]) > 400:
            raise FormatWrong(f"example {number} is too long.")


def _check_references(document: Mapping[str, Any], own: TaughtFormat) -> None:
    """A place that no example has refers to nothing that anybody has seen."""
    seen = {at for example in document["examples"] for at in _places(own, example["body"])}
    for one in own.places:
        if one.at not in seen and not (one.says == IGNORED and _is_holder(one.at, seen)):
            raise FormatWrong(f"{own.name}: no example has {one.at}.")


def _is_holder(at: str, seen: set[str]) -> bool:
    return any(one.startswith(f"{at}/") for one in seen)


def _places(own: TaughtFormat, body: str) -> Iterator[str]:
    yield from own.found(read_content(body.encode())) or ()


def example_content(body: str, place: str) -> Content:
    """Return what stands in a pasted message, or raise `FormatWrong` with its place."""
    try:
        return read_content(body.encode("utf-8", "surrogatepass"))
    except Unreadable as error:
        raise FormatWrong(f"{place} cannot be read: {error.code}.") from error
