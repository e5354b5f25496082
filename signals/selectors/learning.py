"""What had been learned by a moment, which outcomes are still open, and what became of entries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F

from signals.models import Decision, FusionState, Label, Strategy

# An entry whose outcome nobody wrote for so long after its time will get none.
GIVEN_UP: Final = timedelta(days=30)
NEIGHBOURS_MAX: Final = 500


def state_known(family: str, horizon_seconds: int, *, known_until: datetime) -> FusionState | None:
    """Return the newest state on record before a moment that rests on nothing later."""
    return (
        FusionState.objects.filter(
            family=family,
            horizon_seconds=horizon_seconds,
            known_at__lt=known_until,
            created_at__lt=known_until,
            label__known_at__lt=known_until,
            label__created_at__lt=known_until,
        )
        .order_by("-version")
        .first()
    )


def open_label_count(strategy_ids: list[int], *, since: datetime) -> int:
    """Return how many entries since a moment wait for their outcome."""
    return Decision.objects.filter(
        strategy__in=strategy_ids,
        verb="entry",
        created_at__gt=since,
        inputs__isnull=False,
        label__isnull=True,
    ).count()


def entries_unlabelled(strategy: Strategy, *, now: datetime) -> Iterator[Decision]:
    """Yield the strategy's entries without a label, oldest first, however they were decided."""
    horizons = strategy.policies.values_list("horizon_seconds", flat=True)
    longest = timedelta(seconds=max(horizons)) + GIVEN_UP
    return (
        Decision.objects.filter(
            strategy=strategy, verb="entry", created_at__gt=now - longest, label__isnull=True
        )
        .select_related("alert")
        .order_by("id")
        .iterator()
    )


def neighbours_known(
    strategy_ids: list[int], *, known_until: datetime
) -> list[tuple[int, list[str], bool]]:
    """Return (label, features, won) of the newest outcomes that were known before a moment."""
    rows = (
        Label.objects.filter(
            decision__strategy__in=strategy_ids,
            won__isnull=False,
            known_at__lt=known_until,
            created_at__lt=known_until,
        )
        .exclude(features=[])
        .order_by("-id")
        .values_list(F("id"), "features", "won")[:NEIGHBOURS_MAX]
    )
    return [(label, features, won) for label, features, won in rows]


def family_members(strategy: Strategy) -> list[int]:
    """Return the strategies that learn together with this one, itself among them."""
    if not strategy.policy.family:
        return [strategy.id]
    together = Strategy.objects.filter(policy__family=strategy.policy.family)
    return sorted({strategy.id, *together.values_list("id", flat=True)})
