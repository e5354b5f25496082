"""Which account follows which strategy: one person says so of paper, two of a live account."""

from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from execution.errors import DrillNotTraded, SecondPersonNeeded
from execution.models import BrokerAccount, Subscription
from execution.services.tradable import strategy_tradable_push
from execution.traces import trace_mint
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.second_person.models import Payload, Request
from fusion_project.second_person.services import request_ask
from fusion_project.text.actors import SYSTEM
from signals.models import Strategy

SUBSCRIBE: Final = "account.subscribe"
LIVE: Final = "live"
_DECIMALS: Final = ("lots_default", "size_value")


@transaction.atomic
def subscription_create(
    *,
    strategy_id: int,
    account_id: int,
    lots_default: Decimal = Decimal("0.10"),
    deviation_points: int | None = None,
    spread_points_max: int | None = None,
    size_mode: str = "",
    size_value: Decimal = Decimal(0),
    actor: str = SYSTEM,
    request: Request | None = None,
) -> Subscription:
    """Let the account follow the strategy; an existing subscription is made active again.

    The points are those of each order's symbol. `size_mode` is one of `SIZE_MODES`: the account's
    own size of an entry, '' for none; the smallest of all sizes wins. A live account follows by a
    request that two people wanted (`subscription_ask`). Raises DrillNotTraded, SecondPersonNeeded.
    """
    _check_strategy(strategy_id)
    if request is None and BrokerAccount.objects.filter(id=account_id, book=LIVE).exists():
        raise SecondPersonNeeded("Two people must want that a live account follows a strategy.")
    wanted = {
        "lots_default": lots_default,
        "deviation_points": deviation_points,
        "spread_points_max": spread_points_max,
        "size_mode": size_mode,
        "size_value": size_value,
        "is_active": True,
        "request": request,
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
    _record(subscription, actor, request)
    return subscription


def subscription_ask(*, reason: str, actor: str, **fields: Any) -> Request:
    """Ask a second person to let a live account follow; `fields` as of `subscription_create`.

    Raises DrillNotTraded, and as `request_ask`.
    """
    subject = subject_of(BrokerAccount, fields["account_id"])
    return request_ask(kind=SUBSCRIBE, subject=subject, payload=fields, reason=reason, actor=actor)


def subscription_check(payload: Payload) -> None:
    """Refuse a strategy that no account follows."""
    _check_strategy(payload["strategy_id"])


def subscription_words(payload: Payload) -> str:
    """In one sentence what will happen."""
    account = BrokerAccount.objects.get(id=payload["account_id"])
    strategy = Strategy.objects.get(id=payload["strategy_id"])
    own = f", size at most {payload['size_mode']}={payload['size_value']}"
    points = (("deviation_points", "deviation"), ("spread_points_max", "spread"))
    bounds = "".join(
        f", {word} at most {payload[name]} points"
        for name, word in points
        if payload[name] is not None
    )
    return (
        f"Let the LIVE account {account.name} follow {strategy.slug}: {payload['lots_default']} "
        f"lots where an entry names no size{own if payload['size_mode'] else ''}{bounds}."
    )


def subscription_carry_out(payload: Payload, request: Request) -> str:
    """Let the live account follow, as two people want it."""
    # The payload's amounts are texts.
    fields: dict[str, Any] = {
        name: Decimal(value) if name in _DECIMALS else value for name, value in payload.items()
    }
    subscription_create(**fields, actor=request.requester, request=request)
    return "the account follows"


@transaction.atomic
def subscription_end(*, strategy_id: int, account_id: int, actor: str = SYSTEM) -> bool:
    """The account takes no further entries of the strategy. False where it did not follow."""
    following = Subscription.objects.filter(
        strategy_id=strategy_id, account_id=account_id, is_active=True
    )
    if following.update(is_active=False) != 1:
        return False
    strategy_tradable_push(strategy_id)
    _record(Subscription.objects.get(strategy=strategy_id, account=account_id), actor)
    return True


def _check_strategy(strategy_id: int) -> None:
    if Strategy.objects.filter(id=strategy_id, is_drill=True).exists():
        raise DrillNotTraded(strategy_id=strategy_id)


def _record(row: Subscription, actor: str, request: Request | None = None) -> None:
    record(
        names.POLICY_CHANGED,
        subject=subject_of(Subscription, row.pk),
        trace_id=request.trace_id if request else trace_mint(),
        actor=actor,
        detail={
            "strategy_id": row.strategy_id,
            "account_id": row.account_id,
            "is_active": row.is_active,
            "lots_default": row.lots_default,
            "deviation_points": row.deviation_points,
            "spread_points_max": row.spread_points_max,
        },
    )
