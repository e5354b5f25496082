"""Execution reports move orders only under the current fence, and are stored whatever it is."""

from decimal import Decimal

import pytest

from execution.models import BrokerAccount, Deal, Order, Position, Report
from execution.selectors.reports import report_gaps
from execution.selectors.switches import account_state
from execution.services.leases import lease_expire_all
from execution.services.orders import order_resolve_unknown
from fusion_project.events.models import Event
from fusion_project.incidents.models import Incident
from tests.builders.execution import desk_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return desk_make()


def state(order):
    return Order.objects.get(id=order.id).state


def test_a_report_is_stored_raw_with_the_orders_trace(desk):
    order = desk.leased()
    verdict = desk.report("ack", order, raw='{"kind":"ack"}')
    report = Report.objects.get()
    assert (verdict.verdict, verdict.applied) == ("stored", True)
    assert (report.raw, report.trace_id, report.fence_was_current) == (
        '{"kind":"ack"}',
        order.trace_id,
        True,
    )
    assert Event.objects.get(name="report.received").trace_id == order.trace_id


def test_the_same_report_again_is_a_duplicate_and_moves_nothing(desk):
    order = desk.leased()
    desk.report("ack", order, report_id="r1", raw="a")
    before = Event.objects.count()
    assert desk.report("ack", order, report_id="r1", raw="a").verdict == "duplicate"
    assert (Report.objects.count(), Event.objects.count()) == (1, before)


def test_a_report_id_with_other_content_is_refused_and_opens_an_incident(desk):
    order = desk.leased()
    desk.report("ack", order, report_id="r1", raw="a")
    verdict = desk.report("rejected", order, report_id="r1", raw="b")
    assert (verdict.verdict, verdict.reason) == ("refused", "report_conflict")
    assert state(order) == "acknowledged"
    assert Incident.objects.get().kind == "report.conflict"


def test_a_stale_fence_is_stored_and_moves_nothing(desk, clock):
    order = desk.leased()
    clock.advance(seconds=11)
    lease_expire_all()
    desk.report("never_sent", order)
    desk.poll()
    for kind in ("ack", "working", "rejected", "never_sent", "cancelled", "done", "unknown"):
        verdict = desk.report(kind, order, fence=1)
        assert (verdict.verdict, verdict.applied, verdict.reason) == (
            "stored",
            False,
            "stale_fence",
        )
    order.refresh_from_db()
    assert (order.state, order.fence) == ("leased", 2)
    assert Report.objects.filter(fence_was_current=False).count() == 7


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("ack", "acknowledged"),
        ("working", "working"),
        ("rejected", "rejected"),
        ("never_sent", "staged"),
        ("cancelled", "cancelled"),
        ("done", "done"),
        ("unknown", "unknown"),
    ],
)
def test_each_kind_moves_a_leased_order(desk, kind, expected):
    order = desk.leased()
    assert desk.report(kind, order).applied
    assert state(order) == expected


def test_a_rejection_keeps_the_brokers_code_and_words(desk):
    order = desk.leased()
    desk.report("rejected", order, retcode=10019, message="No money")
    order.refresh_from_db()
    assert (order.reason, order.retcode, order.message) == ("no_money", 10019, "No money")
    assert order.ended_at is not None


def test_a_never_sent_order_goes_back_and_is_leased_under_a_higher_fence(desk, clock):
    order = desk.leased()
    clock.advance(seconds=11)
    lease_expire_all()
    desk.report("never_sent", order)
    assert state(order) == "staged"
    assert [(one.id, one.fence) for one in desk.poll().orders] == [(order.id, 2)]


def test_a_late_acknowledgement_of_the_holder_makes_an_unknown_order_known(desk, clock):
    order = desk.leased()
    clock.advance(seconds=11)
    lease_expire_all()
    desk.report("ack", order)
    assert state(order) == "acknowledged"


def test_a_deal_fills_an_unknown_order_whatever_its_fence(desk, clock):
    order = desk.leased()
    clock.advance(seconds=11)
    lease_expire_all()
    desk.deal(order)
    assert state(order) == "filled"
    assert Position.objects.get().order_id == order.id


def test_a_report_for_an_order_of_another_account_is_stored_and_moves_nothing(desk):
    foreign = desk_make().leased()
    verdict = desk.report("rejected", foreign)
    assert (verdict.verdict, verdict.reason) == ("stored", "order_not_known")
    assert state(foreign) == "leased"
    assert Report.objects.get().order_id is None


def test_an_ended_order_is_not_moved_again(desk):
    order = desk.leased()
    desk.report("rejected", order)
    verdict = desk.report("ack", order)
    assert (verdict.applied, verdict.reason) == (False, "order_is_rejected")


def test_an_unknown_order_that_the_broker_does_not_know_waits_for_a_person(desk):
    order = desk.leased()
    desk.report("unknown", order)
    desk.report("lookup_absent", order)
    assert state(order) == "unknown"
    assert Incident.objects.get().kind == "order.unresolved"
    order_resolve_unknown(order_id=order.id, outcome="cancelled", note="seen", actor="user:1")
    assert state(order) == "cancelled"


def test_missing_sequence_numbers_are_told(desk):
    order = desk.leased()
    for seq in (1, 2, 5, 9):
        desk.seqs = iter([seq])
        desk.report("position_snapshot", order)
    assert report_gaps(account_id=desk.account.id, instance="ea-1") == [(3, 4), (6, 8)]
    assert report_gaps(account_id=desk.account.id, instance="other") == []


def test_a_deal_for_a_rejected_order_halts_the_account(desk):
    order = desk.leased()
    desk.report("rejected", order)
    desk.deal(order)
    assert account_state(BrokerAccount.objects.get().id) == "halted"
    assert Incident.objects.get().kind == "deal.unexpected"
    assert Deal.objects.count() == 1


def test_a_deal_for_a_staged_order_takes_it_out_of_the_queue_and_halts(desk):
    order = desk.stage()
    desk.deal(order)
    assert state(order) == "filled"
    assert desk.poll().orders == []
    assert account_state(BrokerAccount.objects.get().id) == "halted"


def test_more_lots_than_ordered_halt_the_account(desk):
    order = desk.leased(lots="0.10")
    desk.deal(order, volume_lots=Decimal("0.20"))
    assert Incident.objects.get().kind == "order.overfilled"
