"""The claim: which staged orders an executor gets now, each raised to a new fence.

Candidates are locked, entries among them judged, and one conditional UPDATE hands out what may go.
That statement asks the switches once more; whoever holds an older fence can move nothing any more.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from execution.models import BrokerAccount, Order
from execution.risk.facts import EntryFacts
from execution.risk.rules import Moment, judge
from execution.rules import states
from execution.rules.messages import ExecutorCaller
from execution.selectors.entry_facts import entry_facts, orders_asked
from execution.services.switches import claims_hold

LEASE_SECONDS = 10
LEASES_PER_POLL_MAX = 20

# An amend waits until its entry rests at the broker. `execution_order_rests` says the same.
_TARGETS_AT_REST = Order.objects.filter(
    id=OuterRef("target_order"), state__in=(states.WORKING, states.PARTIALLY_FILLED)
).exclude(order_type="market")

# The second road of the rules that are switches: what must hold at the very commit.
_LEASE = """
    UPDATE execution_order AS o
       SET state = 'leased', fence = o.fence + 1, leased_at = %(now)s,
           lease_until = %(until)s, lease_key_id = %(key_id)s, instance = %(instance)s
      FROM unnest(%(ids)s::bigint[], %(fences)s::bigint[]) AS judged(id, fence),
           execution_brokeraccount account
     WHERE o.id = judged.id AND o.fence = judged.fence AND o.state = 'staged'
       AND account.id = o.account_id
       AND o.needs_minor <= account.instance_minor
       AND (o.verb <> 'entry' OR (
            execution_entry_may_go(o.account_id, o.strategy_id, o.instrument)
            AND (num_nonnulls(o.sl, o.sl_distance) > 0 OR EXISTS (
                SELECT FROM signals_strategy s JOIN signals_strategypolicy p ON p.id = s.policy_id
                 WHERE s.id = o.strategy_id AND p.stop = 'optional'))
            AND (o.valid_until IS NULL OR o.valid_until > %(now)s)
            AND (o.not_before IS NULL OR o.not_before <= %(now)s)))
       AND (o.target_order_id IS NULL OR execution_order_rests(o.target_order_id))
 RETURNING o.id
"""


class EntryJudge:
    """Judges entry orders of one account, whose row lock is held; facts are gathered once a poll.

    A switch turned after that waits for this poll where it hands out entries (`claims_hold`); a
    permit is good for seconds that count from the sending of the poll.
    """

    def __init__(self, account: BrokerAccount, at: datetime) -> None:
        self.account = account
        self.at = at
        self._facts: dict[int, EntryFacts] = {}

    def passing(self, entries: Sequence[Order], moment: Moment) -> list[Order]:
        """Return those that no rule of the moment refuses or makes wait, in order."""
        missing = [order for order in entries if order.id not in self._facts]
        if missing:
            facts = entry_facts(orders_asked(missing, self.account), at=self.at)
            self._facts |= zip((order.id for order in missing), facts, strict=True)
        return [order for order in entries if judge(self._facts[order.id], moment).may_go]


def order_claim(
    *, entry_judge: EntryJudge, caller: ExecutorCaller, instance: str
) -> frozenset[int]:
    """Lease what may go, exits first, and return the ids. Call under the account's row lock.

    No staged order can keep back those behind it: only what may go counts towards the limit. What
    may not go now, or cannot be read by this executor, stays staged, and an entry expires.
    """
    account = entry_judge.account
    candidates = Order.objects.filter(
        account=account, state=states.STAGED, needs_minor__lte=account.instance_minor
    )
    candidates = candidates.filter(Q(target_order=None) | Exists(_TARGETS_AT_REST))
    candidates = candidates.filter(Q(not_before=None) | Q(not_before__lte=entry_judge.at))
    if candidates.filter(verb="entry").exists():
        claims_hold()
    orders = list(candidates.order_by("id").select_for_update(skip_locked=True))
    chosen = [order for order in orders if order.verb != "entry"][:LEASES_PER_POLL_MAX]
    entries = [order for order in orders if order.verb == "entry"]
    chosen += _entries_that_may_go(entry_judge, entries, LEASES_PER_POLL_MAX - len(chosen))
    return _lease(chosen, caller, instance, entry_judge.at) if chosen else frozenset()


def _entries_that_may_go(entry_judge: EntryJudge, entries: list[Order], most: int) -> list[Order]:
    """Return the first `most` that may go. Of a long queue no more are judged than it takes."""
    found: list[Order] = []
    for first in range(0, len(entries), LEASES_PER_POLL_MAX):
        if len(found) >= most:
            break
        some = entries[first : first + LEASES_PER_POLL_MAX]
        found += entry_judge.passing(some, Moment.CLAIM)
    return found[:most]


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
