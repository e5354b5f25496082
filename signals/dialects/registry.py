"""The dialects in the order they are asked, and the one way to read an alert. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from signals.dialects.base import Dialect, Format, Reading, Refused, StrategyDefaults
from signals.dialects.closed_world import held_to_members
from signals.dialects.credentials import (
    credential_spans,
    digest_spans,
    first_id_spans,
    loose_spans,
    member_spans,
    named_spans,
    secret_spans,
)
from signals.dialects.df_signal import DfSignal
from signals.dialects.generic_json import GenericJson
from signals.dialects.key_value import KeyValue
from signals.dialects.octobot import OctoBot
from signals.dialects.openalgo import OpenAlgo
from signals.dialects.pineconnector import PineConnector
from signals.dialects.rounding import with_rounding
from signals.dialects.taught import (
    TaughtFormat,
    format_claiming,
    formats_credential,
    held_to_formats,
)
from signals.dialects.threecommas import ThreeCommas
from signals.dialects.traderspost import TradersPost
from signals.dialects.tradesgnl import TradeSgnl
from signals.dialects.tv_sentence import TvSentence
from signals.intake.parsing import Content, Unreadable, blank_spans
from signals.intents.invalid import IntentInvalid

DIALECTS: Final[tuple[Dialect, ...]] = (
    DfSignal(),
    ThreeCommas(),
    OpenAlgo(),
    TradersPost(),
    TvSentence(),
    OctoBot(),
    PineConnector(),
    TradeSgnl(),
    KeyValue(),
    GenericJson(),
)


def dialect_of(content: Content, formats: Collection[Format] = ()) -> Dialect | Format:
    """Return the taught format or the dialect that claims the content, or raise `Unreadable`."""
    if taught := format_claiming(content, formats):
        return taught
    for dialect in DIALECTS:
        if dialect.claims(content):
            return dialect
    if content.json_error is not None and "{{" in content.text:
        raise Unreadable("unresolved_placeholder", "The message still holds a placeholder.")
    if content.json_error is None:
        raise Unreadable("unknown_dialect")
    if content.text.lstrip()[:1] in "{[" or content.json_error.code != "not_json":
        raise content.json_error
    raise Unreadable("unknown_text", "It is no JSON, and no known text.")


def body_credential(content: Content, formats: Collection[Format] = ()) -> str:
    """Return the credential that a message carries itself, '' where it has none."""
    try:
        own = formats_credential(content, formats)
        return own or dialect_of(content).credential(content) or ""
    except Unreadable:
        return ""


def stored_body(
    raw: bytes,
    content: Content | None,
    secrets: Collection[str],
    *,
    digests: Collection[str] = (),
    names: Collection[str] = (),
    formats: Collection[TaughtFormat] = (),
) -> bytes:
    """Return the body as it may be kept: without credentials, whether it could be read or not.

    `digests`: SHA-256 of the strategy's own secrets. `names`: plain names of further members that
    its people have named as credentials. `formats`: what they have taught, with its credentials.
    """
    names = frozenset(names).union(*(one.credential_names for one in formats))
    claiming = [] if content is None else [one for one in DIALECTS if one.claims(content)]
    spans = [
        *secret_spans(raw, secrets),
        *digest_spans(raw, digests),
        *named_spans(raw, names),
        *loose_spans(raw),
    ]
    if content is not None:
        spans += [span for one in formats for span in one.credential_spans(content)]
    if content is not None and claiming:
        spans += credential_spans(content, [one.credential_place for one in claiming])
    else:
        spans += [*member_spans(raw), *first_id_spans(raw)]
    return blank_spans(raw, spans)


DIALECT_NAMES: Final = tuple(dialect.name for dialect in DIALECTS)


def read_alert(
    content: Content, defaults: StrategyDefaults, allowed: Collection[str] = ()
) -> Reading:
    """Return the reading of a body, or raise `Unreadable` with a documented code.

    `allowed`: the dialects that the strategy is pinned to; none means all. What its people have
    taught is allowed by that.
    """
    try:
        if taught := format_claiming(content, defaults.formats):
            own = held_to_members(taught.read(content, defaults), defaults.settled)
            return with_rounding(own, content.text)
        dialect = dialect_of(content)
        if allowed and dialect.name not in allowed:
            raise Unreadable("dialect_not_allowed", f"This is {dialect.name}.")
        reading = held_to_members(dialect.read(content, defaults), defaults.settled)
        return with_rounding(held_to_formats(reading, defaults.formats), content.text)
    except IntentInvalid as error:
        raise Refused(error.code, error.message) from error
