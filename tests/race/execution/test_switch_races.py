"""Switches under load: once a turn is committed, no entry is handed out; exits pass."""

import threading
from itertools import count

import pytest
from django.db import connections, transaction

from execution.models import Order, Switch
from execution.rules.switches import (
    EVERYTHING,
    HALTED,
    account_target,
    instrument_target,
    strategy_target,
)
from fusion_project.events.models import Event
from tests.builders.execution import account_set, desk_make
from tests.builders.switches import stop

pytestmark = pytest.mark.usefixtures("committed_db")
SCOPES = {
    "all": lambda desk: EVERYTHING,
    "account": lambda desk: account_target(desk.account.pk),
    "strategy": lambda desk: strategy_target(desk.strategy.pk),
    "instrument": lambda desk: instrument_target("EURUSD"),
}
POLLERS = 6


@pytest.fixture
def desk(committed_db):
    made = desk_make()
    account_set(made.account, entries_per_minute_max=1000, open_lots_max=1000)
    return made


@pytest.mark.parametrize("scope", SCOPES)
def test_killed_under_load_no_entry_is_leased_after_the_commit_and_exits_pass(
    desk, in_threads, scope
):
    for number in range(5):
        desk.opened(trade_ref=f"open-{number}", lots="0.01")
    entries = {desk.stage(lots="0.01", trade_ref=f"t-{number}").id for number in range(60)}
    started = threading.Event()

    def work(number):
        if number == 0:
            started.wait(10)
            stop(SCOPES[scope](desk))
            return None
        for turn in count():
            desk.poll()
            started.set()
            if Switch.objects.exists() or turn > 200:
                break
        return desk.poll().permitted

    results = in_threads(POLLERS, work)
    assert not [one for one in results if isinstance(one, Exception)]
    turned = Event.objects.get(name="switch.changed").id
    assert not Event.objects.filter(name="order.leased", id__gt=turned).exists()
    assert [one for one in results if one] == []
    left = Order.objects.filter(id__in=entries, state="staged")
    assert desk.poll().new_ids == frozenset()
    leave = desk.stage("exit", side="sell", trade_ref="open-0")
    assert desk.poll().new_ids == {leave.id}
    assert left.count() == len(entries) - Order.objects.filter(id__in=entries, fence=1).count()


def test_a_turn_waits_for_a_claim_under_way(desk):
    desk.stage(lots="0.01")
    claimed, may_commit, turned = threading.Event(), threading.Event(), threading.Event()

    def claim():
        with transaction.atomic():
            desk.poll()
            claimed.set()
            may_commit.wait(10)
        connections.close_all()

    def turn():
        claimed.wait(10)
        stop(EVERYTHING)
        turned.set()
        connections.close_all()

    threads = [threading.Thread(target=one) for one in (claim, turn)]
    for one in threads:
        one.start()
    claimed.wait(10)
    assert not turned.wait(0.5)
    may_commit.set()
    assert turned.wait(10)
    for one in threads:
        one.join()


def test_a_claim_waits_for_a_turn_under_way_and_then_hands_out_nothing(desk):
    order = desk.stage(lots="0.01")
    turned, may_commit, answers = threading.Event(), threading.Event(), []

    def turn():
        with transaction.atomic():
            stop(EVERYTHING)
            turned.set()
            may_commit.wait(10)
        connections.close_all()

    def claim():
        turned.wait(10)
        answers.append(desk.poll().new_ids)
        connections.close_all()

    threads = [threading.Thread(target=one) for one in (turn, claim)]
    for one in threads:
        one.start()
    turned.wait(10)
    threads[1].join(0.5)
    assert answers == []
    may_commit.set()
    for one in threads:
        one.join(10)
    assert answers == [frozenset()]
    order.refresh_from_db()
    assert (order.state, order.fence) == ("staged", 0)


def test_turned_by_many_at_once_each_turn_is_one_version(desk, in_threads):
    results = in_threads(6, lambda _: stop(EVERYTHING, HALTED))
    assert sorted(results) == [False] * 5 + [True]
    assert [one.version for one in Switch.objects.all()] == [1]
