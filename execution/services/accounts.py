"""Accounts and subscriptions: who must stand before an order can be staged, and the switch."""

from decimal import Decimal
from typing import Any

from django.db import transaction

from execution.errors import DrillNotTraded, ZoneUnreadable
from execution.models import BrokerAccount, Subscription
from execution.rules.broker_time import BrokerZone
from execution.services.tradable import account_tradable_push, strategy_tradable_push
from execution.traces import trace_mint
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.incidents.services import incident_open
from signals.models import Strategy


def account_create(
    *,
    name: str,
    book: str,
    server: str,
    login: str,
    currency: str,
    margin_mode: str = "hedging",
    currency_digits: int = 2,
    order_lots_max: Decimal = Decimal(10),
    open_lots_max: Decimal = Decimal(50),
    entries_per_minute_max: int = 60,
) -> BrokerAccount:
    """Return the account of (server, login), made if there was none."""
    made: dict[str, Any] = {
        "name": name,
        "book": book,
        "currency": currency,
        "margin_mode": margin_mode,
        "currency_digits": currency_digits,
        "order_lots_max": order_lots_max,
        "open_lots_max": open_lots_max,
        "entries_per_minute_max": entries_per_minute_max,
        "created_at": now,
    }
    account, _ = BrokerAccount.objects.get_or_create(server=server, login=login, defaults=made)
    return account


@transaction.atomic
def account_halt(*, account_id: int, reason: str, actor: str) -> bool:
    """Stop entries on the account; exits pass. False if it was halted already."""
    return _account_switch(account_id, "active", "halted", reason, actor)


@transaction.atomic
def account_resume(*, account_id: int, reason: str, actor: str) -> bool:
    """Allow entries again and forget earlier mismatches. False if it was active already."""
    return _account_switch(account_id, "halted", "active", reason, actor)


@transaction.atomic
def account_halt_by_rule(*, account_id: int, kind: str, note: str, trace_id: str = "") -> None:
    """Halt the account and open an incident of this kind; every further call adds a sighting."""
    account_halt(account_id=account_id, reason=kind, actor="system")
    incident_open(
        kind=kind,
        subject=subject_of(BrokerAccount, account_id),
        note=note,
        trace_id=trace_id or trace_mint(),
    )


def _account_switch(account_id: int, old: str, new: str, reason: str, actor: str) -> bool:
    changed = BrokerAccount.objects.filter(id=account_id, state=old).update(
        state=new, state_reason=reason[:200], mismatches_in_row=0
    )
    if changed:
        account_tradable_push(account_id)
        record(
            names.SWITCH_CHANGED,
            subject=subject_of(BrokerAccount, account_id),
            trace_id=trace_mint(),
            actor=actor,
            detail={"scope": "account", "state": new, "reason": reason},
        )
    return changed == 1


@transaction.atomic
def subscription_create(
    *,
    strategy_id: int,
    account_id: int,
    lots_default: Decimal = Decimal("0.10"),
    deviation_points: int | None = None,
    spread_points_max: int | None = None,
) -> Subscription:
    """Let the account follow the strategy; an existing subscription is made active again.

    The points are those of each order's symbol. Raises DrillNotTraded.
    """
    if Strategy.objects.filter(id=strategy_id, is_drill=True).exists():
        raise DrillNotTraded(strategy_id=strategy_id)
    wanted = {
        "lots_default": lots_default,
        "deviation_points": deviation_points,
        "spread_points_max": spread_points_max,
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
    return subscription


def subscription_end(*, strategy_id: int, account_id: int) -> bool:
    """The account takes no further entries of the strategy. False where it did not follow."""
    following = Subscription.objects.filter(
        strategy_id=strategy_id, account_id=account_id, is_active=True
    )
    return following.update(is_active=False) == 1


@transaction.atomic
def account_clock_set(*, account_id: int, zone: str, actor: str) -> None:
    """Say which zone the broker's clock keeps; '' where nobody knows. Raises ZoneUnreadable.

    Deals that are stored keep the moment that they were given.
    """
    if zone:
        try:
            BrokerZone.read(zone)
        except ValueError as error:
            raise ZoneUnreadable(str(error)) from error
    changed = BrokerAccount.objects.filter(id=account_id).exclude(broker_zone=zone)
    if changed.update(broker_zone=zone):
        record(
            names.POLICY_CHANGED,
            subject=subject_of(BrokerAccount, account_id),
            trace_id=trace_mint(),
            actor=actor,
            detail={"broker_zone": zone},
        )


def account_lock(account_id: int) -> BrokerAccount:
    """Take the account's row lock; staging, leasing, reports and folding stand in its line."""
    return BrokerAccount.objects.select_for_update(no_key=True).get(id=account_id)
