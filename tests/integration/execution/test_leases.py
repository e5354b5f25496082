"""Handing out orders."""

import pytest

from execution.errors import InstanceConflict
from execution.models import ExecutorKey, Order
from execution.services import claims
from execution.services.claims import LEASES_PER_POLL_MAX
from execution.services.leases import lease_expire_all, order_expire_due
from execution.services.orders import order_move
from fusion_project.events.models import Event
from tests.builders.execution import desk_make
from tests.builders.switches import account_halt, account_resume, strategy_stop

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return desk_make()


def state(order):
    return Order.objects.get(id=order.id).state


def test_a_poll_leases_what_is_staged_and_permits_it(desk):
    order = desk.stage()
    answer = desk.poll()
    assert [one.id for one in answer.orders] == [order.id]
    assert [(one.id, one.fence) for one in answer.permitted] == [(order.id, 1)]
    assert answer.entries_allowed
    event = Event.objects.get(name="order.leased")
    assert (event.trace_id, event.actor) == (order.trace_id, desk.caller.actor)


def test_the_same_lease_is_served_again_under_the_same_fence(desk, clock):
    order = desk.stage()
    desk.poll()
    clock.advance(seconds=9)
    answer = desk.poll()
    assert [(one.id, one.fence) for one in answer.orders] == [(order.id, 1)]
    assert answer.new_ids == frozenset()
    assert Event.objects.filter(name="order.leased").count() == 1


def test_a_lease_that_ended_is_not_served_again(desk, clock):
    desk.leased()
    clock.advance(seconds=11)
    assert desk.poll().orders == []


def test_another_instance_gets_nothing_while_the_first_is_alive(desk, clock):
    desk.leased()
    desk.stage()
    with pytest.raises(InstanceConflict):
        desk.poll(instance="ea-2")
    clock.advance(seconds=16)
    answer = desk.poll(instance="ea-2")
    assert len(answer.orders) == 1
    assert answer.orders[0].instance == "ea-2"


def test_an_acknowledged_entry_stays_permitted_but_is_not_served_again(desk):
    order = desk.leased()
    desk.report("ack", order)
    answer = desk.poll()
    assert answer.orders == []
    assert [one.id for one in answer.permitted] == [order.id]


def test_a_halted_account_leases_and_permits_no_entry(desk):
    held = desk.leased()
    staged = desk.stage()
    account_halt(desk.account.id)
    answer = desk.poll()
    assert (answer.entries_allowed, answer.permitted, answer.new_ids) == (False, [], frozenset())
    assert state(staged) == "staged"
    assert state(held) == "leased"
    account_resume(desk.account.id)
    assert desk.poll().new_ids == {staged.id}


def test_an_inactive_strategy_leases_and_permits_no_entry(desk):
    desk.leased()
    desk.stage()
    strategy_stop(desk.strategy)
    answer = desk.poll()
    assert (answer.permitted, answer.new_ids) == ([], frozenset())


def test_a_late_entry_is_neither_leased_nor_permitted(desk, clock):
    held = desk.leased(valid_seconds=5)
    desk.stage(valid_seconds=5)
    clock.advance(seconds=6)
    answer = desk.poll()
    assert [one.id for one in answer.orders] == [held.id]
    assert (answer.permitted, answer.new_ids) == ([], frozenset())


def test_exits_are_handed_out_before_entries(desk):
    desk.opened(trade_ref="t1")
    for number in range(LEASES_PER_POLL_MAX):
        desk.stage(trade_ref=f"other-{number}", lots="0.01")
    leave = desk.stage("exit", side="sell", trade_ref="t1")
    answer = desk.poll()
    assert leave.id in answer.new_ids
    assert len(answer.new_ids) == LEASES_PER_POLL_MAX


def test_entries_that_may_not_go_keep_back_none_behind_them(desk, clock, monkeypatch):
    monkeypatch.setattr(claims, "LEASES_PER_POLL_MAX", 2)
    for number in range(5):
        desk.stage(trade_ref=f"late-{number}", lots="0.01", valid_seconds=5)
    wanted = [desk.stage(trade_ref=f"t{number}", lots="0.01").id for number in range(3)]
    clock.advance(seconds=6)
    assert desk.poll().new_ids == set(wanted[:2])


def test_of_a_long_queue_no_more_entries_are_judged_than_a_poll_hands_out(desk, monkeypatch):
    """Each is judged against all that are out: a queue judged whole costs the square of it."""
    monkeypatch.setattr(claims, "LEASES_PER_POLL_MAX", 2)
    judged, gather = [], claims.entry_facts

    def counting(asked, **fields):
        judged.append(len(asked))
        return gather(asked, **fields)

    monkeypatch.setattr(claims, "entry_facts", counting)
    for number in range(7):
        desk.stage(trade_ref=f"t{number}", lots="0.01")
    assert len(desk.poll().new_ids) == 2
    assert judged == [2]


def test_a_lease_that_ends_unacknowledged_makes_the_order_unknown(desk, clock):
    order = desk.leased()
    assert lease_expire_all() == 0
    clock.advance(seconds=11)
    assert lease_expire_all() == 1
    assert state(order) == "unknown"
    assert [(one.order.id, one.command) for one in desk.poll().desired] == [(order.id, "lookup")]
    assert Event.objects.get(name="order.unknown").trace_id == order.trace_id


def test_an_acknowledged_order_outlives_its_lease(desk, clock):
    order = desk.leased()
    desk.report("ack", order)
    clock.advance(seconds=50)
    assert lease_expire_all() == 0
    assert state(order) == "acknowledged"


def test_an_acknowledged_order_that_stays_silent_is_looked_up(desk, clock):
    order = desk.leased()
    desk.report("ack", order)
    clock.advance(seconds=61)
    assert lease_expire_all() == 1
    assert [(one.order.id, one.command) for one in desk.poll().desired] == [(order.id, "lookup")]
    desk.report("never_sent", order)
    assert state(order) == "staged"


def test_a_staged_entry_past_its_time_expires(desk, clock):
    order = desk.stage(valid_seconds=5)
    assert order_expire_due() == 0
    clock.advance(seconds=6)
    assert order_expire_due() == 1
    assert state(order) == "expired"
    assert Event.objects.get(name="order.expired").trace_id == order.trace_id


def test_only_the_holder_of_the_fence_moves_an_order(desk):
    order = desk.leased()
    move = {"order": order, "new": "acknowledged", "actor": desk.caller.actor}
    assert not order_move(**move, fence=0)
    assert state(order) == "leased"
    assert order_move(**move, fence=1)
    assert state(order) == "acknowledged"


def test_orders_of_another_account_are_never_handed_out(desk):
    desk_make().stage()
    assert desk.poll().orders == []


def test_the_key_remembers_its_instance(desk):
    desk.poll()
    assert ExecutorKey.objects.get(id=desk.caller.key_id).instance == "ea-1"
