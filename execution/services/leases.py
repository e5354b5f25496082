"""Handing out orders: a lease with a fencing number, served again until it ends.

The claim is one conditional UPDATE that reads the switches itself; whoever holds an older fence
can move nothing any more.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from execution.errors import InstanceConflict
from execution.models import BrokerAccount, ExecutorKey, Order
from execution.rules import states
from execution.rules.messages import ExecutorCaller
from execution.services.orders import order_event, order_move
from fusion_project.events.clock import now

LEASE_SECONDS = 10
PERMIT_SECONDS = 3
ACKNOWLEDGED_SILENT_SECONDS = 60
LEASES_PER_POLL_MAX = 20
INSTANCE_HOLD_SECONDS = 15

# Entries need an active account and strategy, time left, and, for a reversal, a flat book: no
# position and no other order of the strategy on the symbol. What lowers risk needs nothing.
# The CTE is materialized: as a plain subquery the planner may run it more than once, each time
# skipping what it locked before, and lease more than the limit.
_CLAIM = """
    WITH ready AS MATERIALIZED (
        SELECT waiting.id
          FROM execution_order waiting
          JOIN execution_brokeraccount account ON account.id = waiting.account_id
          JOIN signals_strategy strategy ON strategy.id = waiting.strategy_id
         WHERE waiting.account_id = %(account_id)s AND waiting.state = 'staged'
           AND (waiting.event <> 'entry' OR (
                account.state = 'active' AND strategy.is_active
                AND (waiting.valid_until IS NULL OR waiting.valid_until > %(now)s)
                AND (NOT waiting.waits_for_flat OR (
                    NOT EXISTS (
                        SELECT 1 FROM execution_position held
                         WHERE held.account_id = waiting.account_id
                           AND held.strategy_id = waiting.strategy_id
                           AND held.instrument = waiting.instrument AND held.closed_at IS NULL)
                    AND NOT EXISTS (
                        SELECT 1 FROM execution_order other
                         WHERE other.account_id = waiting.account_id
                           AND other.strategy_id = waiting.strategy_id
                           AND other.instrument = waiting.instrument AND other.id <> waiting.id
                           AND other.state <> ALL(%(ends)s)
                           AND NOT (other.waits_for_flat AND other.id > waiting.id))))))
         ORDER BY (waiting.event = 'entry'), waiting.id
         LIMIT %(limit)s
           FOR UPDATE OF waiting SKIP LOCKED)
    UPDATE execution_order AS o
       SET state = 'leased', fence = o.fence + 1, leased_at = %(now)s,
           lease_until = %(until)s, lease_key_id = %(key_id)s, instance = %(instance)s
      FROM ready
     WHERE o.id = ready.id AND o.state = 'staged'
 RETURNING o.id
"""


@dataclass(frozen=True, slots=True)
class Desired:
    """A command that is repeated until a report closes it: cancel or lookup."""

    order: Order
    command: str


@dataclass(frozen=True, slots=True)
class PollAnswer:
    """What one poll hands out; `permitted` are the entries that may be sent under their fence."""

    orders: list[Order]
    new_ids: frozenset[int]
    permitted: list[Order]
    desired: list[Desired]
    entries_allowed: bool
    server_time: datetime


@transaction.atomic
def order_lease(*, caller: ExecutorCaller, instance: str) -> PollAnswer:
    """Lease what is ready and serve again what this instance holds. Raises InstanceConflict."""
    moment = now()
    account = instance_claim(caller=caller, instance=instance, moment=moment)
    new_ids = _claim(caller, instance, moment)
    held = (
        Order.objects.filter(
            account=account,
            instance=instance,
            lease_key_id=caller.key_id,
            state__in=(states.LEASED, states.ACKNOWLEDGED),
        )
        .select_related("strategy")
        .order_by("id")
    )
    orders = [
        order
        for order in held
        if order.state == states.LEASED and order.lease_until and order.lease_until > moment
    ]
    for order in orders:
        if order.id in new_ids:
            order_event(order, actor=caller.actor, instance=instance)
    allowed = account.state == "active"
    permitted = [order for order in held if allowed and _is_permitted(order, orders, moment)]
    return PollAnswer(orders, new_ids, permitted, _desired(account), allowed, moment)


def instance_claim(*, caller: ExecutorCaller, instance: str, moment: datetime) -> BrokerAccount:
    """Hold the account for one executor instance; another may take over after 15 s of silence.

    The update takes the account's row lock for the rest of the transaction.
    """
    silent_since = moment - timedelta(seconds=INSTANCE_HOLD_SECONDS)
    free = Q(instance__in=("", instance)) | Q(instance_seen_at__lt=silent_since)
    rows = BrokerAccount.objects.filter(free, id=caller.account_id)
    if rows.update(instance=instance, instance_seen_at=moment, last_seen_at=moment) != 1:
        raise InstanceConflict(account_id=caller.account_id, instance=instance)
    ExecutorKey.objects.filter(id=caller.key_id).exclude(instance=instance).update(
        instance=instance
    )
    return BrokerAccount.objects.get(id=caller.account_id)


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
    return int(order_move(order=order, new=states.EXPIRED, actor="system", reason="too_late"))


def _claim(caller: ExecutorCaller, instance: str, moment: datetime) -> frozenset[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "now": moment,
                "until": moment + timedelta(seconds=LEASE_SECONDS),
                "key_id": caller.key_id,
                "instance": instance,
                "account_id": caller.account_id,
                "ends": sorted(states.ORDER_ENDS),
                "limit": LEASES_PER_POLL_MAX,
            },
        )
        return frozenset(row[0] for row in cursor.fetchall())


def _is_permitted(order: Order, leased: list[Order], moment: datetime) -> bool:
    """An entry may be sent if it is held here, its time is left and its strategy is on."""
    if order.event != "entry" or not order.strategy.is_active:
        return False
    if order.valid_until is not None and order.valid_until <= moment:
        return False
    return order.state == states.ACKNOWLEDGED or order in leased


def _desired(account: BrokerAccount) -> list[Desired]:
    commands = {states.CANCEL_REQUESTED: "cancel", states.UNKNOWN: "lookup"}
    rows = Order.objects.filter(account=account, state__in=commands).order_by("id")
    return [Desired(order, commands[order.state]) for order in rows]
