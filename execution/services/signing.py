"""Signed calls of an executor: whether this call is signed, now, and for the first time."""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from execution.errors import NonceUsed, SignatureLate, SignatureMissing, SignatureRefused
from execution.models import ExecutorKey, KeyNonce
from execution.rules.signing import (
    NONCE_HEADER,
    NONCE_PATTERN,
    SIGNATURE_HEADER,
    TIME_HEADER,
    TIME_PATTERN,
    WINDOW_SECONDS,
    signature_of,
)
from execution.wire.fields import MomentText

WINDOW = timedelta(seconds=WINDOW_SECONDS)


@dataclass(frozen=True, slots=True)
class SignedCall:
    """A request as it is signed; an absent header is an empty text."""

    method: str
    path: str
    time_msc: str
    nonce: str
    signature: str
    body: bytes


def signing_key(key: ExecutorKey) -> str:
    """Return the text that the executor signs with, 64 hex digits.

    It is derived from `SECRET_KEY` and stands in no table, so a copy of the database signs nothing;
    with another `SECRET_KEY` signed keys have to be issued anew.
    """
    return salted_hmac("execution.signing_key", key.prefix, algorithm="sha256").hexdigest()


def signature_check(*, key: ExecutorKey, call: SignedCall, moment: datetime) -> None:
    """Accept a call of a signed key once.

    Raises SignatureMissing, SignatureRefused, SignatureLate, NonceUsed.
    """
    if not TIME_PATTERN.fullmatch(call.time_msc) or not NONCE_PATTERN.fullmatch(call.nonce):
        raise SignatureMissing(
            f"this key signs its calls: send {TIME_HEADER}, {NONCE_HEADER} and {SIGNATURE_HEADER}"
        )
    expected = signature_of(
        signing_key(key),
        method=call.method,
        path=call.path,
        time_msc=call.time_msc,
        nonce=call.nonce,
        body=call.body,
    )
    given = call.signature.lower().encode("utf-8", "replace")
    if not hmac.compare_digest(expected.encode(), given):
        raise SignatureRefused("the signature is not that of this call")
    told_at = datetime.fromtimestamp(int(call.time_msc) / 1000, tz=UTC)
    if abs(told_at - moment) > WINDOW:
        raise SignatureLate(
            f"the call's time is more than {WINDOW_SECONDS} s off; here it is"
            f" {MomentText.of(moment)}"
        )
    _nonce_use(key, call.nonce, moment)


def nonce_forget(*, moment: datetime) -> int:
    """Forget nonces of calls whose time no call may bear any more; return how many."""
    gone, _ = KeyNonce.objects.filter(used_at__lt=moment - 3 * WINDOW).delete()
    return gone


def _nonce_use(key: ExecutorKey, nonce: str, moment: datetime) -> None:
    try:
        with transaction.atomic():
            KeyNonce.objects.create(key=key, nonce=nonce, used_at=moment)
    except IntegrityError as error:
        raise NonceUsed("this nonce was used before; sign each try anew") from error
