"""Orders that rest, on the whole road: alert, decision, order, paper executor over HTTP, broker."""

from datetime import timedelta
from decimal import Decimal

import pytest

from execution.models import Order, Position
from execution.paper.numbers import utc_now
from execution.rules.switches import EVERYTHING
from execution.services.leases import order_expire_due
from fusion_project.events.periodic import periodic_run
from tests.builders.pages import signal_message
from tests.builders.paper_road import PaperRoad
from tests.builders.switches import stop
from tests.contract.execution.scripted import kinds_open


class Road(PaperRoad):
    """A webhook, a desk behind it, and a paper executor that trades for it."""

    def alert(self, event="entry", **fields):
        message = signal_message(event, **fields)
        if event == "cancel":
            del message["side"]
        answer = self.post(message)
        assert answer.status_code == 202, answer.text
        return message

    def rests(self, trade, **fields):
        """An entry that waits, by its alert's id, once it is at the broker."""
        message = self.alert(trade=trade, **fields)
        self.steps(3)
        order = Order.objects.filter(trade_ref=trade, verb="entry").latest("id")
        assert (order.state, order.reason) == ("working", "")
        return message["id"], order


@pytest.fixture
def road(live_url, tmp_path, run_handlers):
    made = Road(live_url, tmp_path, run_handlers)
    made.steps(3)
    yield made
    made.close()


BUY_LIMIT = {"order_type": "limit", "limit_price": "1.09000", "sl": "1.08500", "tp": "1.11000"}
BUY_STOP = {"order_type": "stop", "stop_price": "1.11000", "sl": "1.10500", "tp": "1.13000"}


def state(order):
    return Order.objects.get(id=order.id).state


def msc(moment):
    return int(moment.timestamp() * 1000)


def test_a_pending_limit_order_lives_as_long_as_its_alert_says_and_ends_at_the_broker(
    road, clock
) -> None:
    until = utc_now().replace(microsecond=0) + timedelta(hours=2)
    _, order = road.rests("t1", **BUY_LIMIT, expires_at=msc(until))
    assert (order.tif, order.good_until) == ("gtd", until)
    # The time to hand it out is over long before that, and ends nothing that rests.
    assert order.valid_until < until
    clock.advance(minutes=30)
    road.ahead = timedelta(minutes=30)
    order_expire_due()
    road.steps(3)
    assert state(order) == "working"
    assert road.pendings()[order.id]["ends_at"] == until.isoformat()
    clock.advance(minutes=91)
    road.ahead = timedelta(minutes=121)
    road.steps(3)
    assert (state(order), road.pendings()) == ("expired", {})


def test_one_without_an_end_rests_on(road, clock) -> None:
    _, order = road.rests("t1", **BUY_LIMIT)
    assert (order.tif, order.good_until) == ("", None)
    clock.advance(hours=20)
    road.ahead = timedelta(hours=20)
    order_expire_due()
    road.steps(3)
    assert state(order) == "working"


def test_halted_with_limit_and_stop_entries_resting_they_are_gone_at_the_broker(road) -> None:
    _, limit = road.rests("t1", **BUY_LIMIT)
    _, stops = road.rests("t2", **BUY_STOP)
    assert set(road.pendings()) == {limit.id, stops.id}
    stop(EVERYTHING)
    road.steps(3)
    assert road.pendings() == {}
    assert (state(limit), state(stops)) == ("cancelled", "cancelled")


def test_an_amend_by_the_id_of_one_entry_moves_that_one_at_the_broker(road) -> None:
    _, first = road.rests("t1", **BUY_LIMIT)
    second_id, second = road.rests("t1", **{**BUY_LIMIT, "limit_price": "1.08900"})
    changes = {"limit_price": "1.09500", "sl": "1.09200"}
    road.alert("amend", trade="t1", position="long", ref_id=second_id, amend=changes)
    road.steps(3)
    told = road.pendings()
    assert (told[second.id]["limit"], told[second.id]["sl"]) == ("1.095", "1.092")
    assert (told[first.id]["limit"], told[first.id]["sl"]) == ("1.09", "1.085")
    periodic_run("execution.ask_again")
    assert kinds_open() == set()
    road.market.bid = Decimal("1.09480")
    road.steps(3)
    position = Position.objects.get()
    assert (position.order_id, position.sl) == (second.id, Decimal("1.092"))


def test_a_cancel_by_the_id_of_one_entry_takes_that_one_back(road) -> None:
    first_id, first = road.rests("t1", **BUY_LIMIT)
    _, second = road.rests("t1", **{**BUY_LIMIT, "limit_price": "1.08900"})
    road.alert("cancel", trade="t1", ref_id=first_id)
    road.steps(3)
    assert (state(first), state(second)) == ("cancelled", "working")
    assert set(road.pendings()) == {second.id}
