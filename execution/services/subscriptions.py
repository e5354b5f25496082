"""What people decide of subscriptions: an account follows a strategy, and its twin with it."""

from decimal import Decimal

from django.db import transaction

from execution.models import Subscription
from execution.services.accounts import account_lock
from execution.services.following import follow, follow_end
from execution.services.twins import twin_align_all, twin_check_free
from fusion_project.text.actors import SYSTEM


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
) -> Subscription:
    """Let the account follow the strategy; an existing subscription is made active again.

    The points are those of each order's symbol. `size_mode` is one of `SIZE_MODES`: the account's
    own size of an entry, '' for none; the smallest of all sizes wins. Raises DrillNotTraded,
    TwinFollows.
    """
    account_lock(account_id)
    twin_check_free(account_id)
    subscription = follow(
        strategy_id=strategy_id,
        account_id=account_id,
        lots_default=lots_default,
        deviation_points=deviation_points,
        spread_points_max=spread_points_max,
        size_mode=size_mode,
        size_value=size_value,
        actor=actor,
    )
    twin_align_all(account_id, actor)
    return subscription


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
