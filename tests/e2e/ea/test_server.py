"""The server is slow, wrong, away or somebody else's; the Expert Advisor trades nothing by luck."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import OperationalError

from execution.models import Position
from execution.rules.switches import EVERYTHING, account_target, strategy_target
from fusion_project.front.waiting import Patience
from tests.builders.switches import account_halt, stop
from tests.e2e.ea.bench import WARM_UP, Bench
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]


@pytest.mark.parametrize("call", ["poll", "reports", "heartbeat"])
def test_a_lost_answer_gives_the_same_again_and_one_deal(bench: Bench, call: str) -> None:
    bench.web(call, 5202, when="after", times=2, ms=3000)
    entry = bench.stage()
    bench.filled(entry, 60)
    assert len(bench.deals_of(entry)) == 1
    bench.seconds(10)
    bench.check()


@pytest.mark.parametrize("status", [301, 400, 404, 429, 500, 502, 503, 5200, 5201, 5203, 1001])
def test_no_answer_that_counts_trades_nothing_and_is_gone_over(bench: Bench, status: int) -> None:
    bench.web("poll", status, times=4)
    entry = bench.stage()
    bench.filled(entry, 60)
    bench.seconds(10)
    bench.check()


def test_a_lease_that_ended_comes_back_and_is_traded_once(bench: Bench) -> None:
    """The answer that handed it out was lost: it is told as never sent, and handed out anew."""
    bench.web("poll", 5202, when="after", ms=3000)
    entry = bench.stage(valid_seconds=300)
    bench.until(lambda: bench.state(entry) == "leased")
    bench.kill()
    bench.pass_time(20)
    bench.start()
    bench.filled(entry, 120)
    entry.refresh_from_db()
    assert entry.fence == 2
    assert len(bench.deals_of(entry)) == 1
    bench.end()


def test_a_server_that_is_away_takes_resting_entries_back_and_leaves_stops(bench: Bench) -> None:
    entry = bench.stage(sl="1.09000")
    resting = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    bench.until(lambda: bench.state(resting) == "working")
    bench.web("", 5201, times=10_000)
    bench.seconds(58)
    assert len(bench.truth().orders) == 1
    bench.seconds(10)
    assert bench.truth().orders == []
    assert bench.truth().positions[0]["sl"] == "1.09"
    bench.broker.say("forget_faults")
    bench.until(lambda: bench.state(resting) == "cancelled", 60)
    assert bench.state(entry) == "filled"
    bench.seconds(6)
    bench.check()


def test_a_day_offline_is_told_when_the_server_is_back(bench: Bench) -> None:
    bench.kill()
    for hour in range(1, 25):
        moment = bench.now + timedelta(hours=hour)
        bench.broker.say(
            "trade", at=round(moment.timestamp() * 1000), type="buy", symbol="EURUSD", volume="0.01"
        )
    bench.pass_time(24 * 3600 + 60)
    bench.start()
    bench.until(lambda: Position.objects.count() == 24, 60)
    bench.seconds(10)
    bench.check()


def test_a_halted_account_sends_nothing_and_resting_entries_are_taken_back(bench: Bench) -> None:
    resting = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    bench.until(lambda: bench.state(resting) == "working")
    entry = bench.stage()
    account_halt(bench.desk.account.id)
    bench.seconds(5)
    assert bench.truth().orders == []
    assert bench.truth().positions == []
    assert bench.state(entry) != "filled"
    bench.seconds(6)
    assert bench.state(resting) == "cancelled"
    bench.end()


def test_a_server_that_cannot_store_says_when_to_come_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 with Retry-After, as a database that is away makes it."""
    asked = []

    def away(**given: object) -> None:
        asked.append(bench.now)
        raise OperationalError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr("execution.api.order_lease", away)
        entry = bench.stage(valid_seconds=300)
        bench.seconds(20)
    assert bench.truth().positions == []
    assert 1 <= len(asked) < 15, "it does not hammer"
    bench.filled(entry, 60)
    bench.end()


def test_a_server_that_is_away_for_minutes_is_told_all_that_happened(bench: Bench) -> None:
    entry = bench.stage(sl="1.09000")
    bench.filled(entry)
    bench.web("", 5201, times=10_000)
    bench.seconds(100)
    bench.broker.trade(type="buy", symbol="EURUSD", volume=Decimal("0.20"))
    bench.price("1.08900")
    bench.seconds(200)
    assert len(bench.truth().positions) == 1
    bench.broker.say("forget_faults")
    bench.until(lambda: Position.objects.get(order=entry).closed_at is not None, 60)
    bench.seconds(20)
    bench.check()


def test_while_no_handler_works_the_program_goes_on(bench_make: Callable[..., Bench]) -> None:
    """Workers are killed: orders that were staged are traded and told, the rest follows later."""
    bench = bench_make()
    bench.seconds(WARM_UP)
    first = bench.stage()
    bench.works = False
    bench.filled(first)
    closing = bench.stage("exit", side="sell")
    bench.filled(closing)
    bench.seconds(30)
    bench.works = True
    bench.end()


@pytest.mark.parametrize("scope", ["account", "strategy", "everything"])
def test_after_a_stop_no_entry_is_sent_and_exits_go_on(bench: Bench, scope: str) -> None:
    entry = bench.stage()
    bench.filled(entry)
    late = bench.stage()
    targets = {
        "account": account_target(bench.desk.account.id),
        "strategy": strategy_target(bench.desk.strategy.pk),
        "everything": EVERYTHING,
    }
    stop(targets[scope])
    bench.seconds(8)
    assert bench.deals_of(late) == []
    closing = bench.stage("exit", side="sell", trace_id=entry.trace_id)
    bench.filled(closing)
    bench.seconds(6)
    assert bench.truth().positions == []
    bench.end()


def test_waiting_lets_the_server_say_when_there_is_work(
    bench_make: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("execution.api._patience", lambda request: Patience(is_offered=True))
    bench = bench_make(Wait=True)
    bench.seconds(WARM_UP)
    entry = bench.stage()
    bench.filled(entry)
    bench.web("wait", 503, times=3)
    bench.seconds(20)
    closing = bench.stage("exit", side="sell")
    bench.filled(closing)
    bench.end()
