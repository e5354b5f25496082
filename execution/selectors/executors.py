"""Executors that are expected to be at work, and when each was heard last."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from execution.models import BrokerAccount, ExecutorKey
from fusion_project.events.clock import now
from fusion_project.events.life import SILENCE_SECONDS_MAX


@dataclass(frozen=True, slots=True)
class ExecutorSeen:
    """An account whose executor has been at work; `heard_at` is its last call."""

    account_id: int
    account: str
    heard_at: datetime


def heard_at(seen_at: datetime, beat_at: datetime | None) -> datetime:
    """Return when an executor was last wholly heard.

    One that only polls, or only sends heartbeats, is half dead: the older of the two counts.
    """
    return min(seen_at, beat_at or seen_at)


def is_silent(account: BrokerAccount, at: datetime) -> bool:
    """Whether the account's executor, once heard, has said nothing for too long."""
    if account.last_seen_at is None:
        return False
    heard = heard_at(account.last_seen_at, account.heartbeat_at)
    return at - heard > timedelta(seconds=SILENCE_SECONDS_MAX)


def executor_list() -> list[ExecutorSeen]:
    """Accounts with a key that is live, whose executor has called at least once."""
    live = ExecutorKey.objects.filter(account=OuterRef("pk"), revoked_at=None).filter(
        Q(expires_at=None) | Q(expires_at__gt=now())
    )
    rows = BrokerAccount.objects.filter(Exists(live), last_seen_at__isnull=False)
    return [
        ExecutorSeen(pk, name, heard_at(seen_at, beat_at))
        for pk, name, seen_at, beat_at in rows.order_by("name").values_list(
            "id", "name", "last_seen_at", "heartbeat_at"
        )
        if seen_at is not None
    ]
