"""Paper twins of live accounts: begun, kept in step with what the live account follows, ended."""

from typing import Any

from django.db import IntegrityError, transaction

from execution.errors import TwinFollows, TwinUnfit
from execution.models import BrokerAccount, Subscription, Twin
from execution.services.accounts import account_lock
from execution.services.following import follow, follow_end
from execution.traces import trace_mint
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of

COPIED = ("lots_default", "size_mode", "size_value", "deviation_points", "spread_points_max")


@transaction.atomic
def twin_begin(*, account_id: int, live_id: int, actor: str) -> Twin:
    """Let a paper account follow what a live one follows, from now on. Raises TwinUnfit."""
    locked = {one: account_lock(one) for one in sorted({account_id, live_id})}
    account, live = locked[account_id], locked[live_id]
    _check(account, live)
    try:
        with transaction.atomic():
            twin = Twin.objects.create(account=account, live=live, began_at=now(), actor=actor)
    except IntegrityError as error:
        raise TwinUnfit("One of the two has a twin already.") from error
    _align(twin, actor)
    _record(twin, actor, is_active=True)
    return twin


@transaction.atomic
def twin_end(*, account_id: int, actor: str) -> bool:
    """Let the paper account go its own way. False where it was no twin."""
    twin = Twin.objects.filter(account_id=account_id, ended_at=None).first()
    if twin is None:
        return False
    changed = Twin.objects.filter(id=twin.id, ended_at=None)
    if changed.update(ended_at=now(), ended_by=actor) != 1:
        return False
    _record(twin, actor, is_active=False)
    return True


def twin_check_free(account_id: int) -> None:
    """Raise TwinFollows where the account's subscriptions are those of its live account."""
    twin = Twin.objects.select_related("live").filter(account_id=account_id, ended_at=None).first()
    if twin is not None:
        raise TwinFollows(f"It is the twin of {twin.live.name}: change that account, or end it.")


def twin_align_all(live_id: int, actor: str) -> None:
    """Let the twin of a live account, where it has one, follow what that follows now."""
    for twin in Twin.objects.filter(live_id=live_id, ended_at=None):
        _align(twin, actor)


def _check(account: BrokerAccount, live: BrokerAccount) -> None:
    if account.book != "paper" or live.book != "live":
        raise TwinUnfit("A paper account is the twin of a live one.")
    if account.currency != live.currency:
        raise TwinUnfit(f"They keep {account.currency} and {live.currency}.")
    if account.margin_mode != live.margin_mode:
        raise TwinUnfit(f"One is {account.margin_mode}, the other {live.margin_mode}.")


def _align(twin: Twin, actor: str) -> None:
    wanted = {one.strategy_id: _copied(one) for one in _following(twin.live_id)}
    held = {one.strategy_id: _copied(one) for one in _following(twin.account_id)}
    for strategy_id, terms in wanted.items():
        if held.get(strategy_id) != terms:
            follow(strategy_id=strategy_id, account_id=twin.account_id, actor=actor, **terms)
    for strategy_id in held.keys() - wanted.keys():
        follow_end(strategy_id=strategy_id, account_id=twin.account_id, actor=actor)


def _following(account_id: int) -> list[Subscription]:
    return list(Subscription.objects.filter(account_id=account_id, is_active=True))


def _copied(row: Subscription) -> dict[str, Any]:
    return {name: getattr(row, name) for name in COPIED}


def _record(twin: Twin, actor: str, *, is_active: bool) -> None:
    record(
        names.POLICY_CHANGED,
        subject=subject_of(BrokerAccount, twin.account_id),
        trace_id=trace_mint(),
        actor=actor,
        detail={"twin_of": twin.live_id, "is_active": is_active},
    )
