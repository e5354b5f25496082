"""Which account follows which strategy, written and told; who may want it is decided elsewhere."""

from decimal import Decimal
from typing import Any

from execution.errors import DrillNotTraded
from execution.models import Subscription
from execution.services.tradable import strategy_tradable_push
from execution.traces import trace_mint
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from signals.models import Strategy


def follow(
    *,
    strategy_id: int,
    account_id: int,
    lots_default: Decimal,
    deviation_points: int | None,
    spread_points_max: int | None,
    size_mode: str,
    size_value: Decimal,
    actor: str,
) -> Subscription:
    """Let the account follow the strategy; an existing subscription is made active again."""
    if Strategy.objects.filter(id=strategy_id, is_drill=True).exists():
        raise DrillNotTraded(strategy_id=strategy_id)
    wanted: dict[str, Any] = {
        "lots_default": lots_default,
        "deviation_points": deviation_points,
        "spread_points_max": spread_points_max,
        "size_mode": size_mode,
        "size_value": size_value,
        "is_active": True,
    }
    subscription, created = Subscription.objects.get_or_create(
        strategy_id=strategy_id,
        account_id=account_id,
        defaults={**wanted, "created_at": now()},
    )
    if not created:
        Subscription.objects.filter(id=subscription.id).update(**wanted)
        subscription.refresh_from_db()
    strategy_tradable_push(strategy_id)
    _record(subscription, actor)
    return subscription


def follow_end(*, strategy_id: int, account_id: int, actor: str) -> bool:
    """The account takes no further entries of the strategy. False where it did not follow."""
    following = Subscription.objects.filter(
        strategy_id=strategy_id, account_id=account_id, is_active=True
    )
    if following.update(is_active=False) != 1:
        return False
    strategy_tradable_push(strategy_id)
    _record(Subscription.objects.get(strategy=strategy_id, account=account_id), actor)
    return True


def _record(row: Subscription, actor: str) -> None:
    detail = {
        "strategy_id": row.strategy_id,
        "account_id": row.account_id,
        "is_active": row.is_active,
        "lots_default": row.lots_default,
        "deviation_points": row.deviation_points,
        "spread_points_max": row.spread_points_max,
    }
    subject = subject_of(Subscription, row.pk)
    record(names.POLICY_CHANGED, subject=subject, trace_id=trace_mint(), actor=actor, detail=detail)
