"""Handing out orders: a lease with a fencing number, served again until it ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from execution.models import BrokerAccount, Order
from execution.risk.rules import Moment
from execution.rules import states
from execution.rules.messages import ExecutorCaller, Program
from execution.rules.switches import ACTIVE, HALTED
from execution.selectors.switches import account_state
from execution.services.claims import EntryJudge, order_claim
from execution.services.instances import instance_claim
from execution.services.orders import order_event, order_move
from execution.services.withdrawing import halted_withdraw
from fusion_project.events.clock import now

PERMIT_SECONDS = 3
ACKNOWLEDGED_SILENT_SECONDS = 60
KILL_SINCE_MINOR = 2


@dataclass(frozen=True, slots=True)
class Desired:
    """A command that is repeated until a report closes it: cancel or lookup."""

    order: Order
    command: str


@dataclass(frozen=True, slots=True)
class PollAnswer:
    """What one poll hands out; `permitted` are the entries that may be sent under their fence.

    `is_killed`: entries that rest at the broker shall go, told to whoever reads it (minor 2).
    """

    orders: list[Order]
    new_ids: frozenset[int]
    permitted: list[Order]
    desired: list[Desired]
    entries_allowed: bool
    server_time: datetime
    is_killed: bool = False


@transaction.atomic
def order_lease(*, caller: ExecutorCaller, program: Program) -> PollAnswer:
    """Lease what is ready and serve again what this instance holds. Raises InstanceConflict.

    A program that knows less than the one before it on the account is served what it can read.
    """
    moment = now()
    account = instance_claim(caller=caller, program=program, moment=moment)
    entry_judge = EntryJudge(account, moment)
    new_ids = order_claim(entry_judge=entry_judge, caller=caller, instance=program.instance)
    held = Order.objects.filter(
        account=account,
        instance=program.instance,
        lease_key_id=caller.key_id,
        state__in=(states.LEASED, states.ACKNOWLEDGED),
        needs_minor__lte=account.instance_minor,
    ).order_by("id")
    orders = [
        order
        for order in held
        if order.state == states.LEASED and order.lease_until and order.lease_until > moment
    ]
    for order in orders:
        if order.id in new_ids:
            order_event(order, actor=caller.actor, instance=program.instance)
    entries = [
        order
        for order in held
        if order.verb == "entry" and (order.state == states.ACKNOWLEDGED or order in orders)
    ]
    permitted = entry_judge.passing(entries, Moment.PERMIT)
    halted_withdraw(account=account)
    state = account_state(account.id)
    is_killed = state == HALTED and account.instance_minor >= KILL_SINCE_MINOR
    desired, allowed = _desired(account), state == ACTIVE
    return PollAnswer(orders, new_ids, permitted, desired, allowed, moment, is_killed)


def lease_expire_all() -> int:
    """Orders whose lease ended unacknowledged become `unknown`: nobody knows if they were sent.

    So do acknowledged ones that stay silent for a minute: an executor that lost its memory would
    keep an exit for ever. One that still has the order says "never sent", and gets it anew.
    """
    return sum(
        _lease_expire(order_id)
        for order_id in Order.objects.filter(_is_silent(now())).values_list("id", flat=True)
    )


def _is_silent(moment: datetime) -> Q:
    silent_since = moment - timedelta(seconds=ACKNOWLEDGED_SILENT_SECONDS)
    return Q(state=states.LEASED, lease_until__lte=moment) | Q(
        state=states.ACKNOWLEDGED, acknowledged_at__lte=silent_since
    )


def order_expire_due() -> int:
    """Staged entries past their `valid_until` expire."""
    late = Order.objects.filter(state=states.STAGED, valid_until__lte=now())
    return sum(_order_expire(order_id) for order_id in late.values_list("id", flat=True))


@transaction.atomic
def _lease_expire(order_id: int) -> int:
    rows = Order.objects.select_for_update(no_key=True).filter(_is_silent(now()), id=order_id)
    order = rows.first()
    if order is None:
        return 0
    reason = "lease_ended" if order.state == states.LEASED else "executor_silent"
    return int(order_move(order=order, new=states.UNKNOWN, actor="system", reason=reason))


@transaction.atomic
def _order_expire(order_id: int) -> int:
    order = Order.objects.select_for_update(no_key=True).get(id=order_id)
    if order.state != states.STAGED or order.valid_until is None or order.valid_until > now():
        return 0
    return int(
        order_move(
            order=order,
            new=states.EXPIRED,
            actor="system",
            reason="too_late",
            message=_why_not_read(order),
        )
    )


def _why_not_read(order: Order) -> str:
    """Say so where it waited for an executor that reads it; it was handed to none below that."""
    reads = order.account.instance_minor
    if order.needs_minor <= reads:
        return ""
    return f"needs an executor of minor {order.needs_minor}; the account's reads {reads}"


def _desired(account: BrokerAccount) -> list[Desired]:
    commands = {states.CANCEL_REQUESTED: "cancel", states.UNKNOWN: "lookup"}
    rows = Order.objects.filter(account=account, state__in=commands).order_by("id")
    return [Desired(order, commands[order.state]) for order in rows]
