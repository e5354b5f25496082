"""A deal that the broker takes out of its history: what followed from it is reversed."""

import itertools

import pytest

from execution.models import Deal, Order, Position
from fusion_project.incidents.models import Incident
from tests.builders.execution import desk_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return desk_make()


def deleted(desk, ticket, report_id=""):
    return desk.report("deal_deleted", deal_ticket=ticket, report_id=report_id)


def test_an_opening_deal_that_is_deleted_leaves_no_position_and_fills_nothing(desk):
    position = desk.opened()
    ticket = Deal.objects.get().ticket
    assert deleted(desk, ticket).applied
    position.refresh_from_db()
    assert (position.volume_open_lots, position.net) == (0, 0)
    assert position.closed_at is not None
    assert Order.objects.get().filled_lots == 0
    last = Deal.objects.get(ticket=ticket, revision=2)
    assert (last.kind, last.volume_lots, last.trace_id) == ("deleted", 0, position.trace_id)
    assert Incident.objects.filter(kind="deal.deleted", closed_at=None).count() == 1


def test_a_closing_deal_that_is_deleted_opens_the_position_again(desk):
    position = desk.close(desk.opened(), profit=5)
    assert position.closed_at is not None
    deleted(desk, Deal.objects.get(entry="out").ticket)
    position.refresh_from_db()
    assert (position.closed_at, position.net) == (None, 0)


def test_a_deletion_is_the_last_word_on_its_ticket(desk):
    facts = desk.deal(desk.leased())
    deleted(desk, facts.ticket)
    again = desk.report("deal", deal=facts)
    assert (again.verdict, again.applied, again.reason) == ("stored", False, "deal_is_deleted")
    assert deleted(desk, facts.ticket).reason == "deal_is_deleted"
    assert Deal.objects.count() == 2
    assert Position.objects.get().volume_open_lots == 0


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["deal", "deletion", "deletion again"]))
)
def test_deal_and_deletion_give_one_state_in_any_order(desk, order):
    facts = desk.deal_facts(desk.leased())
    told = {
        "deal": lambda: desk.report("deal", deal=facts),
        "deletion": lambda: deleted(desk, facts.ticket, "d1"),
        "deletion again": lambda: deleted(desk, facts.ticket, "d2"),
    }
    for one in order:
        told[one]()
    kinds = list(Deal.objects.order_by("revision").values_list("kind", flat=True))
    assert kinds == ["buy", "deleted"]
    assert Position.objects.get().volume_open_lots == 0
    assert Order.objects.get().filled_lots == 0


def test_a_deletion_of_what_nobody_told_is_kept_for_people(desk):
    assert deleted(desk, 4711).reason == "deal_not_known"
    assert "not told yet" in Incident.objects.get(kind="deal.deleted").note
    assert not Deal.objects.exists()
