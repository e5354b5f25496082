"""Entries are sized and held by the market's own price; the sender's is a claim."""

from datetime import timedelta
from decimal import Decimal

import pytest

from execution.models import BrokerAccount, Quote
from execution.selectors.previews import entry_previews
from fusion_project.events.clock import now
from signals.intents.legs import Target
from tests.builders.execution import account_set, desk_make
from tests.builders.risk import limit_set, live_make, quote_tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    """Its executor tells quotes."""
    made = desk_make()
    BrokerAccount.objects.filter(id=made.account.id).update(instance_minor=2)
    return made


def test_the_told_fault_a_price_of_a_half_while_the_market_is_at_1_06(desk) -> None:
    """It gave 0.52 lots, with 29 168 to the stop on an equity of 10 400."""
    quote_tell(desk.account, "1.05990", "1.06000")
    order = desk.stage(ref_price="0.5", sl="0.4995")
    assert (order.state, order.reason) == ("rejected", "price_too_far")
    assert order.message == "price_drift_bps_max: 5282.7964, bound 200 (all)"


def test_a_market_order_is_sized_from_the_quote_and_compared_with_the_alert(desk) -> None:
    quote_tell(desk.account, "1.10490", "1.10500")
    order = desk.stage()
    # 50 of money over 100 points from the ask, not over 50 from the alert's price.
    assert (order.volume_lots, order.risk_money) == (Decimal("0.05"), Decimal(50))
    assert order.ref_price == Decimal("1.10000")
    quote_tell(desk.account, "1.10490", "1.10500")
    (preview,) = entry_previews(desk.decide())
    assert preview.prices.base == Decimal("1.10500")


def test_a_sell_is_sized_from_the_bid(desk) -> None:
    quote_tell(desk.account, "1.09900", "1.10000")
    order = desk.stage(side="sell", sl="1.10400")
    assert order.risk_money == order.volume_lots * 500


def test_a_stop_that_the_market_has_passed_is_refused(desk) -> None:
    quote_tell(desk.account, "1.09390", "1.09400")
    assert desk.stage(sl="1.09500").reason == "stop_on_wrong_side"


def test_distances_are_counted_from_the_quote(desk) -> None:
    quote_tell(desk.account, "1.10490", "1.10500")
    order = desk.stage(sl=Target("pips", Decimal(50)))
    assert (order.sl, order.volume_lots) == (Decimal("1.10000"), Decimal("0.10"))


def test_a_resting_order_is_sized_from_its_own_price(desk) -> None:
    quote_tell(desk.account, "1.10490", "1.10500")
    order = desk.stage(order_type="limit", limit_price="1.10000", sl="1.09500")
    assert (order.volume_lots, order.ref_price) == (Decimal("0.10"), Decimal("1.10000"))


def test_without_a_quote_nothing_is_ordered_where_the_executor_can_tell_one(desk) -> None:
    assert desk.awaits()["reason"] == "no_quote"


def test_a_quote_that_stands_still_is_too_old(desk, clock) -> None:
    quote_tell(desk.account, "1.10000", "1.10000")
    clock.advance(seconds=61)
    told = desk.awaits()
    assert (told["reason"], told["words"][:21]) == ("quote_too_old", "quote_age_seconds_max")


def test_a_terminal_whose_clock_runs_ahead_makes_no_quote_younger(desk, clock) -> None:
    quote_tell(desk.account, "1.10000", "1.10000", quoted_at=now() + timedelta(hours=1))
    clock.advance(seconds=61)
    assert desk.awaits()["reason"] == "quote_too_old"


def test_a_bid_above_its_ask_is_no_quote(desk) -> None:
    quote_tell(desk.account, "1.10010", "1.10000")
    assert desk.awaits()["reason"] == "no_quote"


def test_a_market_that_has_moved_keeps_an_order_back_at_its_claim(desk) -> None:
    quote_tell(desk.account, "1.10000", "1.10000")
    order = desk.stage()
    quote_tell(desk.account, "1.13000", "1.13000")
    BrokerAccount.objects.filter(id=desk.account.id).update(instance_minor=2)
    assert order.id not in desk.poll().new_ids
    quote_tell(desk.account, "1.10100", "1.10100")
    assert order.id in desk.poll().new_ids


def test_a_spread_limit_is_held_against_the_quote(desk) -> None:
    limit_set(desk, spread_bps_max=5)
    quote_tell(desk.account, "1.09950", "1.10050")
    assert desk.awaits()["reason"] == "spread_too_wide"


def test_a_paper_account_whose_executor_tells_no_quotes_goes_by_the_alert() -> None:
    old = desk_make()
    assert old.stage().state == "staged"


def test_a_live_account_never_does(desk) -> None:
    other = desk_make()
    live_make(other)
    account_set(other.account, instance_minor=0)
    Quote.objects.filter(symbol_map__account=other.account).update(bid=2, ask=1)
    assert other.awaits()["reason"] == "no_quote"
