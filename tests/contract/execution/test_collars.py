"""A market order's fill is held against the market's own price, as the executor told it."""

import pytest

from execution.models import Subscription
from fusion_project.events.clock import now
from tests.builders.execution import desk_make
from tests.contract.execution.scripted import Scripted, is_halted, msc, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def ea(db, clock):
    clock.set(now())
    made = Scripted(desk_make(), boot_nonce="first")
    made.hello(api_minor=2)
    Subscription.objects.update(deviation_points=20)
    return made


def quoted(bid, ask):
    """What a heartbeat tells of the market now."""
    return {"quotes": [{"symbol": "EURUSD", "bid": bid, "ask": ask, "time_msc": msc(now())}]}


def test_a_market_that_moved_before_the_order_was_sent_is_no_fault(ea, clock):
    """30 points from the alert's price, 10 from what the executor asked for."""
    ea.beat(**quoted("1.10000", "1.10000"))
    order = ea.takes(ea.desk.stage(ref_price="1.10000"))
    clock.advance(seconds=5)
    ea.beat(**quoted("1.10015", "1.10020"))
    ea.deals(order, price="1.10030")
    assert (state(order), is_halted(ea.desk)) == ("filled", False)


def test_a_fill_further_off_than_any_quote_allows_is_one(ea, clock):
    ea.beat(**quoted("1.10000", "1.10000"))
    order = ea.takes(ea.desk.stage(ref_price="1.10000"))
    clock.advance(seconds=5)
    ea.beat(**quoted("1.10015", "1.10020"))
    ea.deals(order, price="1.10041")
    assert (state(order), is_halted(ea.desk)) == ("filled", True)


def test_a_sell_is_held_against_the_bid(ea):
    ea.beat(**quoted("1.09980", "1.10000"))
    order = ea.takes(ea.desk.stage(side="sell", sl="1.10500"))
    ea.deals(order, price="1.09959")
    assert is_halted(ea.desk)


def test_the_alerts_price_makes_no_fill_good_that_the_market_never_showed(ea):
    """The alert said 30 points more than the market."""
    ea.beat(**quoted("1.10000", "1.10000"))
    order = ea.takes(ea.desk.stage(ref_price="1.10030"))
    ea.deals(order, price="1.10040")
    assert is_halted(ea.desk)


def test_quotes_of_another_time_count_for_nothing(ea, clock):
    ea.beat(**quoted("1.10100", "1.10100"))
    clock.advance(seconds=40)
    ea.beat(**quoted("1.10000", "1.10000"))
    order = ea.takes(ea.desk.stage())
    ea.deals(order, price="1.10050")
    assert is_halted(ea.desk)


def test_an_executor_that_tells_no_quotes_goes_by_the_alert():
    ea = Scripted(desk_make(), boot_nonce="first")
    ea.hello(api_minor=1)
    Subscription.objects.update(deviation_points=20)
    order = ea.takes(ea.desk.stage(ref_price="1.10000"))
    ea.deals(order, price="1.10021")
    assert is_halted(ea.desk)
