"""Strategies as the webhook sees them: one snapshot of all, at most a second old."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import OperationalError
from django.db.models import Q

from fusion_project.events.clock import now
from fusion_project.postgres.deadline import seconds_left
from signals.dialects.settled import NOTHING, Settled, settled_of
from signals.dialects.taught import TaughtFormat, format_of
from signals.intake.outlook import Outlook
from signals.models import Strategy, StrategySecret

CACHE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class StrategyCard:
    """What intake needs of a strategy. `secrets` maps SHA-256 digests to secret ids."""

    id: int
    slug: str
    version: int
    defaults: Mapping[str, Any]
    dialects: frozenset[str]
    secrets: tuple[tuple[str, int], ...]
    stop_is_required: bool = True
    outlook: Outlook | None = None
    live_grade_min: str = ""
    settled: Settled = NOTHING
    formats: tuple[TaughtFormat, ...] = ()


@dataclass(slots=True)
class _Snapshot:
    cards: Mapping[str, StrategyCard] = field(default_factory=dict)
    taken_at: float = float("-inf")


_snapshot = _Snapshot()
_loading = threading.Lock()


def strategy_card_get(slug: str, *, taken_after: float) -> StrategyCard | None:
    """Return the card of a slug from a snapshot taken after this `time.monotonic()`, or None.

    One snapshot holds every strategy, so a slug that does not exist costs what one that does costs.
    """
    if _snapshot.taken_at < taken_after:
        _reload(taken_after)
    return _snapshot.cards.get(slug)


def _reload(taken_after: float) -> None:
    """One thread loads, the others wait for it, but never beyond their own deadline."""
    global _snapshot
    left = seconds_left()
    if not _loading.acquire(timeout=-1 if left is None else max(0.0, left)):
        raise OperationalError("the strategies could not be read in time")
    try:
        if _snapshot.taken_at < taken_after:
            started = time.monotonic()
            _snapshot = _Snapshot(_cards_load(), started)
    finally:
        _loading.release()


def _cards_load() -> dict[str, StrategyCard]:
    secrets: dict[int, list[tuple[str, int]]] = {}
    for secret in _live_secrets().values_list("strategy_id", "sha256", "id"):
        secrets.setdefault(secret[0], []).append((secret[1], secret[2]))
    rows = Strategy.objects.select_related("policy", "tradable")
    return {row.slug: _card(row, tuple(secrets.get(row.id, ()))) for row in rows}


def _card(row: Strategy, secrets: tuple[tuple[str, int], ...]) -> StrategyCard:
    return StrategyCard(
        id=row.id,
        slug=row.slug,
        version=row.version,
        defaults=row.policy.defaults,
        dialects=frozenset(row.policy.dialects),
        secrets=secrets,
        stop_is_required=row.policy.stop_is_required,
        outlook=outlook_of(row),
        live_grade_min=row.policy.live_grade_min,
        settled=settled_of(row.policy.members),
        formats=tuple(format_of(one) for one in row.policy.formats),
    )


def outlook_of(strategy: Strategy) -> Outlook | None:
    """Return what execution has pushed, or None where it has said nothing yet."""
    row = getattr(strategy, "tradable", None)
    return None if row is None else Outlook(row.reasons, row.otherwise, row.is_live_alone)


def _live_secrets() -> Any:
    moment = now()
    return StrategySecret.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=moment), valid_from__lte=moment
    ).order_by("id")
