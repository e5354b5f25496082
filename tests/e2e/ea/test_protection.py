"""No position of ours is without its stop, and what must be closed is closed, before all else."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from mql5.host.broker import Row
from signals.intents.legs import Target
from tests.e2e.ea.bench import WARM_UP, Bench
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]


def test_a_flatten_file_closes_what_is_ours_and_nothing_else(bench: Bench) -> None:
    bench.broker.trade(type="buy", symbol="EURUSD", volume=Decimal("0.20"))
    entry = bench.stage()
    bench.filled(entry)
    (bench.files / "FLATTEN.txt").write_text("")
    bench.seconds(3)
    (left,) = bench.truth().positions
    assert left["magic"] == "0"
    bench.end("executor.notice")


def test_a_position_whose_stop_was_taken_away_gets_it_back_within_a_beat(bench: Bench) -> None:
    entry = bench.stage(sl="1.09000")
    bench.filled(entry)
    (position,) = bench.truth().positions
    bench.broker.say("position", id=position["id"], sl=0)
    bench.seconds(1)
    assert bench.truth().positions[0]["sl"] == "1.09"
    bench.end()


def test_positions_are_closed_before_the_weekend(bench_make: Callable[..., Bench]) -> None:
    bench = bench_make(FlatOverWeekend=True, WeekendMinutes=30)
    friday = 4 * 86_400
    bench.broker.hours("EURUSD", "monday", 0, 86_400)
    for day in ("tuesday", "wednesday", "thursday", "friday"):
        bench.broker.hours("EURUSD", day, 0, 86_400 if day != "friday" else 82_800)
    bench.seconds(WARM_UP)
    entry = bench.stage()
    bench.filled(entry)
    bench.kill()
    bench.pass_time(friday + 10 * 3600)
    bench.start()
    bench.seconds(15)
    assert len(bench.truth().positions) == 1
    bench.kill()
    bench.pass_time(35 * 60)
    bench.start()
    bench.seconds(15)
    assert bench.truth().positions == []
    late = bench.stage()
    bench.seconds(5)
    assert bench.deals_of(late) == []
    bench.check(incidents=("executor.notice",))


def test_a_flatten_that_the_broker_refuses_is_asked_again(bench: Bench) -> None:
    entry = bench.stage()
    bench.filled(entry)
    bench.broker.fault("request", match="deal", effect="refuse", retcode=10018, times=2)
    (bench.files / "FLATTEN.txt").write_text("")
    bench.seconds(12)
    assert len(bench.truth().positions) == 1
    assert int(bench.truth().faults[0]["times"]) == 1, "a closed market is not hammered"
    bench.seconds(30)
    assert bench.truth().positions == []
    bench.end("executor.notice")


def test_a_stop_moved_away_by_hand_is_left(bench: Bench) -> None:
    """Whoever trades by hand answers for it; a stop that was taken away altogether comes back."""
    entry = bench.stage(sl="1.09500")
    bench.filled(entry)
    (position,) = bench.truth().positions
    bench.broker.say("position", id=position["id"], sl=Decimal("1.09000"))
    bench.seconds(5)
    assert bench.truth().positions[0]["sl"] == "1.09"
    bench.until(lambda: bench.incidents() == ["positions.differ"], 40)


def test_with_its_journal_lost_a_position_without_a_stop_is_closed(bench: Bench) -> None:
    entry = bench.stage()
    bench.filled(entry)
    (position,) = bench.truth().positions
    bench.kill()
    bench.journal.unlink()
    bench.broker.say("position", at=1, id=position["id"], sl=0)
    bench.pass_time(16)
    bench.start()
    bench.seconds(3)
    assert bench.truth().positions == []
    bench.seconds(70)
    bench.check(incidents=("executor.notice",))


def test_a_position_of_another_without_a_stop_is_left_alone(bench: Bench) -> None:
    bench.broker.trade(type="buy", symbol="EURUSD", volume=Decimal("0.20"))
    bench.seconds(6)
    assert len(bench.truth().positions) == 1
    bench.end()


def test_what_guarded_a_closed_position_is_forgotten(bench: Bench) -> None:
    entry = bench.stage()
    bench.filled(entry)
    guarded = bench.journal.read_text().count("G\t")
    closing = bench.stage("exit", side="sell")
    bench.filled(closing)
    bench.seconds(75)
    assert bench.journal.read_text().count("G\t") > guarded
    bench.restart()
    bench.seconds(WARM_UP)
    again = bench.stage()
    bench.filled(again)
    bench.end()


def _slipped(bench: Bench, refusals: int) -> Row:
    """A fill 9 points off, and a broker that takes no other stop so many times."""
    bench.broker.fault("request", match="deal", effect="slip", points=9)
    bench.broker.fault("request", match="sltp", effect="refuse", retcode=10016, times=refusals)
    entry = bench.stage(sl=Target("points", Decimal(500)))
    bench.filled(entry)
    bench.seconds(12)
    (position,) = bench.truth().positions
    return position


def test_a_stop_that_may_not_follow_the_fill_at_once_follows_it_later(bench: Bench) -> None:
    position = _slipped(bench, refusals=3)
    assert Decimal(position["price"]) - Decimal(position["sl"]) == Decimal("0.00500")
    bench.end()


def test_a_stop_that_cannot_follow_the_fill_stays_where_its_order_had_it_and_people_know(
    bench: Bench,
) -> None:
    """The server knows a stop by the fill, so that the two differ until a person has looked."""
    position = _slipped(bench, refusals=50)
    assert Decimal(position["price"]) - Decimal(position["sl"]) == Decimal("0.00509")
    assert int(bench.truth().faults[-1]["times"]) == 45
    bench.until(lambda: bench.incidents() == ["executor.notice", "positions.differ"], 40)


def test_a_connection_that_breaks_leaves_each_guard(bench: Bench) -> None:
    entry = bench.stage(sl="1.09000")
    bench.filled(entry)
    (position,) = bench.truth().positions
    bench.broker.say("account", connected=False)
    bench.seconds(30)
    bench.broker.say("account", connected=True)
    bench.broker.say("position", id=position["id"], sl=0)
    bench.seconds(2)
    assert bench.truth().positions[0]["sl"] == "1.09"
    bench.end()
