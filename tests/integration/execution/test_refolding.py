"""Stored folds are looked at again, and restated deals leave sums behind that are true."""

from decimal import Decimal

import pytest

from execution.models import Order, Position
from execution.services.refolding import fold_check_due, position_fold_check
from fusion_project.incidents.models import Incident
from fusion_project.incidents.services import incident_close
from tests.builders.execution import Desk, desk_make
from tests.database import owner_connect

KIND = "fold.differs"


@pytest.fixture
def desk(committed_db) -> Desk:
    return desk_make()


def tamper(statement: str) -> None:
    """As somebody who switches the guards off would."""
    with owner_connect() as owner:
        for table in ("execution_position", "execution_order"):
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        owner.execute(statement)
        owner.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("execution_position", "execution_order"):
            triggers = owner.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
                [table],
            ).fetchall()
            for (name,) in triggers:
                owner.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def open_notes() -> dict[str, str]:
    found = Incident.objects.filter(kind=KIND, closed_at=None)
    return dict(found.values_list("subject", "note"))


def test_what_agrees_with_its_deals_opens_nothing(desk):
    desk.close(desk.opened())
    desk.opened()
    assert fold_check_due() == 0
    assert open_notes() == {}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("price_open = price_open + 1", "price_open is 2.1, its deals say 1.1"),
        ("volume_open_lots = 7", "volume_open_lots is 7, its deals say 0.1"),
        ("net = 5", "net is 5, its deals say 0"),
        ("opened_at = opened_at - interval '1 day'", "opened_at is"),
    ],
)
def test_a_fold_that_differs_is_an_incident_until_it_agrees(desk, change, told):
    position = desk.opened()
    tamper(f"UPDATE execution_position SET {change}")
    assert fold_check_due() == 1
    assert told in open_notes()[f"execution.position:{position.pk}"]
    # The next deal folds everything anew.
    desk.close(position, volume_lots=Decimal("0.10"))
    assert fold_check_due() == 0
    assert open_notes() == {}


def test_filled_lots_that_differ_are_an_incident(desk):
    position = desk.opened()
    tamper("UPDATE execution_order SET filled_lots = 5")
    assert fold_check_due() == 1
    assert open_notes() == {
        f"execution.order:{position.order_id}": "filled_lots is 5, its deals say 0.1"
    }
    tamper("UPDATE execution_order SET filled_lots = 0.1")
    assert fold_check_due() == 0
    assert open_notes() == {}


def test_deals_without_their_position_are_an_incident(desk):
    position = desk.opened()
    with owner_connect() as owner:
        owner.execute("ALTER TABLE execution_position DISABLE TRIGGER USER")
        owner.execute("DELETE FROM execution_position")
    assert fold_check_due() == 1
    (note,) = open_notes().values()
    assert note == f"deals of position {position.position_ticket}, and no position"


def test_an_incident_closed_by_a_person_opens_again_while_it_differs(desk):
    position = desk.opened()
    tamper("UPDATE execution_position SET net = 5")
    ticket = {"account_id": desk.account.id, "position_ticket": position.position_ticket}
    assert position_fold_check(**ticket)
    incident_close(incident_id=Incident.objects.get().pk, note="seen", actor="user:1")
    assert position_fold_check(**ticket)
    assert Incident.objects.filter(kind=KIND).count() == 2


def test_a_restated_deal_that_leaves_its_order_is_counted_there_no_longer(desk):
    order = desk.leased()
    desk.report("ack", order)
    deal = desk.deal(order)
    desk.report("deal", deal=desk.deal_facts(order, **{**_told(deal), "kind": "correction"}))
    assert Order.objects.get(id=order.id).filled_lots == 0
    assert Position.objects.get().volume_open_lots == 0
    assert fold_check_due() == 0


def test_a_late_deal_still_fills_an_order_that_has_ended(desk):
    order = desk.leased()
    desk.report("ack", order)
    desk.report("cancelled", order)
    desk.deal(order)
    order.refresh_from_db()
    assert (order.state, order.filled_lots) == ("filled", order.volume_lots)


def _told(deal) -> dict[str, object]:
    return {
        "ticket": deal.ticket,
        "time_msc": deal.time_msc,
        "entry": "",
        "position_ticket": deal.position_ticket,
        "volume_lots": deal.volume_lots,
    }
