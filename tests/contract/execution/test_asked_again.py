"""What lowers risk is asked again, by a new order each time, until the risk is gone."""

from datetime import timedelta
from decimal import Decimal

import pytest

from execution.models import Order, SymbolMap
from execution.services.asking_again import ask_again_all
from execution.services.staging import decision_stage
from execution.services.unresolved import orders_watch
from fusion_project.events.clock import now
from fusion_project.events.periodic import periodic_run
from fusion_project.incidents.models import Incident
from tests.builders.execution import alert_make, decision_make, desk_make
from tests.contract.execution.scripted import Scripted, kinds_open, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def ea(db, clock):
    """At work while time stands still but for what a test lets go by."""
    clock.set(now())
    return Scripted(desk_make())


def exit_of(ea, **fields):
    return ea.takes(ea.desk.stage("exit", side="sell", **fields))


def later(clock, ea, seconds):
    """Time goes by while the executor is at work."""
    clock.advance(seconds=seconds)
    periodic_run("execution.ask_again")


def attempts():
    rows = Order.objects.exclude(verb="entry").order_by("attempt")
    return list(rows.values_list("attempt", "state"))


@pytest.mark.parametrize("retcode", [10018, 10004, 10006, 10019, 10026, 10031, 10038])
def test_a_rejected_exit_is_an_incident_at_once_and_asked_again(ea, clock, retcode):
    position = ea.opens()
    order = exit_of(ea)
    ea.says("rejected", order, retcode=retcode, message="no")
    assert kinds_open() == {"risk.stands"}
    later(clock, ea, 61)
    again = Order.objects.get(attempt=2)
    assert (again.decision_id, again.position_ticket) == (order.decision_id, order.position_ticket)
    assert (again.state, again.verb, again.volume_lots) == ("staged", "exit", Decimal("0.1"))
    assert again.id != order.id
    assert [one["order_id"] for one in ea.poll()["orders"]] == [str(again.id)]
    ea.deals(again)
    position.refresh_from_db()
    assert not position.is_open
    later(clock, ea, 120)
    assert kinds_open() == set()
    assert Order.objects.filter(attempt=3).count() == 0


def test_it_is_asked_again_for_ever_ever_slower(ea, clock):
    ea.opens()
    order = exit_of(ea)
    waited = []
    for _ in range(6):
        ea.says("rejected", order, retcode=10006)
        seconds = 0
        while not Order.objects.filter(attempt=order.attempt + 1).exists():
            later(clock, ea, 1)
            seconds += 1
        waited.append(seconds)
        order = ea.takes(Order.objects.get(attempt=order.attempt + 1))
    assert waited == [2, 5, 15, 60, 60, 60]


def test_a_closed_market_is_waited_out_until_its_session_opens(ea, clock):
    moment = now()
    ea.deals()  # the broker's clock is known by a deal that is told at once
    opening = moment + timedelta(hours=3)
    midnight = opening.replace(hour=0, minute=0, second=0, microsecond=0)
    start = int((opening - midnight).total_seconds())
    session = {
        "day": opening.isoweekday() % 7,
        "from_seconds": start,
        "to_seconds": min(86_400, start + 3_600),
    }
    ea.opens()
    SymbolMap.objects.update(sessions=[session])
    ea.says("rejected", exit_of(ea), retcode=10018)
    later(clock, ea, 2 * 3_600)
    assert attempts() == [(1, "rejected")]
    later(clock, ea, 3_600 + 5)
    assert attempts() == [(1, "rejected"), (2, "staged")]


def test_an_exit_that_filled_in_part_is_asked_again_for_the_rest(ea, clock):
    position = ea.opens(lots="0.10")
    order = exit_of(ea)
    ea.deals(order, volume_lots="0.04")
    ea.says("done", order, retcode=10010)
    assert kinds_open() == {"risk.stands"}
    later(clock, ea, 5)
    again = Order.objects.get(attempt=2)
    assert again.volume_lots == Decimal("0.06")
    ea.takes(again)
    ea.deals(again)
    position.refresh_from_db()
    assert not position.is_open


def test_of_a_share_only_what_is_left_is_asked_again(ea, clock):
    position = ea.opens(lots="0.10")
    order = ea.takes(ea.desk.stage("partial_exit", side="sell", close_pct="50"))
    ea.deals(order, volume_lots="0.02")
    ea.says("cancelled", order)
    later(clock, ea, 5)
    again = Order.objects.get(attempt=2)
    assert (again.verb, again.volume_lots) == ("partial_exit", Decimal("0.03"))
    ea.takes(again)
    ea.deals(again)
    position.refresh_from_db()
    assert position.volume_open_lots == Decimal("0.05")
    later(clock, ea, 120)
    assert (len(attempts()), kinds_open()) == (2, set())


def test_an_exit_that_nobody_confirms_is_asked_again(ea, clock):
    ea.opens()
    order = exit_of(ea)
    ea.says("unknown", order, retcode=10012)
    assert kinds_open() == {"risk.stands"}
    later(clock, ea, 10)
    assert attempts() == [(1, "unknown")]
    later(clock, ea, 25)
    assert attempts() == [(1, "unknown"), (2, "staged")]


def test_an_exit_that_the_broker_never_saw_is_asked_again_at_once(ea, clock):
    ea.opens()
    order = exit_of(ea)
    ea.says("unknown", order)
    ea.says("lookup_absent", order)
    assert (state(order), order.reason) == ("rejected", "lookup_absent")
    later(clock, ea, 3)
    assert attempts() == [(1, "rejected"), (2, "staged")]


def test_a_share_that_may_have_been_closed_is_not_closed_twice(ea, clock):
    ea.opens(lots="0.10")
    order = ea.takes(ea.desk.stage("partial_exit", side="sell", close_pct="50"))
    ea.says("unknown", order)
    later(clock, ea, 300)
    assert attempts() == [(1, "unknown")]


def test_the_exit_of_a_reversal_is_asked_again(ea, clock):
    position = ea.opens()
    alert = alert_make(ea.desk.strategy)
    leave = decision_make(ea.desk.strategy, "exit", side="sell", alert=alert, reverses=True)
    enter = decision_make(ea.desk.strategy, side="sell", alert=alert, leg_no=1)
    (order,) = decision_stage(decision_id=leave.id)
    (entry,) = decision_stage(decision_id=enter.id)
    ea.says("rejected", ea.takes(order), retcode=10018)
    later(clock, ea, 61)
    again = Order.objects.get(attempt=2)
    ea.takes(again)
    assert state(entry) != "leased"
    ea.deals(again)
    position.refresh_from_db()
    assert not position.is_open


def test_a_rejected_amend_is_asked_again_until_the_stop_is_there(ea, clock):
    position = ea.opens(sl="1.09000", tp="1.20000")
    order = ea.takes(ea.desk.stage("amend", sl="1.09500"))
    ea.says("rejected", order, retcode=10016)
    assert kinds_open() == {"risk.stands"}
    later(clock, ea, 3)
    again = ea.takes(Order.objects.get(attempt=2))
    assert (again.verb, again.sl, again.tp) == ("amend", Decimal("1.095"), order.tp)
    ea.says("done", again, retcode=10009)
    position.refresh_from_db()
    assert position.sl == Decimal("1.095")
    later(clock, ea, 3)
    assert (len(attempts()), kinds_open()) == (2, set())


def test_only_the_newest_amend_is_asked_again(ea, clock):
    ea.opens(sl="1.09000", tp="1.20000")
    first = ea.takes(ea.desk.stage("amend", sl="1.09300"))
    second = ea.takes(ea.desk.stage("amend", sl="1.09500"))
    ea.says("rejected", first, retcode=10016)
    ea.says("done", second, retcode=10009)
    later(clock, ea, 61)
    assert Order.objects.filter(attempt=2).count() == 0


def test_a_refused_cancel_is_asked_again_until_the_order_ends(ea, clock):
    entry = ea.takes(ea.desk.stage(order_type="limit", limit_price="1.09000", trade_ref="t1"))
    ea.says("working", entry, retcode=10008)
    ea.desk.decide_and_stage("cancel", side="any", trade_ref="t1")
    assert state(entry) == "cancel_requested"
    for retcode in (10041, 10029, 10018):
        verdict = ea.says("rejected", entry, retcode=retcode, message="cannot cancel")
        assert (verdict["applied"], verdict["reason"]) == (False, "cancel_is_asked_again")
        assert state(entry) == "cancel_requested"
        assert ea.poll()["desired"][0]["command"] == "cancel"
    assert kinds_open() == {"risk.stands"}
    ea.says("cancelled", entry)
    assert state(entry) == "cancelled"
    later(clock, ea, 3)
    assert kinds_open() == set()


def test_a_cancel_that_nobody_confirms_is_an_incident(ea, clock):
    entry = ea.takes(ea.desk.stage(trade_ref="t1"))
    ea.desk.decide_and_stage("cancel", side="any", trade_ref="t1")
    clock.advance(seconds=31)
    orders_watch()
    assert kinds_open() == {"risk.stands"}
    assert Incident.objects.get().subject == f"execution.order:{entry.id}"


def test_an_exit_of_a_position_that_was_stopped_out_is_not_asked_again(ea, clock):
    position = ea.opens(sl="1.09000")
    order = exit_of(ea)
    ea.says("rejected", order, retcode=10036)
    ea.stops(position)
    later(clock, ea, 120)
    assert attempts() == [(1, "rejected")]
    assert kinds_open() == set()


def test_what_staging_refused_is_not_asked_again(ea, clock):
    position = ea.opens(sl="1.09500", tp="1.20000")
    refused = ea.desk.stage("amend", sl="1.09000")
    assert refused.reason == "amend_widens_stop"
    later(clock, ea, 120)
    assert ask_again_all() == 0
    assert position.is_open


def test_an_entry_is_never_asked_again(ea, clock):
    order = ea.takes(ea.desk.stage())
    ea.says("rejected", order, retcode=10018)
    later(clock, ea, 120)
    assert Order.objects.count() == 1
    assert kinds_open() == set()
