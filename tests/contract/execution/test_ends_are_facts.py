"""An end that was told is a fact; what comes later and says otherwise wins, and people are told."""

from decimal import Decimal

import pytest

from execution.models import Order, Position
from execution.services.staging import decision_stage
from execution.services.unresolved import orders_watch
from fusion_project.incidents.models import Incident
from tests.builders.execution import desk_make
from tests.contract.execution.scripted import Scripted, is_halted, kinds_open, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def ea():
    return Scripted(desk_make())


def entry_of(ea, **fields):
    return ea.takes(ea.desk.stage(**fields))


@pytest.mark.parametrize("end", ["cancelled", "expired"])
def test_a_fill_after_the_end_is_followed_and_told(ea, end):
    order = entry_of(ea)
    ea.says(end, order)
    ea.deals(order)
    assert (state(order), order.filled_lots) == ("filled", order.volume_lots)
    assert Position.objects.get().order_id == order.id
    assert kinds_open() == {"fill.late"}
    assert not is_halted(ea.desk)


def test_a_fill_after_cancelled_stages_the_exit_that_the_trade_needs(ea):
    order = entry_of(ea, trade_ref="t1")
    waiting = ea.desk.decide("exit", side="sell", trade_ref="t1")
    decision_stage(decision_id=waiting.id)
    ea.says("cancelled", order)
    ea.deals(order)
    position = Position.objects.get()
    leave = Order.objects.get(decision=waiting)
    assert (leave.state, leave.position_ticket) == ("staged", position.position_ticket)


def test_a_part_that_fills_after_cancelled_leaves_it_cancelled_and_followed(ea):
    order = entry_of(ea, lots="0.10")
    ea.says("cancelled", order)
    ea.deals(order, volume_lots="0.04")
    assert (state(order), order.filled_lots) == ("cancelled", Decimal("0.04"))
    assert Position.objects.get().volume_open_lots == Decimal("0.04")
    assert kinds_open() == {"fill.late"}


def test_cancelled_after_the_fill_is_the_same_contradiction(ea):
    order = entry_of(ea)
    ea.deals(order)
    ea.says("cancelled", order)
    assert state(order) == "filled"
    assert kinds_open() == {"fill.late"}


@pytest.mark.parametrize("deal_first", [True, False])
def test_rejected_and_filled_contradict_each_other_and_stop_entries(ea, deal_first):
    order = entry_of(ea)
    said = [lambda: ea.deals(order), lambda: ea.says("rejected", order, retcode=10006)]
    for say in said if deal_first else reversed(said):
        say()
    assert state(order) == "filled"
    assert kinds_open() == {"deal.unexpected"}
    assert is_halted(ea.desk)


@pytest.mark.parametrize("deal_first", [True, False])
def test_expired_after_a_part_is_an_end(ea, deal_first):
    order = entry_of(ea, lots="0.10", order_type="limit", limit_price="1.09000")
    ea.says("working", order)
    said = [
        lambda: ea.deals(order, volume_lots="0.04", price="1.09000"),
        lambda: ea.says("expired", order),
    ]
    for say in said if deal_first else reversed(said):
        say()
    assert (state(order), order.filled_lots) == ("expired", Decimal("0.04"))


def test_expired_may_come_before_it_was_sent(ea):
    order = ea.desk.stage()
    ea.poll()
    assert ea.says("expired", order)["applied"]
    assert state(order) == "expired"


def test_done_and_a_deal_within_half_a_minute_is_filled(ea, clock):
    order = entry_of(ea)
    ea.says("done", order, retcode=10009)
    clock.advance(seconds=20)
    ea.deals(order)
    clock.advance(seconds=20)
    orders_watch()
    assert (state(order), kinds_open()) == ("filled", set())


def test_done_without_a_deal_is_unknown_after_half_a_minute(ea, clock):
    order = entry_of(ea)
    ea.says("done", order, retcode=10009)
    clock.advance(seconds=29)
    orders_watch()
    assert state(order) == "done"
    clock.advance(seconds=2)
    orders_watch()
    assert (state(order), order.reason) == ("unknown", "done_without_deal")
    assert order.ended_at is None
    assert ea.poll()["desired"] == [
        {"order_id": str(order.id), "fence": order.fence, "command": "lookup"}
        | {"position_ticket": "0"}
    ]


def test_an_exit_that_is_done_without_a_deal_is_unknown_while_its_position_is_open(ea, clock):
    ea.opens()
    order = ea.takes(ea.desk.stage("exit", side="sell"))
    ea.says("done", order, retcode=10009)
    clock.advance(seconds=31)
    orders_watch()
    assert state(order) == "unknown"
    assert "risk.stands" in kinds_open()


def test_an_exit_that_finds_its_position_closed_needs_no_deal_of_its_own(ea, clock):
    position = ea.opens(sl="1.09000")
    order = ea.takes(ea.desk.stage("exit", side="sell"))
    ea.says("done", order, retcode=10036, message="position closed")
    ea.stops(position)
    clock.advance(seconds=31)
    orders_watch()
    assert (state(order), kinds_open()) == ("done", set())


@pytest.mark.parametrize("retcode", [10009, 10025])
def test_an_amend_needs_no_deal(ea, clock, retcode):
    ea.opens(sl="1.09000", tp="1.20000")
    order = ea.takes(ea.desk.stage("amend", sl="1.09500"))
    ea.says("done", order, retcode=retcode)
    clock.advance(seconds=31)
    orders_watch()
    assert (state(order), kinds_open()) == ("done", set())


def test_what_is_told_later_wins_whichever_comes_first(ea):
    order = entry_of(ea)
    unknown = ea.report("unknown", order, retcode=10012)
    working = ea.report("working", order, message="recovered")
    ea.tell(working)
    (verdict,) = ea.tell(unknown)
    assert (verdict["applied"], verdict["reason"]) == (False, "told_later_already")
    assert state(order) == "working"


def test_a_late_end_is_told_once_only(ea):
    order = entry_of(ea)
    ea.says("cancelled", order)
    deal = ea.deal_of(order)
    ea.says("deal", deal=deal)
    ea.says("deal", deal=deal)
    assert Incident.objects.get().times_seen == 1
