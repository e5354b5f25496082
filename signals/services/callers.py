"""Who sent a webhook request: its strategy, by secret or header signature, and what else held."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.conf import settings

from fusion_project.events.clock import now
from signals.dialects.base import Format
from signals.dialects.registry import body_credential
from signals.intake.parsing import Message
from signals.intake.provenance import CERTIFICATE, PEER, SECRET, SIGNATURE
from signals.intake.signatures import SignatureHeaders, is_in_time, signature_holds, signing_key
from signals.selectors.strategies import CACHE_SECONDS, StrategyCard, strategy_card_get

# Compared where there is no strategy, so that its absence costs the same work.
_NO_SECRETS: Final = ((hashlib.sha256(b"").hexdigest()[::-1], 0),)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRequest:
    """What HTTP handed over. `is_too_large`: the message was cut at the limit.

    `is_whole`: as much of it came as was declared. `is_late`: the rest missed its deadline.
    """

    slug: str
    secret: str
    message: Message
    is_too_large: bool
    content_type: str
    peer: str
    is_whole: bool = True
    is_late: bool = False
    is_listed_peer: bool = False
    has_client_certificate: bool = False
    signature: SignatureHeaders | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """What a held header signature vouches for."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated sender. `factors`: what held of `signals.intake.provenance.FACTORS`."""

    card: StrategyCard
    secret_id: int
    factors: frozenset[str]
    signed: Signed | None


def caller_find(request: RawRequest, *, fresh: bool = False) -> Caller | None:
    """Return the caller, or None where neither secret nor signature holds.

    Strategies may be a second old, unless `fresh`: a caller that is not known is asked for twice.
    """
    started = time.monotonic()
    card = strategy_card_get(
        request.slug, taken_after=started if fresh else started - CACHE_SECONDS
    )
    presented = request.secret or _body_credential(request, card.formats if card else ())
    secrets = card.secrets if card else _NO_SECRETS
    by_secret = _secret_find(secrets, presented)
    # A wrong secret in the path is not made good by anything else.
    by_signature = 0 if request.secret and not by_secret else _signer_find(request, secrets)
    if card is None or not (by_secret or by_signature):
        return None
    return Caller(
        card=card,
        secret_id=by_secret or by_signature,
        factors=_factors(request, by_secret, by_signature),
        signed=_signed(request) if by_signature else None,
    )


def _secret_find(secrets: tuple[tuple[str, int], ...], presented: str) -> int:
    digest = hashlib.sha256(presented.encode("utf-8", "surrogatepass")).hexdigest()
    found = 0
    for known, secret_id in secrets:
        if hmac.compare_digest(known, digest):
            found = secret_id
    return found


def _signer_find(request: RawRequest, secrets: tuple[tuple[str, int], ...]) -> int:
    """Return the secret whose signing key made the signature, within its time, or 0."""
    headers = request.signature
    if headers is None or request.is_too_large:
        return 0
    found = 0
    for known, secret_id in secrets:
        key = signing_key(settings.SECRET_KEY, known)
        if signature_holds(headers, key, request.message.raw):
            found = secret_id
    return found if found and is_in_time(headers, now().timestamp()) else 0


def _factors(request: RawRequest, by_secret: int, by_signature: int) -> frozenset[str]:
    held = (
        (SECRET, by_secret),
        (SIGNATURE, by_signature),
        (PEER, request.is_listed_peer),
        (CERTIFICATE, request.has_client_certificate),
    )
    return frozenset(name for name, holds in held if holds)


def _signed(request: RawRequest) -> Signed | None:
    headers = request.signature
    if headers is None:
        return None
    return Signed(headers.id, datetime.fromtimestamp(headers.timestamp, UTC))


def _body_credential(request: RawRequest, formats: Collection[Format]) -> str:
    """Some dialects carry their credential in the body; then reading precedes the compare."""
    content = None if request.is_too_large else request.message.content
    return "" if content is None else body_credential(content, formats)
