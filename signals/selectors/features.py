"""Reads features for the lobes: only what was known before the moment asked about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Q

from signals.models import Feature

RESULT: Final = "trade.result_r"
LAST_TRADES_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class TrackRecordFacts:
    """Closed trades of a strategy and how many of them won."""

    trades: int
    wins: int


def track_record_get(*, strategy_id: int, known_until: datetime) -> TrackRecordFacts:
    """Count the last results recorded before `known_until`. A result of zero did not win."""
    known = Feature.objects.filter(
        name=RESULT, strategy_id=strategy_id, recorded_at__lt=known_until
    )
    latest = known.order_by("-id").values("id")[:LAST_TRADES_MAX]
    counts = Feature.objects.filter(id__in=latest).aggregate(
        trades=Count("id"), wins=Count("id", filter=Q(value__gt=0))
    )
    return TrackRecordFacts(trades=counts["trades"], wins=counts["wins"])
