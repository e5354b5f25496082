"""One webhook request from raw bytes to its answer, without HTTP: authenticate, read, store."""

from __future__ import annotations

import hashlib
import hmac
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from django.db import OperationalError

from signals import reasons
from signals.dialects.base import StrategyDefaults
from signals.dialects.registry import dialect_of, read_alert, stored_body
from signals.parsing import Content, Unreadable, read_content
from signals.selectors.strategies import (
    CACHE_SECONDS,
    StrategyCard,
    strategy_card_get,
)
from signals.services.intake import (
    SAMPLE_BYTES_MAX,
    DeliveryFacts,
    Receipt,
    alert_accept,
    body_sha256,
    delivery_refuse,
    unknown_caller_count,
)

# Compared where there is no strategy, so that its absence costs the same work.
_NO_SECRETS: Final = ((hashlib.sha256(b"").hexdigest()[::-1], 0),)
_STATUS: Final = {"accepted": 202, "duplicate": 200, "refused": 200}
UNREAD_BODY_BYTES_KEPT: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRequest:
    """What HTTP handed over. `is_too_large`: the body was cut at the limit."""

    slug: str
    secret: str
    body: bytes
    is_too_large: bool
    content_type: str
    peer: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender is told."""

    status: int
    verdict: str
    reason: str
    message: str
    receipt: Receipt | None = None


def delivery_receive(*, request: RawRequest, bytes_max: int) -> Answer:
    """Return the answer to one request, with everything that must be kept already stored.

    A strategy that changed since it was looked up is looked up once more.
    """
    card, secret_id = _authenticate(request, bytes_max)
    for _ in range(2):
        if card is None:
            return _unauthenticated(request, bytes_max)
        answer = _receive(request, card, secret_id, bytes_max)
        if answer is not None:
            return answer
        card, secret_id = _authenticate(request, bytes_max, fresh=True)
    raise OperationalError("the strategy changes faster than the alert can be stored")


def _receive(
    request: RawRequest, card: StrategyCard, secret_id: int, bytes_max: int
) -> Answer | None:
    content = None
    try:
        if request.is_too_large:
            raise Unreadable("too_large")
        content = read_content(request.body, bytes_max=bytes_max)
        reading = read_alert(content, StrategyDefaults(card.slug, card.defaults))
    except Unreadable as error:
        facts = _facts(request, content, card, secret_id)
        receipt = delivery_refuse(facts=facts, code=error.code, detail=error.message)
        return _unreadable(error, receipt)
    facts = _facts(request, content, card, secret_id)
    receipt = alert_accept(facts=facts, strategy_version=card.version, reading=reading)
    if receipt.verdict == "outdated":
        return None
    message = reasons.message_of(receipt.rule) if receipt.rule else "Accepted."
    return Answer(_STATUS[receipt.verdict], receipt.verdict, receipt.rule, message, receipt)


def _authenticate(
    request: RawRequest, bytes_max: int, *, fresh: bool = False
) -> tuple[StrategyCard | None, int]:
    """Return card and secret id. What the cache does not know is looked up once more, fresh."""
    started = time.monotonic()
    digest = _digest(request.secret or _body_credential(request, bytes_max))
    for taken_after in (started,) if fresh else (started - CACHE_SECONDS, started):
        card = strategy_card_get(request.slug, taken_after=taken_after)
        found = 0
        for known, secret_id in card.secrets if card else _NO_SECRETS:
            if hmac.compare_digest(known, digest):
                found = secret_id
        if card is not None and found:
            return card, found
    return None, 0


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _body_credential(request: RawRequest, bytes_max: int) -> str:
    """Some dialects carry their credential in the body; then reading precedes the compare."""
    if request.is_too_large:
        return ""
    try:
        content = read_content(request.body, bytes_max=bytes_max)
        return dialect_of(content).credential(content) or ""
    except Unreadable:
        return ""


def _facts(
    request: RawRequest, content: Content | None, card: StrategyCard, secret_id: int
) -> DeliveryFacts:
    blanked = stored_body(request.body, content, [request.secret])
    return DeliveryFacts(
        strategy_id=card.id,
        secret_id=secret_id,
        body=blanked[:UNREAD_BODY_BYTES_KEPT] if request.is_too_large else blanked,
        body_sha256=body_sha256(request.body),
        content_type=request.content_type,
        peer=request.peer,
    )


def _unauthenticated(request: RawRequest, bytes_max: int) -> Answer:
    unknown_caller_count(
        body_start=_sample(request, bytes_max),
        size_bytes=len(request.body),
        content_type=request.content_type,
        peer=request.peer,
    )
    return Answer(401, "unauthenticated", "unauthenticated", reasons.UNAUTHENTICATED_MESSAGE)


def _sample(request: RawRequest, bytes_max: int) -> bytes:
    """Blanked as well: a good credential may have been sent to a misspelt address."""
    content = None
    with suppress(Unreadable):
        content = read_content(request.body, bytes_max=bytes_max)
    return stored_body(request.body, content, [request.secret])[:SAMPLE_BYTES_MAX]


def _unreadable(error: Unreadable, receipt: Receipt) -> Answer:
    hint = reasons.message_of(error.code)
    message = f"{error.message} {hint}".strip()
    return Answer(reasons.status_of(error.code), "unreadable", error.code, message, receipt)
