"""One webhook request from raw bytes to its answer, without HTTP: authenticate, read, store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from django.db import OperationalError

from fusion_project.admin.links import SYMBOLS, page_address
from signals.dialects.base import Reading, Refused, StrategyDefaults
from signals.dialects.closed_world import names_text
from signals.dialects.registry import read_alert, stored_body
from signals.intake import reasons
from signals.intake.duplicates import carries_identity
from signals.intake.outlook import order_rule, order_words
from signals.intake.parsing import Content, Unreadable
from signals.intake.provenance import FRESH, grade_of
from signals.services.callers import Caller, RawRequest, caller_find
from signals.services.intake import (
    SAMPLE_BYTES_MAX,
    DeliveryFacts,
    Receipt,
    alert_accept,
    body_sha256,
    delivery_refuse,
    unknown_caller_count,
)
from signals.services.shield import shield

__all__ = ["Answer", "RawRequest", "delivery_receive"]

_STATUS: Final = {"accepted": 202, "duplicate": 200, "refused": 200}
UNREAD_BODY_BYTES_KEPT: Final = 1024
UNKNOWN_PER_MINUTE_MAX: Final = 60
# Each try loses only against a change of the strategy that was committed during it.
TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender is told."""

    status: int
    verdict: str
    reason: str
    message: str
    receipt: Receipt | None = None
    retry_after_seconds: int = 0
    order_rule: str = ""


def delivery_receive(*, request: RawRequest, unknown_max: int = UNKNOWN_PER_MINUTE_MAX) -> Answer:
    """Return the answer to one request, with everything that must be kept already stored.

    A strategy that changed since it was looked up is looked up again. `unknown_max`: requests
    without a valid secret that a peer may send in a minute.
    """
    caller = caller_find(request)
    if caller is None and (wait := shield.seconds_blocked(request.peer)):
        return _too_many(wait)
    if caller is None:
        caller = caller_find(request, fresh=True)
    for _ in range(TRIES):
        if caller is None:
            return _unauthenticated(request, unknown_max)
        answer = _receive(request, caller)
        if answer is not None:
            return answer
        caller = caller_find(request, fresh=True)
    raise OperationalError("the strategy changes faster than the alert can be stored")


def _receive(request: RawRequest, caller: Caller) -> Answer | None:
    card = caller.card
    try:
        content = _whole_content(request)
        declared = StrategyDefaults(card.slug, card.defaults, card.settled, card.formats)
        reading = read_alert(content, declared, card.dialects)
    except Unreadable as error:
        receipt = delivery_refuse(
            facts=_facts(request, caller),
            code=error.code,
            detail=error.message,
            lowers_risk=error.lowers_risk if isinstance(error, Refused) else None,
        )
        return _unreadable(error, receipt)
    receipt = alert_accept(
        facts=_facts(request, caller),
        strategy_version=card.version,
        reading=_with_headers(reading, caller),
        has_identity=carries_identity(reading.intent, reading.sent_at),
    )
    if receipt.verdict == "outdated":
        return None
    status = _STATUS[receipt.verdict]
    if receipt.rule:
        message = reasons.message_of(receipt.rule)
        return Answer(status, receipt.verdict, receipt.rule, message, receipt)
    rule, message = _foreseen(caller, reading)
    return Answer(status, receipt.verdict, "", message, receipt, order_rule=rule)


def _foreseen(caller: Caller, reading: Reading) -> tuple[str, str]:
    """Why an accepted entry will not be ordered as things stand, with what the sender is told.

    Only the database says whether it came fresh: here it counts as fresh where it may be.
    """
    card = caller.card
    if reading.entry_rule:
        return "", _accepted_words(reading)
    may_be_fresh = {FRESH} if _with_headers(reading, caller).sent_at is not None else set()
    rule, instrument = order_rule(
        reading.intent,
        stop_is_required=card.stop_is_required,
        outlook=card.outlook,
        grade=grade_of(caller.factors | may_be_fresh),
        live_grade_min=card.live_grade_min,
    )
    if not rule:
        return "", _accepted_words(reading)
    words = order_words(rule, instrument, page_address(SYMBOLS, instrument))
    return rule, f"Accepted; {words}."


def _accepted_words(reading: Reading) -> str:
    """A test shows what would be refused in a trade; what passed without being read is named."""
    if reading.entry_rule:
        told = f" Not understood: {names_text(reading.unknown)}." if reading.unknown else ""
        return f"Accepted but for its entry: {reading.entry_rule}.{told}"
    if not reading.unknown:
        return "Accepted."
    if reading.intent.kind == "test":
        return f"Accepted. An entry would be refused for: {names_text(reading.unknown)}."
    return f"Accepted. Not understood, and left out: {names_text(reading.unknown)}."


def _whole_content(request: RawRequest) -> Content:
    if request.is_too_large:
        raise Unreadable("too_large")
    if request.is_late:
        raise Unreadable("late_body")
    if not request.is_whole:
        raise Unreadable("incomplete_body")
    return request.message.read()


def _with_headers(reading: Reading, caller: Caller) -> Reading:
    """A held signature vouches for its id and time; they count where the body names none."""
    signed = caller.signed
    if signed is None:
        return reading
    intent = reading.intent
    if intent.sender_id is None:
        sources = {**intent.sources, "sender_id": "derived"}
        intent = replace(intent, sender_id=signed.id, sources=sources)
        reading = replace(reading, id_is_unique=True)
    return replace(reading, intent=intent, sent_at=reading.sent_at or signed.at)


def _facts(request: RawRequest, caller: Caller) -> DeliveryFacts:
    raw = request.message.raw
    # What can be read of a body that broke off shows where its credentials are.
    content = None if request.is_too_large else request.message.content
    blanked = stored_body(
        raw,
        content,
        [request.secret],
        digests=[digest for digest, _ in caller.card.secrets],
        names=caller.card.settled.credentials,
        formats=caller.card.formats,
    )
    return DeliveryFacts(
        strategy_id=caller.card.id,
        secret_id=caller.secret_id,
        body=blanked[:UNREAD_BODY_BYTES_KEPT] if request.is_too_large else blanked,
        body_sha256=body_sha256(raw),
        content_type=request.content_type,
        peer=request.peer,
        factors=caller.factors,
    )


def _unauthenticated(request: RawRequest, unknown_max: int) -> Answer:
    wait = unknown_caller_count(
        body_start=_sample(request),
        size_bytes=len(request.message.raw),
        content_type=request.content_type,
        peer=request.peer,
        count=1 + shield.seen_meanwhile(request.peer),
        limit=unknown_max,
    )
    if wait:
        shield.block(request.peer, wait)
        return _too_many(wait)
    return Answer(401, "unauthenticated", "unauthenticated", reasons.UNAUTHENTICATED_MESSAGE)


def _too_many(wait: int) -> Answer:
    message = reasons.TOO_MANY_MESSAGE
    return Answer(429, "unauthenticated", "too_many_requests", message, retry_after_seconds=wait)


def _sample(request: RawRequest) -> bytes:
    """Blanked as well: a good credential may have been sent to a misspelt address."""
    message = request.message
    return stored_body(message.raw, message.content, [request.secret])[:SAMPLE_BYTES_MAX]


def _unreadable(error: Unreadable, receipt: Receipt) -> Answer:
    hint = reasons.message_of(error.code)
    message = f"{error.message} {hint}".strip()
    return Answer(reasons.status_of(error.code), "unreadable", error.code, message, receipt)
