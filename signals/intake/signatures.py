"""Header signatures per Standard Webhooks 1.0.0 (HMAC-SHA256, `v1`). Pure.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
Signed is `id.timestamp.body`. The header may hold several signatures, so that keys can be rotated.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final

TOLERANCE_SECONDS: Final = 300
KEY_PREFIX: Final = "whsec_"
_ID: Final = re.compile(r"[\x21-\x7e]{1,160}")
_TIMESTAMP: Final = re.compile(r"[0-9]{1,11}")
_SIGNATURES_MAX: Final = 16


@dataclass(frozen=True, slots=True)
class SignatureHeaders:
    """`webhook-id`, `webhook-timestamp`, `webhook-signature`: well-formed, nothing checked yet."""

    id: str
    timestamp: int
    signatures: tuple[bytes, ...]


def headers_read(message_id: str, timestamp: str, signature: str) -> SignatureHeaders | None:
    """Return the three headers, or None where one is missing or malformed. Never raises."""
    if not _ID.fullmatch(message_id) or not _TIMESTAMP.fullmatch(timestamp):
        return None
    found = []
    for one in signature.split(" ")[:_SIGNATURES_MAX]:
        version, comma, value = one.partition(",")
        if version == "v1" and comma and value.isascii():
            found.append(value.encode())
    return SignatureHeaders(message_id, int(timestamp), tuple(found)) if found else None


def signature_of(key: bytes, message_id: str, timestamp: int, body: bytes) -> bytes:
    """Return the signature in base64, without its version."""
    signed = b"%s.%d.%s" % (message_id.encode(), timestamp, body)
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())


def signature_holds(headers: SignatureHeaders, key: bytes, body: bytes) -> bool:
    """Return whether one of the signatures is this key's. The time is checked by `is_in_time`."""
    wanted = signature_of(key, headers.id, headers.timestamp, body)
    held = False
    for given in headers.signatures:
        held |= hmac.compare_digest(wanted, given)
    return held


def is_in_time(headers: SignatureHeaders, now_seconds: float) -> bool:
    """Return whether the time of signing is within five minutes of now, either way."""
    return abs(now_seconds - headers.timestamp) <= TOLERANCE_SECONDS


def signing_key(server_key: str, secret_sha256: str) -> bytes:
    """Return the signing key that belongs to a webhook secret.

    Made from the server's own key and the stored hash of the secret, never stored: whoever reads
    the database alone can sign nothing. A new SECRET_KEY makes new signing keys.
    """
    purpose = f"signals.webhook-signing:{secret_sha256}"
    return hmac.new(server_key.encode(), purpose.encode(), hashlib.sha256).digest()


def key_text(key: bytes) -> str:
    """Return the key as Standard Webhooks libraries take it."""
    return KEY_PREFIX + base64.b64encode(key).decode()
