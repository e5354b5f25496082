"""The truth table of repeats: whatever comes again, late, early or from elsewhere moves nothing.

Told over HTTP: of each kind a first report that moves its order, then one that must not.
"""

import pytest

from execution.models import Deal, Order, Report
from execution.services.leases import lease_expire_all
from execution.wire import STATE_KINDS
from fusion_project.events.models import Event
from fusion_project.incidents.models import Incident
from tests.builders.execution import desk_make
from tests.contract.execution.scripted import Scripted, kinds_open, state

pytestmark = pytest.mark.django_db
# What comes after a report of a kind that was taken: the changes to it, the verdict, the reason;
# `{}` is the state that the first one has brought.
REPEATS = {
    "again": ({}, "duplicate", ""),
    "again under the next number": ({"report_id": "x", "seq": 30}, "stored", "order_is_{}"),
    "again under a number long past": (
        {"report_id": "x", "seq": 2},
        "stored",
        "told_later_already",
    ),
    "under its id with other words": ({"message": "other"}, "refused", "report_conflict"),
    "under a fence that is over": (
        {"report_id": "x", "seq": 30, "fence": 0},
        "stored",
        "stale_fence",
    ),
    "under a fence to come": ({"report_id": "x", "seq": 30, "fence": 2}, "stored", "stale_fence"),
    "of no order of ours": (
        {"report_id": "x", "seq": 30, "order_id": "4711"},
        "stored",
        "order_not_known",
    ),
}


@pytest.fixture
def ea(db):
    return Scripted(desk_make())


def taken(ea, kind):
    """An order that a report of the kind has moved, and the report."""
    order = ea.desk.leased()
    report = ea.report(kind, order, seq=20)
    (verdict,) = ea.tell(report)
    assert (verdict["verdict"], verdict["applied"]) == ("stored", True)
    assert state(order) == STATE_KINDS[kind]
    return order, report


@pytest.mark.parametrize("kind", STATE_KINDS)
@pytest.mark.parametrize("repeat", REPEATS)
def test_what_comes_after_a_report_moves_nothing(ea, kind, repeat):
    changes, verdict, reason = REPEATS[repeat]
    order, report = taken(ea, kind)
    before = Order.objects.filter(id=order.id).values().get()
    (told,) = ea.tell({**report, **changes})
    assert told == {
        "report_id": {**report, **changes}["report_id"],
        "verdict": verdict,
        "applied": False,
        "reason": reason.format(before["state"]),
    }
    assert Order.objects.filter(id=order.id).values().get() == before
    assert Report.objects.count() == 1 + (verdict == "stored")
    assert kinds_open() == ({"report.conflict"} if verdict == "refused" else set())


@pytest.mark.parametrize("kind", STATE_KINDS)
def test_a_batch_that_tells_one_report_many_times_stores_it_once(ea, kind):
    report = ea.report(kind, ea.desk.leased())
    told = ea.tell(*[report] * 5)
    assert [one["verdict"] for one in told] == ["stored", *["duplicate"] * 4]
    assert Report.objects.count() == 1


@pytest.mark.parametrize("kind", STATE_KINDS)
def test_what_its_holder_tells_after_the_lease_has_ended_still_counts(ea, kind, clock):
    order = ea.desk.leased()
    clock.advance(seconds=11)
    lease_expire_all()
    assert state(order) == "unknown"
    (verdict,) = ea.tell(ea.report(kind, order))
    assert verdict["applied"] == (kind != "unknown")
    assert state(order) == STATE_KINDS[kind]


@pytest.mark.parametrize("kind", STATE_KINDS)
def test_what_the_former_holder_tells_once_another_has_it_counts_for_nothing(ea, kind, clock):
    order = ea.desk.leased()
    late = ea.report(kind, order)
    clock.advance(seconds=11)
    lease_expire_all()
    ea.says("never_sent", order)
    ea.poll()
    (verdict,) = ea.tell(late)
    assert (verdict["verdict"], verdict["reason"]) == ("stored", "stale_fence")
    order.refresh_from_db()
    assert (order.state, order.fence) == ("leased", 2)


DEALS = {
    "again": ({}, {}, "duplicate", 1),
    "again under the next number": ({"report_id": "x", "seq": 30}, {}, "stored", 1),
    "under its id with another price": ({}, {"price": "1.20000"}, "refused", 1),
    "restated under the next number": (
        {"report_id": "x", "seq": 30},
        {"commission": "-1"},
        "stored",
        2,
    ),
    "restated under a number long past": (
        {"report_id": "x", "seq": 2},
        {"commission": "-1"},
        "stored",
        1,
    ),
}


@pytest.mark.parametrize("repeat", DEALS)
def test_a_deal_that_comes_again_counts_once_and_a_restated_one_is_a_revision(ea, repeat):
    changes, deal_changes, verdict, revisions = DEALS[repeat]
    order = ea.takes(ea.desk.stage())
    report = ea.report("deal", deal=ea.deal_of(order), seq=20)
    ea.tell(report)
    events = Event.objects.filter(name="deal.recorded")
    assert (state(order), events.count()) == ("filled", 1)
    (told,) = ea.tell({**report, **changes, "deal": {**report["deal"], **deal_changes}})
    assert told["verdict"] == verdict
    assert (Deal.objects.count(), events.count()) == (revisions, revisions)
    order.refresh_from_db()
    assert (order.state, order.filled_lots) == ("filled", order.volume_lots)
    assert Incident.objects.filter(kind="deal.restated").count() == revisions - 1
