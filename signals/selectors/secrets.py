"""Webhook secrets as their keepers see them: dates and last use, never the secret or its hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from signals.models import Delivery, Strategy, StrategySecret


@dataclass(frozen=True, slots=True)
class SecretRow:
    """One secret. `state` is live, ending (live with an end) or ended."""

    id: int
    label: str
    state: str
    valid_from: datetime
    valid_until: datetime | None
    last_used_at: datetime | None
    is_idle: bool

    @property
    def is_live(self) -> bool:
        """Whether it opens the webhook now."""
        return self.state != "ended"


@dataclass(frozen=True, slots=True)
class SecretList:
    """The secrets of a strategy, newest first. `newest_id` is 0 where it never had one."""

    rows: list[SecretRow]
    newest_id: int

    @property
    def live(self) -> list[SecretRow]:
        """Those that open the webhook now."""
        return [row for row in self.rows if row.is_live]

    @property
    def ended(self) -> list[SecretRow]:
        """Those that do not any more."""
        return [row for row in self.rows if not row.is_live]


def secret_list(*, strategy_id: int, at: datetime) -> SecretList:
    """Return the strategy's secrets as they stand at `at`."""
    found = list(StrategySecret.objects.filter(strategy_id=strategy_id).order_by("-id"))
    used = {row.id: _last_used_at(row) for row in found}
    newest_use = max((moment for moment in used.values() if moment), default=None)
    rows = [_row(row, used[row.id], newest_use, at) for row in found]
    return SecretList(rows, max((row.id for row in found), default=0))


def secret_counts(*, at: datetime) -> list[tuple[Strategy, int]]:
    """Return every strategy with the number of its live secrets."""
    live = Q(secrets__valid_until__isnull=True) | Q(secrets__valid_until__gt=at)
    rows = Strategy.objects.annotate(live=Count("secrets", filter=live)).order_by("slug")
    return [(row, row.live) for row in rows]


def _row(
    row: StrategySecret, used_at: datetime | None, newest_use: datetime | None, at: datetime
) -> SecretRow:
    state = "live"
    if row.valid_until is not None:
        state = "ending" if row.valid_until > at else "ended"
    # Another secret has been used since: the alerts have moved over.
    is_idle = newest_use is not None and (used_at or row.valid_from) < newest_use
    return SecretRow(row.id, row.label, state, row.valid_from, row.valid_until, used_at, is_idle)


def _last_used_at(row: StrategySecret) -> datetime | None:
    """The latest delivery with it; nothing can have come before it began or after it ended."""
    rows = Delivery.objects.filter(
        strategy_id=row.strategy_id, secret_id=row.id, received_at__gte=row.valid_from
    )
    if row.valid_until is not None:
        rows = rows.filter(received_at__lte=row.valid_until)
    return rows.order_by("-received_at").values_list("received_at", flat=True).first()
