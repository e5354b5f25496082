"""What the broker may answer, and what the Expert Advisor does with each class of it."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.e2e.ea.bench import WARM_UP, Bench
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]


def sent(bench: Bench) -> int:
    """How many requests to open something the broker has seen end or begin."""
    truth = bench.truth()
    return len(truth.orders) + len(truth.past)


@pytest.mark.parametrize("retcode", [10004, 10020, 10021, 10024, 10028, 10029])
def test_a_refusal_that_passes_is_tried_again_at_a_fresh_price(bench: Bench, retcode: int) -> None:
    bench.broker.fault("request", effect="refuse", retcode=retcode, times=2)
    entry = bench.stage()
    bench.filled(entry)
    assert len(bench.deals_of(entry)) == 1
    bench.end()


def test_three_requotes_are_enough(bench: Bench) -> None:
    bench.broker.fault("request", effect="refuse", retcode=10004, times=9)
    entry = bench.stage()
    bench.until(lambda: bench.state(entry) == "rejected")
    assert int(bench.truth().faults[0]["times"]) == 6
    bench.check()


@pytest.mark.parametrize(
    "retcode",
    [
        *(10006, 10007, 10013, 10014, 10019, 10022, 10023, 10032, 10033, 10034, 10035),
        *(10038, 10039, 10040, 10041, 10042, 10043, 10044, 10045, 10046),
    ],
)
def test_a_refusal_for_good_is_told_and_never_tried_again(bench: Bench, retcode: int) -> None:
    bench.broker.fault("request", effect="refuse", retcode=retcode)
    entry = bench.stage()
    bench.until(lambda: bench.state(entry) == "rejected")
    bench.seconds(4)
    entry.refresh_from_db()
    assert entry.retcode == retcode
    assert bench.truth().positions == []
    bench.check()


@pytest.mark.parametrize("retcode", [10017, 10018, 10026, 10027])
def test_a_pause_waits_without_hammering_and_the_entry_goes_later(
    bench: Bench, retcode: int
) -> None:
    bench.broker.fault("request", effect="refuse", retcode=retcode)
    entry = bench.stage()
    bench.seconds(10)
    assert bench.truth().positions == []
    bench.filled(entry, 30)
    bench.end()


def test_the_next_filling_is_tried_once_and_kept(bench: Bench) -> None:
    bench.broker.fault("request", effect="refuse", retcode=10030)
    first = bench.stage()
    bench.filled(first)
    second = bench.stage()
    bench.filled(second)
    assert [one["filling"] for one in bench.truth().past] == ["ioc", "ioc"]
    bench.end()


def test_a_filling_that_was_refused_twice_ends_the_entry(bench: Bench) -> None:
    bench.broker.fault("request", effect="refuse", retcode=10030, times=9)
    entry = bench.stage()
    bench.until(lambda: bench.state(entry) == "rejected")
    assert int(bench.truth().faults[0]["times"]) == 7
    bench.check()


def test_a_stop_nearer_than_the_broker_takes_is_refused_and_never_widened(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make()
    bench.seconds(WARM_UP)
    bench.broker.say("symbol", name="EURUSD", stops_level=200)
    entry = bench.stage(sl="1.09900", lots="0.10")
    bench.until(lambda: bench.state(entry) == "rejected")
    entry.refresh_from_db()
    assert entry.retcode == 10016
    assert sent(bench) == 0
    bench.check()


def test_a_refused_stop_is_the_end_of_an_entry_under_instant_execution(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make(symbol={"execution": "instant"})
    bench.seconds(WARM_UP)
    bench.broker.fault("request", effect="refuse", retcode=10016)
    entry = bench.stage()
    bench.until(lambda: bench.state(entry) == "rejected")
    bench.seconds(5)
    assert bench.truth().positions == []
    bench.check()


def test_where_a_stop_cannot_go_with_the_order_it_follows_at_once(bench: Bench) -> None:
    bench.broker.fault("request", match="deal", effect="refuse", retcode=10016)
    entry = bench.stage(sl="1.09000")
    bench.filled(entry)
    assert bench.truth().positions[0]["sl"] == "1.09"
    bench.end()


def test_a_position_whose_stop_cannot_be_set_is_closed(bench: Bench) -> None:
    bench.broker.fault("request", match="deal", effect="refuse", retcode=10016)
    bench.broker.fault("request", match="sltp", effect="refuse", retcode=10016, times=5)
    entry = bench.stage(sl="1.09000")
    bench.until(lambda: len(bench.truth().deals) == 3)
    assert bench.truth().positions == []
    bench.filled(entry)
    bench.end("executor.notice")


def test_a_timeout_that_was_carried_out_is_found(bench: Bench) -> None:
    bench.broker.fault("request", effect="execute", retcode=10012, ms=3000)
    entry = bench.stage()
    bench.filled(entry)
    assert len(bench.deals_of(entry)) == 1
    bench.seconds(10)
    bench.check()


@pytest.mark.parametrize("retcode", [10011, 10012, 10025, 10031, 10036, 19999])
def test_a_timeout_that_was_lost_is_told_and_never_sent_again(bench: Bench, retcode: int) -> None:
    bench.broker.fault("request", effect="refuse", retcode=retcode, ms=3000)
    entry = bench.stage()
    bench.until(lambda: bench.state(entry) == "unknown")
    bench.until(lambda: "lookup_absent" in bench.told(entry), 40)
    bench.seconds(20)
    assert bench.truth().positions == []
    assert sent(bench) == 0
    bench.check(incidents=("order.unresolved",))


def test_a_request_that_comes_to_the_broker_late_fills_the_order_once(bench: Bench) -> None:
    bench.broker.fault("request", effect="late", retcode=10012, ms=20_000)
    entry = bench.stage()
    bench.until(lambda: bench.state(entry) == "unknown")
    bench.filled(entry, 60)
    assert len(bench.deals_of(entry)) == 1
    bench.seconds(6)
    assert bench.truth().positions[0]["sl"] != "0"
    bench.check(incidents=("order.unresolved",))


def test_an_order_that_is_placed_first_and_filled_later_is_told_as_filled(bench: Bench) -> None:
    bench.broker.fault("request", match="deal", effect="place", ms=4000)
    entry = bench.stage()
    bench.seconds(2)
    assert bench.truth().positions == []
    bench.filled(entry)
    bench.end()


def test_a_part_that_was_filled_is_told_and_the_rest_is_over(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make(symbol={"filling": 2})
    bench.seconds(WARM_UP)
    bench.broker.say("symbol", name="EURUSD", depth=Decimal("0.04"))
    entry = bench.stage(lots="0.10")
    bench.until(lambda: bench.state(entry) == "done")
    assert bench.truth().positions[0]["volume"] == "0.04"
    bench.end()


def test_an_exit_that_is_filled_in_parts_ends_when_nothing_is_left(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make(symbol={"filling": 2})
    bench.seconds(WARM_UP)
    entry = bench.stage(lots="0.10")
    bench.filled(entry)
    bench.broker.say("symbol", name="EURUSD", depth=Decimal("0.04"))
    closing = bench.stage("exit", side="sell")
    bench.until(lambda: bench.truth().positions == [], 40)
    bench.filled(closing)
    bench.end()


@pytest.mark.parametrize("retcode", [10004, 10006, 10012, 10018, 10025, 10030, 10031, 10036])
def test_an_exit_is_asked_again_until_the_position_is_closed(bench: Bench, retcode: int) -> None:
    entry = bench.stage()
    bench.filled(entry)
    bench.broker.fault("request", match="deal", effect="refuse", retcode=retcode, times=2)
    closing = bench.stage("exit", side="sell")
    bench.filled(closing, 60)
    assert bench.truth().positions == []
    bench.end()


def test_an_exit_that_was_carried_out_under_a_timeout_is_not_sent_twice(bench: Bench) -> None:
    entry = bench.stage()
    bench.filled(entry)
    bench.broker.fault("request", match="deal", effect="execute", retcode=10012, ms=3000)
    closing = bench.stage("exit", side="sell")
    bench.filled(closing)
    bench.seconds(15)
    assert len(bench.deals_of(closing)) == 1
    bench.check()


def test_a_part_that_was_closed_under_a_timeout_is_not_closed_twice(bench: Bench) -> None:
    entry = bench.stage()
    bench.filled(entry)
    bench.broker.fault("request", match="deal", effect="late", retcode=10012, ms=4000)
    part = bench.stage("partial_exit", side="sell", close_pct="50")
    bench.filled(part, 60)
    bench.seconds(15)
    assert bench.truth().positions[0]["volume"] == "0.05"
    bench.check()


def test_an_amend_near_the_freeze_is_asked_again(bench: Bench) -> None:
    entry = bench.stage(sl="1.09000")
    bench.filled(entry)
    bench.broker.fault("request", match="sltp", effect="refuse", retcode=10029, times=3)
    amend = bench.stage("amend", side="buy", sl="1.09500", ref_price="1.10000")
    bench.until(lambda: bench.state(amend) == "done", 40)
    assert bench.truth().positions[0]["sl"] == "1.095"
    bench.seconds(3)
    bench.check()


def test_a_price_that_is_refused_is_asked_once_more(bench: Bench) -> None:
    bench.broker.fault("request", effect="refuse", retcode=10015)
    entry = bench.stage()
    bench.filled(entry)
    bench.broker.fault("request", effect="refuse", retcode=10015, times=9)
    other = bench.stage()
    bench.until(lambda: bench.state(other) == "rejected")
    assert int(bench.truth().faults[-1]["times"]) == 7
    bench.end()


def test_a_resting_order_whose_price_is_refused_is_not_sent_again(bench: Bench) -> None:
    bench.broker.fault("request", effect="refuse", retcode=10015, times=9)
    order = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    bench.until(lambda: bench.state(order) == "rejected")
    assert int(bench.truth().faults[0]["times"]) == 8
    bench.end()


def test_an_exit_that_the_broker_refuses_for_good_is_told_and_ordered_anew(bench: Bench) -> None:
    entry = bench.stage()
    bench.filled(entry)
    bench.broker.fault("request", match="deal", effect="refuse", retcode=10006, times=6)
    closing = bench.stage("exit", side="sell")
    bench.until(lambda: bench.state(closing) == "rejected", 60)
    assert bench.incidents() == ["risk.stands"]
    bench.until(lambda: bench.truth().positions == [], 120)
    assert len(bench.truth().deals) == 3
    bench.end()


def test_an_exit_of_more_than_the_broker_takes_at_once_goes_in_parts(bench: Bench) -> None:
    entry = bench.stage(lots="0.10")
    bench.filled(entry)
    bench.broker.say("symbol", name="EURUSD", volume_max=Decimal("0.04"))
    closing = bench.stage("exit", side="sell")
    bench.until(lambda: bench.state(closing) == "filled", 60)
    assert len(bench.deals_of(closing)) == 3
    bench.end()


@pytest.mark.parametrize("retcode", [10016, 10036])
def test_an_amend_that_the_broker_refuses_is_told_and_ordered_anew(
    bench: Bench, retcode: int
) -> None:
    entry = bench.stage(sl="1.09000")
    bench.filled(entry)
    bench.broker.fault("request", match="sltp", effect="refuse", retcode=retcode)
    amend = bench.stage("amend", side="buy", sl="1.09500", ref_price="1.10000")
    bench.until(lambda: bench.state(amend) == "rejected", 40)
    assert bench.incidents() == ["risk.stands"]
    bench.until(lambda: bench.truth().positions[0]["sl"] == "1.095", 40)
    bench.seconds(20)
    bench.check()


def test_an_amend_under_a_timeout_is_asked_again(bench: Bench) -> None:
    entry = bench.stage(sl="1.09000")
    bench.filled(entry)
    bench.broker.fault("request", match="sltp", effect="execute", retcode=10012, ms=2000)
    amend = bench.stage("amend", side="buy", sl="1.09500", ref_price="1.10000")
    bench.until(lambda: bench.state(amend) == "done", 40)
    assert bench.truth().positions[0]["sl"] == "1.095"
    bench.end()


def test_an_amend_to_what_stands_already_is_done(bench: Bench) -> None:
    entry = bench.stage(sl="1.09000")
    bench.filled(entry)
    (position,) = bench.truth().positions
    bench.seconds(3)
    amend = bench.stage("amend", side="buy", sl="1.09500", ref_price="1.10000")
    bench.broker.say("position", id=position["id"], sl=Decimal("1.09500"))
    bench.until(lambda: bench.state(amend) == "done", 40)
    bench.end()
