"""The database's own copy of the order rules."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from execution.models import Deal, Order, Position, Report
from execution.rules import states
from tests.builders.execution import account_set, alert_make, desk_make
from tests.database import owner_writes

pytestmark = pytest.mark.django_db


def test_the_database_knows_the_same_edges_as_the_states_table():
    names = sorted(states.ORDER_EDGES)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a, b FROM unnest(%s::text[]) a, unnest(%s::text[]) b"
            " WHERE execution_order_edge_is_legal(a, b)",
            [names, names],
        )
        in_sql = set(cursor.fetchall())
    assert in_sql == {(old, new) for old in names for new in states.ORDER_EDGES[old]}


def test_an_illegal_edge_is_refused_by_the_table():
    order = desk_make().stage()
    with pytest.raises(IntegrityError, match="no edge"), transaction.atomic():
        Order.objects.filter(id=order.id).update(state="acknowledged")


def test_a_fence_never_falls_and_a_lease_raises_it_by_one():
    order = desk_make().leased()
    with pytest.raises(IntegrityError, match="fence"), transaction.atomic():
        Order.objects.filter(id=order.id).update(fence=0)
    other = desk_make().stage()
    with pytest.raises(IntegrityError, match="fence"), transaction.atomic():
        Order.objects.filter(id=other.id).update(
            state="leased", fence=5, lease_until=order.lease_until
        )


def test_what_was_staged_is_never_changed():
    order = desk_make().stage()
    with (
        pytest.raises(IntegrityError, match="never changed"),
        transaction.atomic(),
        owner_writes(),
    ):
        Order.objects.filter(id=order.id).update(volume_lots=order.volume_lots * 2)


@pytest.mark.parametrize("facts", [{"env": "paper"}, {"grade": "C"}])
def test_a_live_account_gets_no_staged_entry_from_an_alert_that_is_not_good_for_it(facts):
    desk = desk_make()
    order = desk.stage(alert=alert_make(desk.strategy, **facts))
    account_set(desk.account, book="live")
    order.pk = None
    with (
        pytest.raises(IntegrityError, match="not good for a live account"),
        transaction.atomic(),
    ):
        order.save()


def test_an_order_is_not_born_in_the_middle_of_its_life():
    order = desk_make().stage()
    order.pk = None
    order.position_ticket = 5
    order.state = "acknowledged"
    with pytest.raises(IntegrityError, match="starts staged"), transaction.atomic():
        order.save(force_insert=True)


def test_a_second_order_for_the_same_target_is_refused():
    order = desk_make().stage()
    order.pk = None
    with pytest.raises(IntegrityError, match="order_once_per_target"), transaction.atomic():
        order.save(force_insert=True)


@pytest.mark.parametrize("model", [Report, Deal])
def test_the_app_may_not_change_reports_and_deals(model):
    desk_make().deal()
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.update(trace_id="b" * 32)
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.all()._raw_delete("default")


def test_a_fold_revision_never_falls():
    position = desk_make().opened()
    with pytest.raises(IntegrityError, match="fold revision"), transaction.atomic():
        Position.objects.filter(id=position.id).update(fold_revision=0)


def test_the_order_id_is_a_magic_that_json_readers_do_not_round():
    order = desk_make().stage()
    assert 2**32 < order.id < 2**53


def test_a_revision_of_a_deal_is_stored_once():
    desk_make().deal()
    deal = Deal.objects.get()
    deal.pk = None
    with pytest.raises(IntegrityError, match="deal_once_per_revision"), transaction.atomic():
        deal.save(force_insert=True)


def test_a_report_id_is_stored_once():
    desk_make().deal()
    report = Report.objects.get()
    report.pk = None
    with pytest.raises(IntegrityError, match="report_once"), transaction.atomic():
        report.save(force_insert=True)
