"""One position, several trades: what merges on a netting account stays each one's own."""

from decimal import Decimal

import pytest

from execution.models import Order, Position
from execution.services.asking_again import ask_again_all
from execution.services.staging import decision_stage
from execution.services.subscriptions import subscription_create
from fusion_project.events.clock import now
from tests.builders.execution import decision_make, desk_make, strategy_make
from tests.contract.execution.netting import by_hand, leave, opens, shares, staged
from tests.contract.execution.scripted import Scripted, is_halted, kinds_open, state

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def still(db, clock):
    """However slowly it is told here: nobody falls silent, and no price grows old."""
    clock.set(now())


@pytest.fixture
def ea():
    return Scripted(desk_make(margin_mode="netting"))


def test_each_trade_of_a_shared_position_is_closed_by_its_own_exit(ea):
    first, position = opens(ea, "t1", "0.10")
    second, _ = opens(ea, "t2", "0.20")
    assert shares(position) == {first.id: "0.1", second.id: "0.2"}
    two = leave(ea, "t2")
    assert (two.verb, two.volume_lots, two.state) == ("partial_exit", Decimal("0.2"), "staged")
    assert (two.trace_id, two.trade_ref) == (second.trace_id, "t2")
    ea.deals(ea.takes(two))
    assert shares(position) == {first.id: "0.1"}
    one = leave(ea, "t1")
    assert (one.verb, one.volume_lots) == ("exit", Decimal("0.1"))
    ea.deals(ea.takes(one))
    position.refresh_from_db()
    assert not position.is_open
    assert [state(order) for order in (two, one)] == ["filled", "filled"]
    assert not is_halted(ea.desk)
    assert kinds_open() == set()


def test_two_exits_at_once_take_no_more_than_their_own(ea):
    opens(ea, "t1", "0.10")
    opens(ea, "t2", "0.20")
    orders = [leave(ea, "t1"), leave(ea, "t2")]
    assert [one.volume_lots for one in orders] == [Decimal("0.1"), Decimal("0.2")]
    assert {one.verb for one in orders} == {"partial_exit"}


def test_an_exit_that_comes_twice_closes_nobody_elses_share(ea):
    opens(ea, "t1", "0.10")
    opens(ea, "t2", "0.20")
    first, again = leave(ea, "t1"), leave(ea, "t1")
    assert (first.state, again.state, again.reason) == ("staged", "rejected", "no_open_position")
    ea.takes(first)
    ea.says("rejected", first, retcode=10006)
    assert leave(ea, "t1").volume_lots == Decimal("0.1")


def test_half_of_a_trade_is_half_of_what_it_opened(ea):
    opens(ea, "t1", "0.10")
    _, position = opens(ea, "t2", "0.20")
    for _ in range(2):
        order = leave(ea, "t2", "partial_exit", close_pct="50")
        assert (order.verb, order.volume_lots) == ("partial_exit", Decimal("0.1"))
        ea.deals(ea.takes(order))
    assert list(shares(position).values()) == ["0.1"]
    assert leave(ea, "t2", "partial_exit", close_pct="50").reason == "no_open_position"


def test_an_exit_filled_in_part_is_asked_again_for_the_rest_of_its_trade(ea, clock):
    opens(ea, "t1", "0.10")
    opens(ea, "t2", "0.20")
    order = ea.takes(leave(ea, "t2"))
    ea.deals(order, volume_lots="0.05")
    ea.says("done", order)
    clock.advance(seconds=3)
    assert ask_again_all() == 1
    again = Order.objects.get(attempt=2)
    assert (again.verb, again.volume_lots) == ("partial_exit", Decimal("0.15"))
    assert (again.trace_id, again.trade_ref) == (order.trace_id, "t2")


def test_what_was_closed_otherwise_is_not_asked_again_of_another_trade(ea, clock):
    _, position = opens(ea, "t1", "0.10")
    opens(ea, "t2", "0.20")
    order = ea.takes(leave(ea, "t1"))
    ea.says("rejected", order, retcode=10006)
    by_hand(ea, position, "sell", "0.10", "out")
    clock.advance(seconds=3)
    assert ask_again_all() == 0
    assert kinds_open() == set()


def test_closing_the_symbol_closes_all_trades_by_one_order(ea):
    _, position = opens(ea, "t1", "0.10")
    opens(ea, "t2", "0.20")
    (order,) = ea.desk.decide_and_stage("close_all", side="any")
    assert (order.verb, order.volume_lots) == ("exit", Decimal("0.3"))
    ea.deals(ea.takes(order))
    position.refresh_from_db()
    assert not position.is_open


def test_an_exit_leaves_what_was_asked_for_after_it(ea):
    first, _ = opens(ea, "t1", "0.10")
    decision = ea.desk.decide("close_all", side="any")
    _, position = opens(ea, "t2", "0.20")
    (order,) = decision_stage(decision_id=decision.id)
    assert (order.verb, order.volume_lots) == ("partial_exit", Decimal("0.1"))
    assert order.trade_ref == first.trade_ref
    ea.deals(ea.takes(order))
    assert list(shares(position).values()) == ["0.2"]


def test_what_a_closed_trade_still_opens_is_closed_too_and_only_that(ea):
    first, position = opens(ea, "t1", "0.10")
    out = ea.takes(staged(ea, "t2", "0.20"))
    at = {"position_ticket": str(position.position_ticket)}
    ea.deals(out, volume_lots="0.05", **at)
    order = ea.takes(leave(ea, "t2"))
    assert (order.verb, order.volume_lots, state(out)) == (
        "partial_exit",
        Decimal("0.05"),
        "cancel_requested",
    )
    ea.deals(out, volume_lots="0.05", **at)
    ea.says("cancelled", out)
    ea.deals(order)
    late = Order.objects.get(decision=order.decision, attempt=2)
    assert (late.verb, late.volume_lots) == ("partial_exit", Decimal("0.05"))
    ea.deals(ea.takes(late))
    assert shares(position) == {first.id: "0.1"}
    assert not is_halted(ea.desk)


def test_a_resting_entry_of_another_trade_is_not_closed_by_an_exit_before_it_fills(ea):
    opens(ea, "t1", "0.10")
    limit = {"order_type": "limit", "limit_price": "1.09900", "sl": "1.09600"}
    resting = staged(ea, "t2", "0.20", **limit)
    assert resting.state == "staged", resting.reason
    order = leave(ea, "t1")
    assert (order.verb, order.volume_lots) == ("partial_exit", Decimal("0.1"))


def test_an_entry_waits_while_all_that_is_open_is_being_closed(ea):
    opens(ea, "t1", "0.10")
    closing = leave(ea, "t1")
    assert closing.verb == "exit"
    entry = staged(ea, "t2", "0.20")
    assert [one["order_id"] for one in ea.poll()["orders"]] == [str(closing.id)]
    ea.says("ack", closing)
    ea.deals(closing)
    assert [one["order_id"] for one in ea.poll()["orders"]] == [str(entry.id)]


# Another strategy.


@pytest.fixture
def other(ea):
    """Another strategy that the account follows."""
    strategy = strategy_make()
    account = ea.desk.account
    subscription_create(strategy_id=strategy.id, account_id=account.id)
    return strategy


def entry_of(strategy, **fields) -> Order:
    (order,) = decision_stage(decision_id=decision_make(strategy, **fields).id)
    return order


def test_another_strategy_takes_no_instrument_that_is_in_use(ea, other):
    waiting = ea.desk.stage(trade_ref="t1", lots="0.10")
    assert entry_of(other).reason == "netting_in_use"
    ea.takes(waiting)
    ea.deals(waiting)
    assert entry_of(other).reason == "netting_in_use"
    position = Position.objects.get()
    ea.deals(ea.takes(leave(ea, "t1")))
    position.refresh_from_db()
    assert not position.is_open
    assert entry_of(other).state == "staged"


def test_on_a_hedging_account_it_does():
    ea = Scripted(desk_make(margin_mode="hedging"))
    strategy = strategy_make()
    subscription_create(strategy_id=strategy.id, account_id=ea.desk.account.id)
    ea.opens()
    assert entry_of(strategy).state == "staged"


def test_an_entry_that_was_staged_before_somebody_traded_by_hand_is_not_handed_out(ea):
    entry = ea.desk.stage(lots="0.10")
    ea.deals(position_ticket="900", reason="client")
    assert ea.poll()["orders"] == []
    assert state(entry) == "staged"
    ea.deals(kind="sell", entry="out", position_ticket="900", reason="client")
    assert [one["order_id"] for one in ea.poll()["orders"]] == [str(entry.id)]
