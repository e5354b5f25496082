"""Keeps intake's tables in shape: partitions ahead of time, samples for a day only."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import connection, transaction

from fusion_project.events.clock import now
from signals.models import PeerWindow, UnknownCallerMinute, UnknownCallerSample

MONTHS_AHEAD: Final = 2
SAMPLE_HOURS: Final = 24
COUNT_DAYS: Final = 90


def partitions_make() -> int:
    """Make the partitions of this month and the next ones; return how many were made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT signals_delivery_partitions(%s) + signals_bar_partitions(%s)",
            [MONTHS_AHEAD, MONTHS_AHEAD],
        )
        return int(cursor.fetchone()[0])


@transaction.atomic
def unknown_caller_prune() -> int:
    """Forget old samples and counts; return how many samples went."""
    moment = now()
    PeerWindow.objects.filter(started_at__lt=moment - timedelta(minutes=5)).delete()
    UnknownCallerMinute.objects.filter(minute__lt=moment - timedelta(days=COUNT_DAYS)).delete()
    gone, _ = UnknownCallerSample.objects.filter(
        at__lt=moment - timedelta(hours=SAMPLE_HOURS)
    ).delete()
    return gone
