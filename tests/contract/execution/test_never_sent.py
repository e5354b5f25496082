"""Only who held an order, and has forgotten nothing, can say that it was never sent."""

from datetime import timedelta

import pytest

from execution.models import Order
from execution.services.leases import lease_expire_all
from execution.wire.fields import MomentText
from fusion_project.events.clock import now
from tests.builders.execution import desk_make
from tests.contract.execution.scripted import Scripted, kinds_open, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return desk_make()


def run(desk, number, *, instance="ea-1", journal_since=None):
    """A run of an instance, which says how old its journal is."""
    nonce, first_seq = f"run-{number}", 100 * number
    ea = Scripted(desk, instance=instance, boot_nonce=nonce, first_seq=first_seq)
    said = {} if journal_since is None else {"journal_since": MomentText.of(journal_since)}
    answer = ea.hello(**said)
    assert answer.status_code == 200, answer.content
    return ea


def leased(ea, clock):
    """An order whose lease has ended without a word."""
    order = ea.desk.stage(valid_seconds=600)
    ea.poll()
    clock.advance(seconds=16)
    lease_expire_all()
    assert state(order) == "unknown"
    return order


def test_the_run_that_held_it_says_so_and_it_goes_back(desk, clock):
    ea = run(desk, 1)
    order = leased(ea, clock)
    assert ea.says("never_sent", order)["applied"]
    assert state(order) == "staged"


def test_a_later_run_with_an_older_journal_says_so_and_it_goes_back(desk, clock):
    began = now() - timedelta(days=3)
    order = leased(run(desk, 1, journal_since=began), clock)
    again = run(desk, 2, journal_since=began)
    assert again.says("never_sent", order)["applied"]
    assert state(order) == "staged"


def doubted(ea, order):
    verdict = ea.says("never_sent", order)
    assert (verdict["applied"], verdict["reason"]) == (False, "journal_is_younger")
    assert state(order) == "unknown"
    assert kinds_open() == {"order.unresolved"}
    assert [one["command"] for one in ea.poll()["desired"]] == ["lookup"]
    # A late history may still show that it was sent.
    ea.deals(order)
    assert state(order) == "filled"


def test_a_run_with_a_younger_journal_is_not_believed(desk, clock):
    order = leased(run(desk, 1, journal_since=now() - timedelta(days=3)), clock)
    doubted(run(desk, 2, journal_since=now()), order)


def test_a_later_run_that_does_not_say_how_old_its_journal_is_is_not_believed(desk, clock):
    order = leased(run(desk, 1), clock)
    doubted(run(desk, 2), order)


def test_another_instance_is_not_believed(desk, clock):
    began = now() - timedelta(days=3)
    order = leased(run(desk, 1, journal_since=began), clock)
    doubted(run(desk, 2, instance="ea-2", journal_since=began), order)


def test_whoever_does_not_hold_the_account_is_not_believed(desk, clock):
    order = leased(Scripted(desk), clock)
    other = Scripted(desk, instance="ea-2")
    assert other.says("never_sent", order)["reason"] == "journal_is_younger"
    assert state(order) == "unknown"


def test_an_acknowledged_order_does_not_go_back_on_the_word_of_who_forgot_it(desk, clock):
    order = run(desk, 1, journal_since=now() - timedelta(days=3)).takes(desk.stage())
    clock.advance(seconds=16)
    doubted(run(desk, 2, journal_since=now()), order)


def test_a_number_seen_at_the_broker_never_comes_again(desk):
    ea = Scripted(desk)
    first = desk.stage()
    ea.deals(magic=str(first.id + 50))
    assert desk.stage().id > first.id + 50
    assert Order.objects.filter(id=first.id + 50).count() == 0


def test_numbers_of_other_programs_are_passed_by(desk):
    ea = Scripted(desk)
    first = desk.stage()
    for magic in (1, 20_261_130, 2**51, 2**62):
        ea.deals(magic=str(magic))
    assert desk.stage().id - first.id < 10
