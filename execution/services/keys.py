"""Executor keys: issued once in clear, stored as SHA-256, revoked at once."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from execution.errors import KeyNotLive, ScopeUnknown
from execution.models import ExecutorKey
from execution.services.signing import signing_key
from execution.traces import trace_mint
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of

SCOPES = ("orders:lease", "reports:write", "telemetry:write")
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
    expires_at: datetime | None = None,
    is_signed: bool = False,
) -> IssuedKey:
    """Make a key for one account. Several may be live, so that one is rotated with overlap.

    Each call of one that `is_signed` must bear a signature, made with another secret.
    """
    if not scopes or set(scopes) - set(SCOPES):
        raise ScopeUnknown(scopes=list(scopes))
    secret = secrets.token_urlsafe(32)
    key = ExecutorKey.objects.create(
        prefix=secrets.token_hex(6),
        sha256=secret_sha256(secret),
        scopes=sorted(scopes),
        account_id=account_id,
        label=label,
        expires_at=expires_at,
        is_signed=is_signed,
        created_at=now(),
    )
    _record(names.KEY_ISSUED, key, actor)
    signing_text = signing_key(key) if is_signed else ""
    return IssuedKey(key=key, text=f"{key.prefix}.{secret}", signing_text=signing_text)


@transaction.atomic
def key_revoke(*, key_id: int, actor: str) -> None:
    """End a key at once. Raises KeyNotLive."""
    rows = ExecutorKey.objects.filter(id=key_id, revoked_at__isnull=True)
    if rows.update(revoked_at=now()) != 1:
        raise KeyNotLive(key_id=key_id)
    _record(names.KEY_REVOKED, ExecutorKey.objects.get(id=key_id), actor)


def key_touch(*, key_id: int, at: datetime) -> None:
    """Remember when the key was last used, at most every half minute."""
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=at - TOUCH_EVERY)
    ExecutorKey.objects.filter(stale, id=key_id).update(last_used_at=at)


def _record(name: str, key: ExecutorKey, actor: str) -> None:
    record(
        name,
        subject=subject_of(ExecutorKey, key.id),
        trace_id=trace_mint(),
        actor=actor,
        detail={
            "prefix": key.prefix,
            "account_id": key.account_id,
            "scopes": key.scopes,
            "is_signed": key.is_signed,
        },
    )
