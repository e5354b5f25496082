"""A person decides what became of an unknown order, by a command and with a note."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from execution.models import Order, Position
from fusion_project.events.periodic import periodic_run
from tests.builders.execution import desk_make
from tests.contract.execution.scripted import Scripted, kinds_open, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def ea():
    return Scripted(desk_make())


def unknown(ea, order):
    ea.says("unknown", ea.takes(order))
    ea.says("lookup_absent", order)
    return order


def resolve(order, staff, outcome, note="nothing in the broker's history"):
    call_command(
        "order_resolve", str(order.id), "--outcome", outcome, "--note", note, "--as", staff
    )


@pytest.mark.parametrize("outcome", ["cancelled", "rejected", "done"])
def test_an_unknown_entry_is_resolved_with_a_note(ea, staff, outcome):
    order = unknown(ea, ea.desk.stage())
    assert (state(order), kinds_open()) == ("unknown", {"order.unresolved"})
    resolve(order, staff, outcome)
    assert (state(order), order.reason) == (outcome, "resolved_by_person")
    assert order.message == "nothing in the broker's history"
    assert kinds_open() == set()


def test_a_deal_after_a_persons_word_still_counts(ea, staff):
    order = unknown(ea, ea.desk.stage())
    resolve(order, staff, "cancelled")
    ea.deals(order)
    assert (state(order), Position.objects.get().order_id) == ("filled", order.id)
    assert kinds_open() == {"fill.late"}


def test_an_exit_that_a_person_says_was_not_done_is_asked_again(ea, staff, clock):
    ea.opens(lots="0.10")
    order = ea.takes(ea.desk.stage("partial_exit", side="sell", close_pct="50"))
    ea.says("unknown", order)
    resolve(order, staff, "cancelled")
    clock.advance(seconds=5)
    periodic_run("execution.ask_again")
    assert Order.objects.get(attempt=2).state == "staged"


def test_an_exit_that_a_person_says_was_done_is_not(ea, staff, clock):
    ea.opens(lots="0.10")
    order = ea.takes(ea.desk.stage("partial_exit", side="sell", close_pct="50"))
    ea.says("unknown", order)
    resolve(order, staff, "done")
    clock.advance(seconds=120)
    periodic_run("execution.ask_again")
    periodic_run("execution.watch_orders")
    assert not Order.objects.filter(attempt=2).exists()
    assert state(order) == "done"


def lost_while_cancelled(ea):
    """Its executor has forgotten it, and the broker shows nothing of it."""
    order = ea.takes(ea.desk.stage())
    ea.desk.decide_and_stage("cancel", side="any")
    assert state(order) == "cancel_requested"
    ea.says("lookup_absent", order)
    return order


def test_an_entry_that_is_lost_while_it_is_cancelled_is_resolved_by_a_person(ea, staff, capsys):
    order = lost_while_cancelled(ea)
    assert (state(order), kinds_open()) == ("cancel_requested", {"order.unresolved"})
    call_command("order_resolve")
    assert f"{order.id}\t" in capsys.readouterr().out
    resolve(order, staff, "cancelled")
    assert (state(order), kinds_open()) == ("cancelled", set())


def test_what_closes_waits_for_a_lost_entry_until_a_person_has_resolved_it(ea, staff, clock):
    order = lost_while_cancelled(ea)
    clock.advance(seconds=31)
    periodic_run("execution.watch_orders")
    assert kinds_open() == {"order.unresolved", "risk.stands"}
    resolve(order, staff, "cancelled")
    periodic_run("execution.ask_again")
    assert kinds_open() == set()


def test_what_is_merely_being_cancelled_is_not_for_a_person_to_resolve(ea, staff):
    order = ea.takes(ea.desk.stage())
    ea.desk.decide_and_stage("cancel", side="any")
    with pytest.raises(CommandError):
        resolve(order, staff, "cancelled")
    assert state(order) == "cancel_requested"


def test_only_unknown_orders_are_resolved_by_whom_may_and_with_a_note(ea, staff):
    order = ea.takes(ea.desk.stage())
    with pytest.raises(CommandError):
        resolve(order, staff, "cancelled")
    ea.says("unknown", order)
    with pytest.raises(CommandError, match="note"):
        resolve(order, staff, "cancelled", note=" ")
    with pytest.raises(CommandError, match="member of staff"):
        resolve(order, "nobody", "cancelled")
    assert state(order) == "unknown"


def test_what_is_unknown_is_listed(ea, capsys):
    order = unknown(ea, ea.desk.stage())
    call_command("order_resolve")
    assert str(order.id) in capsys.readouterr().out
