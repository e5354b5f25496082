"""An exit that names no trade means all of the strategy's position, a share or an amount of it."""

from decimal import Decimal

import pytest

from execution.models import Order
from execution.services.staging import decision_stage
from fusion_project.incidents.models import Incident
from signals.intents.legs import Size
from tests.builders.execution import desk_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return desk_make()


def lots(orders: list[Order]) -> list[tuple[str, Decimal]]:
    return [(one.verb, one.volume_lots) for one in orders]


def pyramid(desk, *sizes: str):
    """Positions of so many entries, each a trade of its own."""
    return [desk.opened(lots=one, risk_bps=500) for one in sizes]


def test_a_flat_closes_every_trade_however_many_made_it(desk):
    positions = pyramid(desk, "0.10", "0.20", "0.30")
    orders = decision_stage(decision_id=desk.decide("exit", side="any").id)
    assert lots(orders) == [
        ("exit", Decimal("0.10")),
        ("exit", Decimal("0.20")),
        ("exit", Decimal("0.30")),
    ]
    assert [one.position_ticket for one in orders] == [one.position_ticket for one in positions]


def test_an_exit_with_a_reference_closes_that_trade_alone(desk):
    desk.opened(lots="0.10", trade_ref="t1")
    desk.opened(lots="0.20", trade_ref="t2")
    orders = decision_stage(decision_id=desk.decide("exit", side="sell", trade_ref="t1").id)
    assert lots(orders) == [("exit", Decimal("0.10"))]


def test_a_share_is_taken_of_the_whole_and_what_rounding_leaves_of_the_oldest(desk):
    pyramid(desk, "0.03", "0.03")
    orders = decision_stage(decision_id=desk.decide("partial_exit", side="sell", close_pct="50").id)
    assert lots(orders) == [
        ("partial_exit", Decimal("0.02")),
        ("partial_exit", Decimal("0.01")),
    ]
    assert not Incident.objects.filter(kind="exit.short").exists()


@pytest.mark.parametrize(
    "size", [Size("lots", Decimal("0.15")), Size("qty", Decimal(15_000))], ids=["lots", "units"]
)
def test_an_amount_is_taken_from_the_oldest_first(desk, size):
    pyramid(desk, "0.10", "0.20", "0.30")
    orders = decision_stage(decision_id=desk.decide("partial_exit", side="sell", size=size).id)
    assert lots(orders) == [("exit", Decimal("0.10")), ("partial_exit", Decimal("0.05"))]


def test_more_than_is_open_closes_what_is_open(desk):
    pyramid(desk, "0.10")
    size = Size("lots", Decimal(5))
    orders = decision_stage(decision_id=desk.decide("partial_exit", side="sell", size=size).id)
    assert lots(orders) == [("exit", Decimal("0.10"))]
    assert not Incident.objects.filter(kind="exit.short").exists()


def test_what_closes_less_than_it_said_opens_an_incident(desk):
    pyramid(desk, "0.01")
    orders = decision_stage(decision_id=desk.decide("partial_exit", side="sell", close_pct="50").id)
    assert [(one.state, one.reason) for one in orders] == [("rejected", "below_lot_min")]
    told = Incident.objects.get(kind="exit.short")
    assert "closes 0.005 lots less of EURUSD than it said" in told.note
