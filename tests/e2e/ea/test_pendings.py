"""Resting orders: kinds, lifetimes, fills in part, cancels, and what befalls them meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from execution.models import Order, Position
from execution.services.staging import decision_stage
from tests.e2e.ea.bench import WARM_UP, Bench
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]


def test_a_limit_order_rests_and_is_filled_with_its_stop(bench: Bench) -> None:
    order = bench.stage(order_type="limit", limit_price="1.09500", sl="1.09000")
    bench.until(lambda: bench.state(order) == "working")
    assert len(bench.truth().orders) == 1
    bench.price("1.09480")
    bench.filled(order)
    bench.end()


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


def test_a_stop_order_rests_and_is_filled_beyond_its_price(bench: Bench) -> None:
    order = bench.stage(order_type="stop", stop_price="1.10500", lots="0.10")
    bench.until(lambda: bench.state(order) == "working")
    assert bench.truth().orders[0]["type"] == "buy_stop"
    bench.price("1.10520")
    bench.filled(order)
    assert Decimal(bench.deals_of(order)[0]["price"]) >= Decimal("1.10500")
    bench.end()


def test_a_sell_limit_rests_above_the_market(bench: Bench) -> None:
    order = bench.stage(side="sell", order_type="limit", limit_price="1.10500", lots="0.10")
    bench.until(lambda: bench.state(order) == "working")
    assert bench.truth().orders[0]["type"] == "sell_limit"
    bench.price("1.10520")
    bench.filled(order)
    bench.end()


def test_a_resting_order_for_the_day_ends_with_the_broker_s_day(bench: Bench) -> None:
    order = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10", tif="day")
    bench.until(lambda: bench.state(order) == "working")
    assert bench.truth().orders[0]["time_type"] == "day"
    bench.kill()
    bench.pass_time(13 * 3600)
    bench.start()
    bench.until(lambda: bench.state(order) == "expired", 60)
    bench.end()


def test_a_lifetime_that_the_symbol_does_not_have_is_refused(bench: Bench) -> None:
    bench.broker.say("symbol", name="EURUSD", expiration=2)
    order = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    bench.until(lambda: bench.state(order) == "rejected")
    order.refresh_from_db()
    assert order.retcode == 10022
    bench.end()


def test_a_resting_order_that_a_person_takes_back_is_told_as_cancelled(bench: Bench) -> None:
    order = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    bench.until(lambda: bench.state(order) == "working")
    (resting,) = bench.truth().orders
    bench.broker.trade(action="remove", order=resting["ticket"])
    bench.until(lambda: bench.state(order) == "cancelled")
    bench.end()


def test_a_resting_order_filled_in_part_and_taken_back_is_told_whole(bench: Bench) -> None:
    bench.broker.say("symbol", name="EURUSD", depth=Decimal("0.04"))
    order = bench.stage(order_type="limit", limit_price="1.09500", sl="1.09000", lots="0.10")
    bench.until(lambda: bench.state(order) == "working")
    bench.price("1.09480")
    bench.until(lambda: bench.truth().positions, 20)
    bench.price("1.09700")
    decision_stage(decision_id=bench.desk.decide("cancel", side="any").id)
    bench.until(lambda: bench.state(order) in ("done", "filled", "cancelled"), 60)
    assert bench.truth().orders == []
    bench.end()


def test_a_cancel_that_comes_too_late_finds_the_order_filled(bench: Bench) -> None:
    order = bench.stage(order_type="limit", limit_price="1.09500", sl="1.09000", lots="0.10")
    bench.until(lambda: bench.state(order) == "working")
    bench.broker.fault("request", match="remove", effect="refuse", retcode=10035, times=2)
    decision_stage(decision_id=bench.desk.decide("cancel", side="any").id)
    bench.price("1.09400")
    bench.filled(order)
    bench.end()


def test_a_cancel_goes_on_after_a_crash(bench: Bench) -> None:
    order = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    bench.until(lambda: bench.state(order) == "working")
    bench.broker.crash("OrderSend", "after", match="remove")
    decision_stage(decision_id=bench.desk.decide("cancel", side="any").id)
    bench.until(lambda: bench.step is None, 20)
    bench.broker.say("forget_faults")
    bench.restart()
    bench.until(lambda: bench.state(order) == "cancelled", 60)
    bench.end()


@pytest.fixture
def forgotten(bench: Bench) -> Order:
    """An order that rests, and a program whose journal was lost."""
    order = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    bench.until(lambda: bench.state(order) == "working")
    bench.kill()
    bench.journal.unlink()
    bench.pass_time(16)
    bench.start()
    bench.seconds(WARM_UP)
    return order


def test_a_resting_order_of_a_lost_journal_is_taken_back_as_the_server_wants(
    bench: Bench, forgotten: Order
) -> None:
    decision_stage(decision_id=bench.desk.decide("cancel", side="any").id)
    bench.until(lambda: bench.state(forgotten) == "cancelled")
    assert bench.truth().orders == []
    bench.end("executor.notice")


def test_a_kill_takes_a_resting_order_of_a_lost_journal_back_and_none_of_others(
    bench: Bench, forgotten: Order
) -> None:
    by_hand = {"type": "buy_limit", "symbol": "EURUSD", "volume": Decimal("0.10")}
    bench.broker.trade(action="pending", price=Decimal("1.04000"), **by_hand)
    (bench.files / "KILL.txt").write_text("")
    bench.seconds(4)
    assert [one["magic"] for one in bench.truth().orders] == ["0"]
    assert bench.state(forgotten) == "working"
    # Nobody could tell the server, which finds it missing and asks.
    bench.until(lambda: bench.state(forgotten) == "cancelled", 60)
    bench.check(incidents=("executor.notice", "positions.differ"))


def test_an_amended_stop_of_a_filled_limit_holds(bench: Bench) -> None:
    order = bench.stage(order_type="limit", limit_price="1.09500", sl="1.09000", lots="0.10")
    bench.until(lambda: bench.state(order) == "working")
    bench.price("1.09480")
    bench.filled(order)
    amend = bench.stage("amend", side="buy", sl="1.09200", ref_price="1.09480")
    bench.until(lambda: bench.state(amend) == "done")
    assert bench.truth().positions[0]["sl"] == "1.092"
    bench.end()


def test_resting_orders_are_found_again_after_a_restart(bench: Bench) -> None:
    order = bench.stage(order_type="limit", limit_price="1.09500", sl="1.09000", lots="0.10")
    bench.until(lambda: bench.state(order) == "working")
    bench.restart()
    bench.seconds(WARM_UP)
    assert bench.state(order) == "working"
    bench.price("1.09480")
    bench.filled(order)
    assert Position.objects.get().order_id == order.id
    bench.end()


def test_a_gap_over_a_limit_fills_at_the_better_price(bench: Bench) -> None:
    order = bench.stage(order_type="limit", limit_price="1.09500", sl="1.08000", lots="0.10")
    bench.until(lambda: bench.state(order) == "working")
    bench.price("1.09000")
    bench.filled(order)
    assert Decimal(bench.deals_of(order)[0]["price"]) == Decimal("1.09010")
    bench.end()


def test_a_resting_order_that_was_lost_on_its_way_back_is_found(bench: Bench) -> None:
    bench.broker.fault("request", match="pending", effect="execute", retcode=10012, ms=2000)
    order = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    bench.until(lambda: bench.state(order) == "working", 60)
    assert len(bench.truth().orders) == 1
    bench.end()


def test_an_order_refused_by_the_margin_when_it_is_reached_is_told(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make()
    bench.seconds(WARM_UP)
    order = bench.stage(order_type="limit", limit_price="1.09500", sl="1.09000", lots="0.10")
    bench.until(lambda: bench.state(order) == "working")
    bench.broker.balance(Decimal(-9_990))
    bench.seconds(5)
    bench.price("1.09480")
    bench.until(lambda: bench.state(order) == "rejected", 60)
    bench.end()


def test_good_until_is_told_in_the_broker_s_time(bench: Bench) -> None:
    until = bench.now + timedelta(hours=3)
    bench.stage(order_type="limit", limit_price="1.05000", tif="gtd", good_until=until)
    bench.until(lambda: bench.truth().orders, 20)
    told = int(bench.truth().orders[0]["expires_s"])
    assert told == round(until.timestamp()) + 7200
    bench.end()


@pytest.mark.parametrize(
    ("side", "stop", "limit"), [("buy", "1.10500", "1.10400"), ("sell", "1.09500", "1.09600")]
)
def test_a_stop_limit_order_becomes_a_limit_and_is_filled(
    bench: Bench, side: str, stop: str, limit: str
) -> None:
    order = bench.stage(
        side=side, order_type="stop_limit", stop_price=stop, limit_price=limit, lots="0.10"
    )
    bench.until(lambda: bench.state(order) == "working")
    (resting,) = bench.truth().orders
    assert resting["type"] == f"{side}_stop_limit"
    bench.seconds(6)
    bench.price(stop)
    bench.seconds(2)
    bench.price(limit)
    bench.seconds(1)
    bench.price("1.10000" if side == "buy" else "1.10100")
    bench.filled(order)
    bench.end()


def test_a_sell_stop_rests_below_the_market(bench: Bench) -> None:
    order = bench.stage(side="sell", order_type="stop", stop_price="1.09500", lots="0.10")
    bench.until(lambda: bench.state(order) == "working")
    assert bench.truth().orders[0]["type"] == "sell_stop"
    bench.price("1.09400")
    bench.filled(order)
    bench.end()
