"""New stops and targets for open positions."""

from decimal import Decimal

import pytest

from execution.models import Position
from signals.intents.legs import Target
from tests.builders.execution import desk_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    made = desk_make()
    made.opened(sl="1.09000", tp="1.12000", trade_ref="t1")
    return made


def amend(desk, **fields):
    return desk.stage("amend", side="buy", trade_ref="t1", ref_price="1.10500", **fields)


def test_a_tighter_stop_is_staged_and_keeps_the_target(desk):
    order = amend(desk, sl="1.10000")
    assert (order.verb, order.state) == ("amend", "staged")
    assert (order.sl, order.tp) == (Decimal("1.10000"), Decimal("1.12000"))


@pytest.mark.parametrize("sl", ["1.08000", Target("remove")])
def test_a_wider_or_removed_stop_is_refused(desk, sl):
    assert amend(desk, sl=sl).reason == "amend_widens_stop"


def test_a_stop_on_its_way_to_the_broker_counts_as_the_present_one(desk):
    assert amend(desk, sl="1.10000").state == "staged"
    assert amend(desk, sl="1.09500").reason == "amend_widens_stop"


def test_the_position_bears_the_stop_once_the_executor_confirms_it(desk):
    order = amend(desk, sl="1.10000")
    desk.poll()
    assert Position.objects.get().sl == Decimal("1.09000")
    desk.report("done", order)
    assert Position.objects.get().sl == Decimal("1.10000")


def test_a_distance_counts_from_the_open_price(desk):
    assert amend(desk, sl=Target("points", Decimal(200))).sl == Decimal("1.09800")


def test_a_stop_beyond_the_market_is_refused(desk):
    assert amend(desk, sl="1.10600").reason == "stop_on_wrong_side"


def test_without_a_position_there_is_nothing_to_amend():
    order = desk_make().stage("amend", side="buy", sl="1.10000", ref_price="1.10500")
    assert (order.state, order.reason) == ("rejected", "no_open_position")
