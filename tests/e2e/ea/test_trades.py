"""The compiled Expert Advisor against the real server: what goes well."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from execution.models import Deal, Position
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
    bench.filled(entry)
    (deal,) = bench.deals_of(entry)
    assert Decimal(deal["price"]) == ASK
    bench.end()


def test_a_sell_is_made_at_the_bid_and_its_stop_stands_above(bench: Bench) -> None:
    entry = bench.stage(side="sell", sl="1.10500")
    bench.filled(entry)
    (position,) = bench.truth().positions
    assert (position["type"], Decimal(position["price"]), position["sl"]) == ("sell", BID, "1.105")
    bench.end()


@pytest.mark.parametrize(("unit", "value"), [("points", "500"), ("pips", "50")])
def test_a_stop_that_is_a_distance_counts_from_the_fill(
    bench: Bench, unit: str, value: str
) -> None:
    bench.broker.fault("request", match="deal", effect="slip", points=7)
    entry = bench.stage(sl=Target(unit, Decimal(value)))
    bench.filled(entry)
    bench.seconds(1)
    (position,) = bench.truth().positions
    assert Decimal(position["price"]) - Decimal(position["sl"]) == Decimal("0.00500")
    bench.end()


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
    bench.end()


def test_a_part_of_a_position_is_closed(bench: Bench) -> None:
    entry = bench.stage()
    bench.filled(entry)
    part = bench.stage("partial_exit", side="sell", close_pct="50")
    bench.filled(part)
    assert bench.truth().positions[0]["volume"] == "0.05"
    bench.seconds(3)
    bench.check()


def test_a_tighter_stop_reaches_the_broker(bench: Bench) -> None:
    entry = bench.stage(sl="1.09000")
    bench.filled(entry)
    amend = bench.stage("amend", side="buy", sl="1.09500", ref_price="1.10000")
    bench.until(lambda: bench.state(amend) == "done")
    assert bench.truth().positions[0]["sl"] == "1.095"
    bench.seconds(3)
    bench.check()


def test_a_stop_hit_at_the_broker_closes_the_position_here(bench: Bench) -> None:
    entry = bench.stage(sl="1.09900")
    bench.filled(entry)
    bench.price("1.09800")
    bench.until(lambda: Position.objects.get().closed_at is not None)
    assert Deal.objects.get(entry="out").reason == "sl"
    bench.end()


def test_what_others_do_on_the_account_is_told_too(bench: Bench) -> None:
    bench.broker.balance(Decimal(500))
    bench.broker.balance(Decimal("-3.20"), kind="charge")
    bench.broker.trade(type="buy", symbol="EURUSD", volume=Decimal("0.20"))
    bench.seconds(4)
    assert set(Deal.objects.values_list("kind", flat=True)) == {"balance", "charge", "buy"}
    position = Position.objects.get()
    assert position.order is None
    bench.end()


def test_deals_are_told_although_every_transaction_was_dropped(bench: Bench) -> None:
    bench.broker.fault("transaction", effect="drop", times=100)
    entry = bench.stage()
    bench.filled(entry)
    bench.broker.balance(Decimal(25))
    bench.seconds(65)
    bench.check()


def test_a_deal_that_the_broker_changed_is_told_again(bench: Bench) -> None:
    entry = bench.stage()
    bench.filled(entry)
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


def test_two_positions_of_one_symbol_are_closed_each_by_its_own_exit(bench: Bench) -> None:
    first = bench.stage(trade_ref="t1", lots="0.10")
    second = bench.stage(trade_ref="t2", lots="0.05", sl="1.09000")
    bench.filled(first)
    bench.filled(second)
    for ref, left in (("t1", [str(second.id)]), ("t2", [])):
        closing = bench.stage("exit", side="sell", trade_ref=ref)
        bench.filled(closing)
        assert [one["magic"] for one in bench.truth().positions] == left
    bench.end()


def test_a_stop_out_by_the_broker_is_told_as_one(bench: Bench) -> None:
    bench.broker.trade(type="buy", symbol="EURUSD", volume=Decimal("8.00"))
    bench.seconds(4)
    bench.price("1.08870")
    bench.until(lambda: Deal.objects.filter(reason="so").exists(), 30)
    bench.seconds(10)
    assert bench.truth().positions == []
    # The account's own limits are over as well.
    bench.check(incidents=("executor.notice",))
