"""Executor keys: issued once in clear, stored as SHA-256, ended within 90 days, revoked at once.

A live account's key is wanted by two people; who asked for it collects it, for it is shown once.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from execution.errors import KeyInvalid, KeyNotLive, ScopeUnknown, SecondPersonNeeded, TargetUnknown
from execution.models import BrokerAccount, ExecutorKey
from execution.services.accounts import LIVE
from execution.services.signing import signing_key
from execution.traces import trace_mint
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.second_person.models import Payload, Request
from fusion_project.second_person.services import (
    request_ask,
    request_collect,
    request_collected,
)

SCOPES = ("orders:lease", "reports:write", "telemetry:write")
KEY_ISSUE: Final = "key.issue"
VALID_DAYS_MAX: Final = 90
OVERLAP_MAX = timedelta(days=7)
TOUCH_EVERY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """The only time the secret is seen: both texts go into the executor's settings.

    `signing_text` is empty for a key that signs nothing.
    """

    key: ExecutorKey
    text: str
    signing_text: str = ""


def secret_sha256(secret: str) -> str:
    """Return the hex digest that is stored instead of the secret (256 random bits)."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def key_issue(
    *,
    account_id: int,
    label: str,
    actor: str,
    scopes: Sequence[str] = SCOPES,
    valid_days: int = VALID_DAYS_MAX,
    replaces_id: int | None = None,
    overlap: timedelta = timedelta(days=1),
    is_signed: bool = False,
    request: Request | None = None,
) -> IssuedKey:
    """Make a key for one account. Several may be live.

    Each call of one that `is_signed` must bear a signature, made with another secret.
    `replaces_id`: a live key of the account that ends after `overlap`, or sooner if it did anyway.
    Raises ScopeUnknown, KeyInvalid, KeyNotLive, TargetUnknown, and SecondPersonNeeded for a live
    account without the request that two people wanted; the table refuses it too.
    """
    _check(account_id, scopes, valid_days, overlap)
    book = BrokerAccount.objects.values_list("book", flat=True).get(id=account_id)
    if book == LIVE and request is None:
        raise SecondPersonNeeded("Two people must want a key of a live account.")
    secret, moment = secrets.token_urlsafe(32), now()
    key = ExecutorKey.objects.create(
        prefix=secrets.token_hex(6),
        sha256=secret_sha256(secret),
        scopes=sorted(scopes),
        account_id=account_id,
        label=label,
        request=request,
        is_signed=is_signed,
        expires_at=moment + timedelta(days=valid_days),
        created_at=moment,
    )
    if replaces_id is not None:
        _end(replaces_id, account_id, moment + overlap)
    _record(names.KEY_ISSUED, key, actor)
    signing_text = signing_key(key) if is_signed else ""
    return IssuedKey(key=key, text=f"{key.prefix}.{secret}", signing_text=signing_text)


def key_ask(
    *,
    account_id: int,
    label: str,
    reason: str,
    actor: str,
    scopes: Sequence[str] = SCOPES,
    valid_days: int = VALID_DAYS_MAX,
    replaces_id: int | None = None,
    overlap: timedelta = timedelta(days=1),
    is_signed: bool = False,
) -> Request:
    """Ask a second person for a key of a live account; see `key_collect`."""
    payload: Payload = {
        "account_id": account_id,
        "label": label,
        "scopes": sorted(scopes),
        "valid_days": valid_days,
        "replaces_id": replaces_id,
        "overlap_seconds": int(overlap.total_seconds()),
        "is_signed": is_signed,
    }
    subject = subject_of(BrokerAccount, account_id)
    return request_ask(kind=KEY_ISSUE, subject=subject, payload=payload, reason=reason, actor=actor)


@transaction.atomic
def key_collect(*, request_id: int, actor: str) -> IssuedKey:
    """Issue the key that two people wanted to whoever asked for it, once.

    Raises as `request_collect` and `key_issue` do.
    """
    request = request_collect(request_id=request_id, kind=KEY_ISSUE, actor=actor)
    issued = key_issue(**_read(request.asked_for), actor=actor, request=request)
    request_collected(request=request, outcome=f"key {issued.key.prefix} is issued")
    return issued


def key_check(payload: Payload) -> None:
    """Refuse what could not be issued now."""
    asked = _read(payload)
    _check(asked["account_id"], asked["scopes"], asked["valid_days"], asked["overlap"])
    if asked["replaces_id"] is not None:
        _live(asked["replaces_id"], asked["account_id"])


def key_words(payload: Payload) -> str:
    """In one sentence what will happen."""
    account = BrokerAccount.objects.get(id=payload["account_id"])
    words = f"Issue a key of the {account.book.upper()} account {account.name}"
    words = f"{words} for {payload['valid_days']} days: {', '.join(payload['scopes'])}"
    if payload["is_signed"]:
        words = f"{words}; each call is signed"
    if payload["replaces_id"] is not None:
        key = ExecutorKey.objects.get(id=payload["replaces_id"])
        words = f"{words}; key {key.prefix} ends {payload['overlap_seconds'] // 3_600} h later"
    return f"{words}. Who asked collects it."


@transaction.atomic
def key_revoke(*, key_id: int, actor: str) -> None:
    """End a key at once. Raises KeyNotLive."""
    rows = ExecutorKey.objects.filter(id=key_id, revoked_at__isnull=True)
    if rows.update(revoked_at=now()) != 1:
        raise KeyNotLive(key_id=key_id)
    _record(names.KEY_REVOKED, ExecutorKey.objects.get(id=key_id), actor)


def key_touch(*, key: ExecutorKey, at: datetime) -> None:
    """Remember when the key was last used, at most every half minute. The key was just read."""
    if key.last_used_at is None or key.last_used_at < at - TOUCH_EVERY:
        ExecutorKey.objects.filter(id=key.id).update(last_used_at=at)


def _read(payload: Payload) -> Payload:
    told = {name: value for name, value in payload.items() if name != "overlap_seconds"}
    return {**told, "overlap": timedelta(seconds=payload["overlap_seconds"])}


def _check(account_id: int, scopes: Sequence[str], valid_days: int, overlap: timedelta) -> None:
    if not BrokerAccount.objects.filter(id=account_id).exists():
        raise TargetUnknown(f"There is no account {account_id}.")
    if not scopes or set(scopes) - set(SCOPES):
        raise ScopeUnknown(scopes=list(scopes))
    if not 1 <= valid_days <= VALID_DAYS_MAX:
        raise KeyInvalid(f"A key is good for 1 to {VALID_DAYS_MAX} days.")
    if not timedelta(0) <= overlap <= OVERLAP_MAX:
        raise KeyInvalid(f"Two keys overlap for at most {OVERLAP_MAX.days} days.")


def _live(key_id: int, account_id: int) -> ExecutorKey:
    rows = ExecutorKey.objects.filter(id=key_id, account=account_id, revoked_at=None)
    key = rows.exclude(expires_at__lte=now()).first()
    if key is None:
        raise KeyNotLive(f"The account has no live key {key_id}.", key_id=key_id)
    return key


def _end(key_id: int, account_id: int, at: datetime) -> None:
    key = _live(key_id, account_id)
    if key.expires_at is None or key.expires_at > at:
        ExecutorKey.objects.filter(id=key_id).update(expires_at=at)


def _record(name: str, key: ExecutorKey, actor: str) -> None:
    record(
        name,
        subject=subject_of(ExecutorKey, key.id),
        trace_id=key.request.trace_id if key.request else trace_mint(),
        actor=actor,
        detail={
            "prefix": key.prefix,
            "account_id": key.account_id,
            "scopes": key.scopes,
            "expires_at": key.expires_at,
            "is_signed": key.is_signed,
        },
    )
