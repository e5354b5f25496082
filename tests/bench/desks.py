"""The desk side of the queue's bench, in a Django process of its own.

python -m tests.bench.desks seed 50         desks, each a strategy, an account and a key
python -m tests.bench.desks stage 10 8      so many orders a second, for so many seconds
python -m tests.bench.desks time 40         what a poll and a staging take, and their plans
"""

import json
import random
import statistics
import sys
import time
from typing import Any

import django

django.setup()

from datetime import timedelta  # noqa: E402
from decimal import Decimal  # noqa: E402
from uuid import uuid4  # noqa: E402

from django.db import connection, transaction  # noqa: E402

from execution.models import BrokerAccount, ExecutorKey, Subscription, SymbolMap  # noqa: E402
from execution.rules.messages import ExecutorCaller, Program  # noqa: E402
from execution.services.accounts import account_create  # noqa: E402
from execution.services.keys import key_issue  # noqa: E402
from execution.services.leases import order_lease  # noqa: E402
from execution.services.staging import decision_stage  # noqa: E402
from execution.services.subscriptions import subscription_create  # noqa: E402
from execution.services.symbols import symbol_map_confirm, symbol_map_propose  # noqa: E402
from fusion_project.events.clock import now  # noqa: E402
from signals.intents.legs import Leg, Size, Target  # noqa: E402
from signals.models import Alert, Decision, Strategy  # noqa: E402
from signals.services.strategies import strategy_create  # noqa: E402

_NAME = "bench desk"
_EURUSD = "EURUSD"
_SHEET = {
    "digits": 5,
    "tick_size": Decimal("0.00001"),
    "tick_value": Decimal(1),
    "contract_size": Decimal(100_000),
    "lot_min": Decimal("0.01"),
    "lot_step": Decimal("0.01"),
    "lot_max": Decimal(100),
}
# The two reads that look at an account's orders, of every poll and every staging.
_PLANS = {
    "poll": "SELECT * FROM execution_order WHERE account_id = {account} AND state = 'staged'"
    " AND needs_minor <= 2 ORDER BY id FOR UPDATE SKIP LOCKED",
    "staging": "SELECT count(*) FROM execution_order WHERE account_id = {account}"
    " AND verb = 'entry' AND staged_at > events_now() - interval '60 seconds'"
    " AND state <> 'rejected'",
}


def seed(count: int) -> list[str]:
    """Make desks; return `<login> <key>` of each."""
    return [_desk_make(uuid4().hex[:12]) for _ in range(count)]


@transaction.atomic
def _desk_make(name: str) -> str:
    strategy = strategy_create(slug=f"desk-{name}", name=name, actor="system")
    account = account_create(
        name=f"{_NAME} {name}",
        server="Bench",
        login=name,
        currency="USD",
        book="paper",
        order_lots_max=Decimal(10_000),
        open_lots_max=Decimal(1_000_000),
        entries_per_minute_max=1_000_000,
        actor="system",
    )
    BrokerAccount.objects.filter(id=account.id).update(balance=10_000, equity=10_000)
    row = symbol_map_propose(account_id=account.id, instrument=_EURUSD, broker_symbol=_EURUSD)
    SymbolMap.objects.filter(id=row.id).update(**_SHEET)
    symbol_map_confirm(
        symbol_map_id=row.id, instrument=_EURUSD, broker_symbol=_EURUSD, actor="system"
    )
    subscription_create(strategy_id=strategy.id, account_id=account.id)
    return f"{name} {key_issue(account_id=account.id, label='bench', actor='system').text}"


def _decide(strategy: Strategy) -> int:
    """An approved entry, as fusion leaves it."""
    moment, trace_id = now(), uuid4().hex
    alert = Alert.objects.create(
        strategy=strategy,
        delivery_id=0,
        dialect="df.signal",
        kind="trade",
        intent="{}",
        body_sha256="0" * 64,
        grade="A",
        trace_id=trace_id,
        received_at=moment,
    )
    leg = Leg(
        verb="entry",
        side="buy",
        symbol_raw=_EURUSD,
        size=Size("lots", Decimal("0.01")),
        sl=Target("price", Decimal("1.09500")),
    )
    decision = Decision.objects.create(
        alert=alert,
        strategy=strategy,
        leg_no=0,
        verb="entry",
        side="buy",
        instrument=_EURUSD,
        leg=leg.to_json(),
        trace_id=trace_id,
        ref_price=Decimal("1.10000"),
        state="proposed",
        valid_until=moment + timedelta(seconds=60),
        created_at=moment,
    )
    Decision.objects.filter(id=decision.id).update(
        state="approved",
        inputs="{}",
        p_final=Decimal("0.6"),
        risk_bps=50,
        size_factor=1,
        author="engine:bench",
        decided_at=moment,
        reviews_needed=0,
    )
    return decision.id


def stage(rate: float, seconds: float) -> dict[str, float]:
    """Stage orders on desks picked at random; return when each was committed."""
    following = list(
        Subscription.objects.filter(account__name__startswith=_NAME).select_related("strategy")
    )
    chance, committed, began = random.Random(1), {}, time.time()
    for number in range(int(rate * seconds)):
        time.sleep(max(0.0, began + number / rate - time.time()))
        (order,) = decision_stage(decision_id=_decide(chance.choice(following).strategy))
        committed[str(order.id)] = time.time()
        assert order.state == "staged", order.reason
    return committed


def timing(times: int) -> dict[str, Any]:
    """Milliseconds, median, of a poll that finds nothing and of a staging; and the plans."""
    account = BrokerAccount.objects.filter(name__startswith=_NAME).earliest("id")
    key = ExecutorKey.objects.get(account=account)
    strategy = Subscription.objects.get(account=account).strategy
    caller = ExecutorCaller(key.id, key.prefix, account.id, tuple(key.scopes))
    polls, stagings = [], []
    for _ in range(times):
        decision_id = _decide(strategy)
        began = time.perf_counter()
        decision_stage(decision_id=decision_id)
        stagings.append(time.perf_counter() - began)
    for _ in range(times + 10):
        began = time.perf_counter()
        order_lease(caller=caller, program=Program("bench", "bench"))
        polls.append(time.perf_counter() - began)
    return {
        # The first polls hand out what was staged.
        "poll_ms": round(statistics.median(polls[10:]) * 1000, 3),
        "staging_ms": round(statistics.median(stagings) * 1000, 3),
        "plans": {name: _plan(query, account.id) for name, query in _PLANS.items()},
    }


def _plan(query: str, account_id: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (COSTS OFF) {query.format(account=account_id)}")
        return [row[0] for row in cursor.fetchall()]


if __name__ == "__main__":
    what, *numbers = sys.argv[1:]
    work: dict[str, Any] = {"seed": seed, "stage": stage, "time": timing}
    print(json.dumps(work[what](*(int(number) for number in numbers))))
