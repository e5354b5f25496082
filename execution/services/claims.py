"""The claim: which staged orders an executor gets now, each raised to a new fence.

Candidates are locked, entries among them judged, and one conditional UPDATE hands out what may go.
That statement asks the switches once more; whoever holds an older fence can move nothing any more.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from execution.models import BrokerAccount, Order
from execution.risk.rules import Moment, judge
from execution.rules import states
from execution.rules.messages import ExecutorCaller
from execution.selectors.entry_facts import entry_facts, orders_asked

LEASE_SECONDS = 10
LEASES_PER_POLL_MAX = 20

# The second road of the rules that are switches: what must hold at the very commit.
_LEASE = """
    UPDATE execution_order AS o
       SET state = 'leased', fence = o.fence + 1, leased_at = %(now)s,
           lease_until = %(until)s, lease_key_id = %(key_id)s, instance = %(instance)s
      FROM unnest(%(ids)s::bigint[], %(fences)s::bigint[]) AS judged(id, fence),
           execution_brokeraccount account, signals_strategy strategy
     WHERE o.id = judged.id AND o.fence = judged.fence AND o.state = 'staged'
       AND account.id = o.account_id AND strategy.id = o.strategy_id
       AND (o.event <> 'entry' OR (
            account.state = 'active' AND strategy.is_active
            AND (o.valid_until IS NULL OR o.valid_until > %(now)s)))
 RETURNING o.id
"""


def order_claim(
    *, account: BrokerAccount, caller: ExecutorCaller, instance: str, at: datetime
) -> frozenset[int]:
    """Lease what may go, exits first, and return the ids. Call under the account's row lock.

    No staged order can keep back those behind it: only what may go counts towards the limit. What
    may not go now stays staged, and an entry expires.
    """
    candidates = Order.objects.filter(account=account, state=states.STAGED).order_by("id")
    orders = list(candidates.select_for_update(skip_locked=True))
    lowering = [order for order in orders if order.event != "entry"]
    chosen = lowering[:LEASES_PER_POLL_MAX]
    if left := LEASES_PER_POLL_MAX - len(chosen):
        entries = [order for order in orders if order.event == "entry"]
        chosen += entries_that_pass(entries, account=account, moment=Moment.CLAIM, at=at)[:left]
    return _lease(chosen, caller, instance, at) if chosen else frozenset()


def entries_that_pass(
    entries: list[Order], *, account: BrokerAccount, moment: Moment, at: datetime
) -> list[Order]:
    """Return those entry orders that no rule of the moment refuses or makes wait, in order."""
    if not entries:
        return []
    facts = entry_facts(orders_asked(entries, account), at=at)
    return [
        order for order, known in zip(entries, facts, strict=True) if judge(known, moment).may_go
    ]


def _lease(
    orders: list[Order], caller: ExecutorCaller, instance: str, moment: datetime
) -> frozenset[int]:
    values: dict[str, Any] = {
        "now": moment,
        "until": moment + timedelta(seconds=LEASE_SECONDS),
        "key_id": caller.key_id,
        "instance": instance,
        "ids": [order.id for order in orders],
        "fences": [order.fence for order in orders],
    }
    with connection.cursor() as cursor:
        cursor.execute(_LEASE, values)
        return frozenset(row[0] for row in cursor.fetchall())
