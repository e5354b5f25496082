"""The compiled Expert Advisor against the real server: what goes well."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from execution.models import Deal, Order, Position
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
    """Even where nobody says that it was changed: the history is read again each minute."""
    entry = bench.stage()
    bench.filled(entry)
    (deal,) = bench.deals_of(entry)
    bench.seconds(12)
    bench.broker.fault("transaction", effect="drop", match="deal_update", times=5)
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


@pytest.mark.parametrize(("side", "away"), [("buy", 1), ("sell", -1)])
def test_stop_and_target_by_percent_count_from_the_fill(bench: Bench, side: str, away: int) -> None:
    entry = bench.stage(
        side=side, sl=Target("percent", Decimal(1)), tp=Target("percent", Decimal(2))
    )
    bench.filled(entry)
    bench.seconds(1)
    (position,) = bench.truth().positions
    fill = Decimal(position["price"])
    wanted = [(fill - away * fill * one / 100) for one in (Decimal(1), Decimal(-2))]
    found = [Decimal(position[name]) for name in ("sl", "tp")]
    assert all(abs(a - b) <= Decimal("0.00001") for a, b in zip(wanted, found, strict=True))
    bench.end()


def test_a_target_hit_at_the_broker_closes_the_position_here(bench: Bench) -> None:
    entry = bench.stage(sl="1.09500", tp="1.10200")
    bench.filled(entry)
    bench.price("1.10300")
    bench.until(lambda: Position.objects.get().closed_at is not None)
    assert Deal.objects.get(entry="out").reason == "tp"
    bench.end()


def test_a_position_closed_by_hand_ends_its_exit_as_done(bench: Bench) -> None:
    entry = bench.stage()
    bench.filled(entry)
    (position,) = bench.truth().positions
    closing = bench.stage("exit", side="sell")
    bench.broker.trade(
        type="sell", symbol="EURUSD", volume=Decimal("0.10"), position=position["ticket"]
    )
    bench.until(lambda: Order.objects.get(id=closing.id).has_ended, 60)
    assert len(bench.truth().deals) == 3
    bench.seconds(70)
    bench.check()


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


def test_a_stop_moved_nearer_by_hand_is_left_where_it_is(bench: Bench) -> None:
    entry = bench.stage(sl="1.09000")
    bench.filled(entry)
    (position,) = bench.truth().positions
    bench.broker.say("position", id=position["id"], sl=Decimal("1.09700"))
    bench.seconds(5)
    assert bench.truth().positions[0]["sl"] == "1.097"
    bench.end()


def test_comments_that_the_broker_drops_lose_nothing(bench_make: Callable[..., Bench]) -> None:
    bench = bench_make(account={"comments": "drop"})
    bench.seconds(WARM_UP)
    entry = bench.stage()
    bench.filled(entry)
    bench.restart()
    closing = bench.stage("exit", side="sell")
    bench.filled(closing, 60)
    bench.end()


def test_reordered_and_repeated_transactions_change_nothing(bench: Bench) -> None:
    bench.broker.fault("transaction", match="deal_add", effect="hold", ms=3000, times=2)
    bench.broker.fault("transaction", effect="repeat", times=20)
    entry = bench.stage()
    bench.filled(entry)
    closing = bench.stage("exit", side="sell")
    bench.filled(closing)
    bench.end()


def test_swap_over_a_night_reaches_the_ledger(bench_make: Callable[..., Bench]) -> None:
    bench = bench_make(symbol={"swap_long": Decimal(-7)})
    bench.seconds(WARM_UP)
    entry = bench.stage()
    bench.filled(entry)
    bench.kill()
    bench.pass_time(14 * 3600)
    bench.start()
    bench.seconds(WARM_UP)
    closing = bench.stage("exit", side="sell")
    bench.filled(closing, 60)
    assert Decimal(bench.deals_of(closing)[0]["swap"]) < 0
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


@pytest.mark.parametrize(("tif", "filling"), [("ioc", "ioc"), ("fok", "fok"), ("gtc", "fok")])
def test_a_market_order_is_sent_with_the_filling_that_is_asked_for(
    bench: Bench, tif: str, filling: str
) -> None:
    entry = bench.stage(tif=tif)
    bench.filled(entry)
    (sent,) = (one for one in bench.truth().past if one["magic"] == str(entry.id))
    assert sent["filling"] == filling
    bench.end()


def test_a_filling_that_was_asked_for_alone_has_no_other(bench: Bench) -> None:
    bench.broker.say("symbol", name="EURUSD", filling=2)
    entry = bench.stage(tif="fok")
    bench.until(lambda: bench.state(entry) == "rejected")
    entry.refresh_from_db()
    assert entry.retcode == 10030
    bench.end()
