"""Executors that are expected to be at work, and when each was heard last."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from execution.models import BrokerAccount, ExecutorKey
from fusion_project.events.clock import now


@dataclass(frozen=True, slots=True)
class ExecutorSeen:
    """An account whose executor has been at work; `heard_at` is its last call."""

    account_id: int
    account: str
    heard_at: datetime


def executor_list() -> list[ExecutorSeen]:
    """Accounts with a key that is live, whose executor has called at least once.

    One that only polls, or only sends heartbeats, is half dead: the older of the two counts.
    """
    live = ExecutorKey.objects.filter(account=OuterRef("pk"), revoked_at=None).filter(
        Q(expires_at=None) | Q(expires_at__gt=now())
    )
    rows = BrokerAccount.objects.filter(Exists(live), last_seen_at__isnull=False)
    return [
        ExecutorSeen(pk, name, min(seen_at, beat_at or seen_at))
        for pk, name, seen_at, beat_at in rows.order_by("name").values_list(
            "id", "name", "last_seen_at", "heartbeat_at"
        )
        if seen_at is not None
    ]
