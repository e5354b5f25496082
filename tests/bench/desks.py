"""The desk side of the queue's bench, in a Django process of its own.

python -m tests.bench.desks seed 50         desks, each a strategy, an account and a key
python -m tests.bench.desks stage 10 8 a,b  so many orders a second, for so many seconds, on these
python -m tests.bench.desks time 40         what a poll and a staging take, read, and how
"""

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import django

django.setup()

from datetime import timedelta  # noqa: E402
from decimal import Decimal  # noqa: E402
from uuid import uuid4  # noqa: E402

from django.db import connection, transaction  # noqa: E402

from execution import wire  # noqa: E402
from execution.models import (  # noqa: E402
    BrokerAccount,
    ExecutorKey,
    Order,
    Subscription,
    SymbolMap,
)
from execution.rules.messages import ExecutorCaller, Program  # noqa: E402
from execution.services.accounts import account_create  # noqa: E402
from execution.services.keys import key_issue  # noqa: E402
from execution.services.leases import order_lease  # noqa: E402
from execution.services.reports import reports_record  # noqa: E402
from execution.services.sessions import heartbeat_record  # noqa: E402
from execution.services.staging import decision_stage  # noqa: E402
from execution.services.subscriptions import subscription_create  # noqa: E402
from execution.services.symbols import symbol_map_confirm, symbol_map_propose  # noqa: E402
from fusion_project.events.clock import now  # noqa: E402
from signals.intents.legs import Leg, Size, Target  # noqa: E402
from signals.models import Alert, Decision, Strategy  # noqa: E402
from signals.services.strategies import strategy_create, strategy_secret_issue  # noqa: E402
from tests.bench.executors import PROGRAM, cancelled, heartbeat  # noqa: E402
from tests.bench.past import GROWING  # noqa: E402

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
# A declared edge that clears cost: what is asked is decided, and by the lobes of the database.
_POLICY: dict[str, Any] = {
    "approval": "automatic",
    "prior_p": Decimal("0.6"),
    "prior_strength": Decimal(400),
    "entries_per_minute_max": 10_000,
}
_READ = """
    SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint
      FROM pg_stat_xact_user_tables WHERE relname = ANY(%s)
"""


def seed(count: int) -> list[dict[str, str]]:
    """Make desks; return the login, the key and the webhook of each."""
    return [_desk_make(f"d{uuid4().hex[:11]}") for _ in range(count)]


@transaction.atomic
def _desk_make(name: str) -> dict[str, str]:
    strategy = strategy_create(slug=f"desk-{name}", name=name, actor="system", **_POLICY)
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
    key = key_issue(account_id=account.id, label="bench", actor="system").text
    hook = strategy_secret_issue(strategy_id=strategy.id, actor="system").path
    return {"login": name, "key": key, "hook": hook}


def _decide(strategy: Strategy, verb: str = "entry") -> int:
    """An approved decision, as fusion or the intake leaves it."""
    moment, trace_id, is_entry = now(), uuid4().hex, verb == "entry"
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
    size, sl = Size("lots", Decimal("0.01")), Target("price", Decimal("1.08220"))
    asked: dict[str, Any] = {"side": "buy", "size": size, "sl": sl} if is_entry else {"side": "any"}
    decision = Decision.objects.create(
        alert=alert,
        strategy=strategy,
        leg_no=0,
        verb=verb,
        side=asked["side"],
        instrument=_EURUSD,
        leg=Leg(verb=verb, symbol_raw=_EURUSD, **asked).to_json(),
        trace_id=trace_id,
        scope="" if is_entry else "last",
        ref_price=Decimal("1.08420"),
        state="proposed" if is_entry else "approved",
        author="" if is_entry else "rule:risk_lowering",
        valid_until=moment + timedelta(seconds=60) if is_entry else None,
        created_at=moment,
        decided_at=None if is_entry else moment,
    )
    if is_entry:
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


def stage(rate: int, seconds: int, logins: str) -> dict[str, float]:
    """Stage orders on these desks, picked at random; return when each was committed.

    One that waits for a reason that passes is left out: where more poll than the server answers,
    quotes grow too old to size by.
    """
    rows = Subscription.objects.filter(account__login__in=logins.split(","))
    following = list(rows.select_related("strategy"))
    chance, committed, began = random.Random(1), {}, time.time()
    for number in range(int(rate * seconds)):
        time.sleep(max(0.0, began + number / rate - time.time()))
        for order in _stage(_decide(chance.choice(following).strategy)):
            committed[str(order.id)] = time.time()
            assert order.state == "staged", order.reason
    return committed


def timing(times: int) -> dict[str, Any]:
    """Of a poll that finds nothing, a staging, and an exit that finds nothing: how long each takes.

    Milliseconds, median; rows that it reads of the tables that grow; and how they are found.
    """
    desk = _Desk()
    found: dict[str, Any] = {"ms": {}, "rows": {}, "ways": {}}
    calls: list[tuple[str, Callable[[], int], Callable[[int], Any]]] = [
        ("staging", lambda: _decide(desk.strategy), _stage),
        ("exit", lambda: _decide(desk.strategy, "exit"), _stage),
        ("poll", lambda: 0, desk.poll),
    ]
    for what, make, work in calls:
        if what == "poll":
            desk.clear()
        found["rows"][what], found["ways"][what] = _looked_at(work, make())
        found["ms"][what] = round(statistics.median(_timed(work, make, times)) * 1000, 3)
    return {**found, "account_id": desk.account_id, "strategy_id": desk.strategy.id}


class _Desk:
    """The first desk, and its executor, which has just said hello and what the symbol costs."""

    def __init__(self) -> None:
        account = BrokerAccount.objects.filter(name__startswith=_NAME).earliest("id")
        key = ExecutorKey.objects.get(account=account)
        self.account_id = account.id
        self.strategy = Subscription.objects.get(account=account).strategy
        self.caller = ExecutorCaller(key.id, key.prefix, account.id, tuple(key.scopes))
        heartbeat_record(
            caller=self.caller,
            facts=wire.body_read(json.dumps(heartbeat()).encode(), wire.Heartbeat),
        )
        self.poll()

    def poll(self, _: int = 0) -> Any:
        return order_lease(caller=self.caller, program=Program(**PROGRAM))

    def clear(self) -> None:
        """Take what is staged, and have it cancelled, until there is nothing."""
        while orders := self.poll().orders:
            told = [cancelled(uuid4().hex, str(one.id), one.fence) for one in orders]
            raws = [json.dumps({**one, "seq": seq}).encode() for seq, one in enumerate(told, 1)]
            reports_record(caller=self.caller, instance=PROGRAM["instance"], minor=2, raws=raws)


def _stage(decision_id: int) -> list[Order]:
    return decision_stage(decision_id=decision_id)


def _timed(work: Callable[[int], Any], make: Callable[[], int], times: int) -> list[float]:
    taken = []
    for _ in range(times):
        argument = make()
        began = time.perf_counter()
        work(argument)
        taken.append(time.perf_counter() - began)
    return taken


def _looked_at(work: Callable[[int], Any], argument: int) -> tuple[int, list[str]]:
    """Rows that one call reads of the tables that grow, and how its own statements find them.

    What functions of the database read counts as well; how, is theirs to know.
    """
    asked: list[tuple[str, Any]] = []

    def keep(execute: Any, query: str, values: Any, many: bool, context: Any) -> Any:
        asked.append((query, values))
        return execute(query, values, many, context)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_READ, [list(GROWING)])
        before = cursor.fetchone()[0]
        with connection.execute_wrapper(keep):
            work(argument)
        cursor.execute(_READ, [list(GROWING)])
        rows = cursor.fetchone()[0] - before
        ways = {way for query, values in asked for way in _ways(cursor, query, values)}
    return rows, sorted(ways)


def _ways(cursor: Any, query: str, values: Any) -> list[str]:
    if query.split()[0] not in ("SELECT", "UPDATE") or not any(one in query for one in GROWING):
        return []
    cursor.execute(f"EXPLAIN (COSTS OFF, FORMAT JSON) {query}", values)
    (found,) = cursor.fetchone()[0]
    return list(_nodes(found["Plan"]))


def _nodes(plan: dict[str, Any], above: str = "") -> Iterator[str]:
    table, index = plan.get("Relation Name", above), plan.get("Index Name", "")
    if table in GROWING and (index or plan["Node Type"] == "Seq Scan"):
        yield f"{plan['Node Type']} of {table}" + (f" by {index}" if index else "")
    for one in plan.get("Plans", []):
        yield from _nodes(one, table)


if __name__ == "__main__":
    what, *words = sys.argv[1:]
    does: dict[str, Any] = {"seed": seed, "stage": stage, "time": timing}
    print(json.dumps(does[what](*(int(one) if one.isdecimal() else one for one in words))))
