"""The compiled Expert Advisor against the real server: what goes well."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from execution.models import Deal, Position
from execution.services.staging import decision_stage
from signals.intents.legs import Target
from tests.e2e.ea.bench import ASK, BID, WARM_UP, Bench
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]


def test_a_buy_is_made_at_the_ask_under_instant_execution(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make(symbol={"execution": "instant"})
    bench.seconds(WARM_UP)
    entry = bench.stage()
    bench.until(lambda: bench.state(entry) == "filled")
    (deal,) = bench.deals_of(entry)
    assert Decimal(deal["price"]) == ASK
    bench.seconds(6)
    bench.check()


def test_a_sell_is_made_at_the_bid_and_its_stop_stands_above(bench: Bench) -> None:
    entry = bench.stage(side="sell", sl="1.10500")
    bench.until(lambda: bench.state(entry) == "filled")
    (position,) = bench.truth().positions
    assert (position["type"], Decimal(position["price"]), position["sl"]) == ("sell", BID, "1.105")
    bench.seconds(6)
    bench.check()


@pytest.mark.parametrize(("unit", "value"), [("points", "500"), ("pips", "50")])
def test_a_stop_that_is_a_distance_counts_from_the_fill(
    bench: Bench, unit: str, value: str
) -> None:
    bench.broker.fault("request", match="deal", effect="slip", points=7)
    entry = bench.stage(sl=Target(unit, Decimal(value)))
    bench.until(lambda: bench.state(entry) == "filled")
    bench.seconds(1)
    (position,) = bench.truth().positions
    assert Decimal(position["price"]) - Decimal(position["sl"]) == Decimal("0.00500")
    bench.seconds(6)
    bench.check()


def test_lots_are_floored_to_the_steps_of_the_symbol(bench_make: Callable[..., Bench]) -> None:
    bench = bench_make()
    bench.seconds(WARM_UP)
    bench.broker.say(
        "symbol", name="EURUSD", volume_step=Decimal("0.04"), volume_min=Decimal("0.04")
    )
    entry = bench.stage(lots="0.10")
    bench.until(lambda: bench.truth().positions)
    assert bench.truth().positions[0]["volume"] == "0.08"
    bench.until(lambda: bench.state(entry) in ("done", "filled", "partially_filled"))
    bench.seconds(6)
    bench.check()


def test_a_part_of_a_position_is_closed(bench: Bench) -> None:
    entry = bench.stage()
    bench.until(lambda: bench.state(entry) == "filled")
    part = bench.stage("partial_exit", side="sell", close_pct="50")
    bench.until(lambda: bench.state(part) == "filled")
    assert bench.truth().positions[0]["volume"] == "0.05"
    bench.seconds(3)
    bench.check()


def test_a_tighter_stop_reaches_the_broker(bench: Bench) -> None:
    entry = bench.stage(sl="1.09000")
    bench.until(lambda: bench.state(entry) == "filled")
    amend = bench.stage("amend", side="buy", sl="1.09500", ref_price="1.10000")
    bench.until(lambda: bench.state(amend) == "done")
    assert bench.truth().positions[0]["sl"] == "1.095"
    bench.seconds(3)
    bench.check()


def test_a_limit_order_rests_and_is_filled_with_its_stop(bench: Bench) -> None:
    order = bench.stage(order_type="limit", limit_price="1.09500", sl="1.09000")
    bench.until(lambda: bench.state(order) == "working")
    assert len(bench.truth().orders) == 1
    bench.price("1.09480")
    bench.until(lambda: bench.state(order) == "filled")
    bench.seconds(6)
    bench.check()


def test_a_resting_order_good_till_a_moment_ends_at_the_broker_and_here(bench: Bench) -> None:
    until = bench.now + timedelta(seconds=30)
    order = bench.stage(order_type="limit", limit_price="1.05000", tif="gtd", good_until=until)
    bench.until(lambda: bench.state(order) == "working")
    (resting,) = bench.truth().orders
    assert resting["time_type"] == "specified"
    bench.seconds(35)
    assert bench.state(order) == "expired"
    assert bench.truth().orders == []
    bench.check()


def test_an_amend_moves_a_resting_order_and_is_kept_over_a_restart(bench: Bench) -> None:
    order = bench.stage(order_type="limit", limit_price="1.09500", sl="1.09000", tp="1.12000")
    bench.until(lambda: bench.state(order) == "working")
    amend = bench.stage("amend", side="buy", limit_price="1.09000", sl="1.08600")
    bench.until(lambda: bench.state(amend) == "done")
    (resting,) = bench.truth().orders
    assert (resting["price"], resting["sl"], resting["tp"]) == ("1.09", "1.086", "1.12")
    bench.seconds(6)
    bench.restart()
    bench.price("1.08980")
    bench.until(lambda: bench.state(order) == "filled")
    bench.seconds(6)
    # The stop first sent would stand on the wrong side of this fill.
    assert bench.truth().positions[0]["sl"] == "1.086"
    bench.check()


def test_an_amend_that_the_broker_refuses_is_tried_again(bench: Bench) -> None:
    order = bench.stage(order_type="limit", limit_price="1.05000", sl="1.04000")
    bench.until(lambda: bench.state(order) == "working")
    bench.broker.fault("request", match="modify", effect="refuse", retcode=10004, times=2)
    amend = bench.stage("amend", side="buy", sl="1.04500")
    bench.until(lambda: bench.state(amend) == "done")
    assert bench.truth().orders[0]["sl"] == "1.045"
    bench.check()


def test_a_cancel_takes_a_resting_order_back(bench: Bench) -> None:
    order = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    bench.until(lambda: bench.state(order) == "working")
    decision_stage(decision_id=bench.desk.decide("cancel", side="any").id)
    bench.until(lambda: bench.state(order) == "cancelled")
    assert bench.truth().orders == []
    bench.check()


def test_a_cancel_that_the_broker_refuses_is_tried_again(bench: Bench) -> None:
    order = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    bench.until(lambda: bench.state(order) == "working")
    bench.broker.fault("request", match="remove", effect="refuse", retcode=10029, times=3)
    decision_stage(decision_id=bench.desk.decide("cancel", side="any").id)
    bench.until(lambda: bench.state(order) == "cancelled")
    assert bench.truth().orders == []
    bench.check()


def test_a_stop_hit_at_the_broker_closes_the_position_here(bench: Bench) -> None:
    entry = bench.stage(sl="1.09900")
    bench.until(lambda: bench.state(entry) == "filled")
    bench.price("1.09800")
    bench.until(lambda: Position.objects.get().closed_at is not None)
    assert Deal.objects.get(entry="out").reason == "sl"
    bench.seconds(6)
    bench.check()


def test_what_others_do_on_the_account_is_told_too(bench: Bench) -> None:
    bench.broker.balance(Decimal(500))
    bench.broker.balance(Decimal("-3.20"), kind="charge")
    bench.broker.trade(type="buy", symbol="EURUSD", volume=Decimal("0.20"))
    bench.seconds(4)
    assert set(Deal.objects.values_list("kind", flat=True)) == {"balance", "charge", "buy"}
    position = Position.objects.get()
    assert position.order is None
    bench.seconds(6)
    bench.check()


def test_deals_are_told_although_every_transaction_was_dropped(bench: Bench) -> None:
    bench.broker.fault("transaction", effect="drop", times=100)
    entry = bench.stage()
    bench.until(lambda: bench.state(entry) == "filled")
    bench.broker.balance(Decimal(25))
    bench.seconds(65)
    bench.check()


def test_a_deal_that_the_broker_changed_is_told_again(bench: Bench) -> None:
    entry = bench.stage()
    bench.until(lambda: bench.state(entry) == "filled")
    (deal,) = bench.deals_of(entry)
    bench.broker.say("restate", ticket=deal["ticket"], commission=Decimal("-0.70"))
    bench.until(lambda: Deal.objects.filter(revision=2).exists(), 70)
    bench.seconds(3)
    bench.check(incidents=("deal.restated",))


def test_a_deal_that_the_broker_deleted_is_told_as_deleted(bench: Bench) -> None:
    bench.broker.balance(Decimal(10))
    bench.seconds(2)
    ticket = bench.truth().deals[-1]["ticket"]
    bench.broker.say("strike_out", ticket=ticket)
    bench.until(lambda: Deal.objects.filter(kind="deleted").exists(), 300)
