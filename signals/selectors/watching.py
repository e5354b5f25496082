"""What the watch looks at: chains of alerts, their times, fires per symbol, signs of life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from fusion_project.events.clock import now
from signals.dialects.base import PositionTold, StrategyDefaults
from signals.dialects.registry import read_alert
from signals.dialects.settled import settled_of
from signals.dialects.taught import format_of
from signals.intake.parsing import Message, Unreadable
from signals.models import Alert, Decision, Delivery, Expectation, Strategy, ToldPosition
from signals.watch.cadence import HISTORY_DAYS
from signals.watch.positions import CHAIN_MAX, Link
from signals.watch.rate import WARN_AT, WINDOW
from signals.watch.words import Between

# At TradingView's limit of 15 in 3 minutes it is more than two days, so two nights are among them.
TIMES_MAX: Final = 20_000
FIRES_MAX: Final = 500  # more are far beyond every limit
CHANGES: Final = ("entry", "exit", "partial_exit", "close_all")


@dataclass(frozen=True, slots=True)
class PathSeen:
    """Signs of life of one strategy's way from TradingView to us; seconds count until now."""

    slug: str
    delivery_at: datetime | None
    delivery_seconds_ago: int | None
    canary_at: datetime | None
    canary_seconds_ago: int | None
    canary_every_seconds: int | None
    is_canary_late: bool


def position_told(alert: Alert) -> PositionTold | None:
    """Read the stored message again for the sender's position; None where it tells none."""
    kept = Delivery.objects.filter(id=alert.delivery_id, received_at=alert.received_at).first()
    if kept is None:
        return None
    body = bytes(kept.body)
    policy = alert.strategy.policy
    formats = tuple(format_of(one) for one in policy.formats)
    settled = settled_of(policy.members)
    defaults = StrategyDefaults(alert.strategy.slug, policy.defaults, settled, formats)
    try:
        reading = read_alert(Message(body, len(body)).read(), defaults)
    except Unreadable:
        return None
    return reading.position if reading.dialect == alert.dialect else None


def link_list(strategy_id: int, instrument: str) -> list[Link]:
    """Return the newest links of a chain; what changed the position untold is a link as well."""
    told = {
        row.alert_id: _link(row)
        for row in ToldPosition.objects.filter(
            strategy_id=strategy_id, instrument=instrument
        ).order_by("-alert_id")[:CHAIN_MAX]
    }
    changes = Decision.objects.filter(
        strategy_id=strategy_id, instrument__in=("", instrument), verb__in=CHANGES
    ).order_by("-id")[: 2 * CHAIN_MAX]
    untold = {
        alert_id: Link(alert_id=alert_id, received_at=at)
        for alert_id, at in changes.values_list("alert_id", "created_at")
    }
    oldest = min(untold, default=0) if len(untold) >= CHAIN_MAX else 0
    return [link for key, link in {**untold, **told}.items() if key >= oldest]


def _link(row: ToldPosition) -> Link:
    return Link(
        alert_id=row.alert_id,
        received_at=row.received_at,
        before=_states(row.before),
        before_size=row.before_size,
        after=_states(row.after),
        after_size=row.after_size,
    )


def _states(text: str) -> frozenset[str]:
    return frozenset(filter(None, text.split(",")))


def trade_times(strategy_id: int, instrument: str) -> list[tuple[int, datetime]]:
    """Return alert id and time of a symbol's alerts of the last four weeks, newest first."""
    since = now() - timedelta(days=HISTORY_DAYS)
    rows = Decision.objects.filter(
        strategy_id=strategy_id, instrument=instrument, created_at__gte=since
    ).order_by("-id")
    return list(rows.values_list("alert_id", "created_at")[:TIMES_MAX])


def deliveries_between(strategy_id: int, start: datetime, end: datetime) -> Between:
    """Return what became of the strategy's messages in between that were not acted on."""
    rows = list(
        Delivery.objects.filter(
            strategy_id=strategy_id, received_at__gte=start, received_at__lte=end
        )
        .exclude(verdict="accepted")
        .order_by("received_at")
        .values_list("verdict", "rule")
    )
    repeated = [rule for verdict, rule in rows if verdict == "duplicate"]
    refused = [rule for verdict, rule in rows if verdict != "duplicate"]
    return Between(
        refused=len(refused),
        refused_as=refused[-1] if refused else "",
        repeated=len(repeated),
        repeated_as=repeated[-1] if repeated else "",
    )


def rate_list_high() -> list[tuple[int, str]]:
    """Return strategy and instrument where the fires of three minutes reach the warning.

    Every stored delivery is a fire, duplicates too: only 5xx answers are sent again, and they leave
    none. A symbol's bars are another alert than its trades. What names no readable symbol counts
    under an empty one. Drills fire as they like.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HIGH, [now() - WINDOW, FIRES_MAX, WARN_AT])
        return [(row[0], row[1]) for row in cursor.fetchall()]


def fire_times(strategy_id: int, instrument: str, since: datetime) -> Sequence[datetime]:
    """Return when the alerts of a symbol fired since then; the newest ones where there are many."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRES, [strategy_id, instrument, since, FIRES_MAX])
        return [row[0] for row in cursor.fetchall()]


_HIGH: Final = """
    SELECT s.id, fires.fired_by FROM signals_strategy s CROSS JOIN LATERAL (
        SELECT d.fired_by FROM signals_delivery d
        WHERE d.strategy_id = s.id AND d.received_at > %s
        ORDER BY d.received_at DESC LIMIT %s) AS fires
    WHERE NOT s.is_drill
    GROUP BY 1, 2 HAVING count(*) >= %s ORDER BY 1, 2
"""
_FIRES: Final = """
    SELECT d.received_at FROM signals_delivery d
    WHERE d.strategy_id = %s AND d.fired_by = %s AND d.received_at > %s
    ORDER BY d.received_at DESC LIMIT %s
"""


def expectation_list_due() -> QuerySet[Expectation]:
    """Expectations of active strategies, drills apart, whose time has passed without an alert."""
    return (
        Expectation.objects.filter(
            due_by__lt=now(), strategy__is_active=True, strategy__is_drill=False
        )
        .select_related("strategy")
        .order_by("id")
    )


def path_seen_list() -> list[PathSeen]:
    """Return the signs of life of every active strategy, by slug."""
    newest = Delivery.objects.filter(strategy_id=OuterRef("pk")).order_by("-received_at")
    moment = now()
    canaries = {one.strategy_id: one for one in Expectation.objects.filter(kind="test")}
    rows = (
        Strategy.objects.filter(is_active=True)
        .annotate(seen_at=Subquery(newest.values("received_at")[:1]))
        .order_by("slug")
    )
    return [_path_seen(row.slug, row.seen_at, canaries.get(row.id), moment) for row in rows]


def _path_seen(
    slug: str, delivery_at: datetime | None, canary: Expectation | None, moment: datetime
) -> PathSeen:
    declared = canary.declared_seconds if canary else None
    canary_at = canary.last_at if canary else None
    is_late = declared is not None and (
        canary is None or canary.due_by is None or canary.due_by < moment
    )
    return PathSeen(
        slug=slug,
        delivery_at=delivery_at,
        delivery_seconds_ago=_seconds(delivery_at, moment),
        canary_at=canary_at,
        canary_seconds_ago=_seconds(canary_at, moment),
        canary_every_seconds=declared,
        is_canary_late=is_late,
    )


def _seconds(seen_at: datetime | None, moment: datetime) -> int | None:
    return None if seen_at is None else max(0, int((moment - seen_at).total_seconds()))
