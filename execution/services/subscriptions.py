"""What people decide of subscriptions: one person says so of paper, two of a live account.

An account follows a strategy, and its twin with it.
"""

from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from execution.errors import SecondPersonNeeded
from execution.models import BrokerAccount, Subscription
from execution.services.accounts import account_lock
from execution.services.following import follow, follow_check, follow_end
from execution.services.twins import twin_align_all, twin_check_free
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
    request that two people wanted (`subscription_ask`). Raises DrillNotTraded,
    SecondPersonNeeded, TwinFollows.
    """
    account = account_lock(account_id)
    twin_check_free(account_id)
    if request is None and account.book == LIVE:
        raise SecondPersonNeeded("Two people must want that a live account follows a strategy.")
    subscription = follow(
        strategy_id=strategy_id,
        account_id=account_id,
        lots_default=lots_default,
        deviation_points=deviation_points,
        spread_points_max=spread_points_max,
        size_mode=size_mode,
        size_value=size_value,
        actor=actor,
        request=request,
    )
    twin_align_all(account_id, actor)
    return subscription


def subscription_ask(*, reason: str, actor: str, **fields: Any) -> Request:
    """Ask a second person to let a live account follow; `fields` as of `subscription_create`.

    Raises DrillNotTraded, and as `request_ask`.
    """
    subject = subject_of(BrokerAccount, fields["account_id"])
    return request_ask(kind=SUBSCRIBE, subject=subject, payload=fields, reason=reason, actor=actor)


def subscription_check(payload: Payload) -> None:
    """Refuse a strategy that no account follows."""
    follow_check(payload["strategy_id"])


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
    """The account takes no further entries of the strategy. False where it did not follow.

    Raises TwinFollows.
    """
    account_lock(account_id)
    twin_check_free(account_id)
    has_ended = follow_end(strategy_id=strategy_id, account_id=account_id, actor=actor)
    twin_align_all(account_id, actor)
    return has_ended
