"""Closed bars reach the desk once each, gaps are made up for, and no order waits for them."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from signals.models import Bar
from tests.e2e.ea.bench import START, WARM_UP, Bench
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]

MINUTE = timedelta(minutes=1)


@pytest.fixture
def bench_make(bench_make: Callable[..., Bench]) -> Callable[..., Bench]:
    """Each tells bars of a minute, unless its test wants others."""
    return lambda **fields: bench_make(**{"BarMinutes": 1, **fields})


def opens(bench: Bench) -> list[object]:
    """When each told bar opened, oldest first; each was told once, and as it stays."""
    rows = Bar.objects.filter(feed=f"executor:{bench.desk.account.id}").order_by("open_at")
    assert {one.revision for one in rows} <= {1}
    return [one.open_at for one in rows]


def check_whole(bench: Bench, since: object = None) -> None:
    """No bar is missing between the first and the last that has closed."""
    told = opens(bench)
    last = bench.now.replace(second=0, microsecond=0) - MINUTE
    first = since or told[0]
    assert told == [first + MINUTE * n for n in range(int((last - first) / MINUTE) + 1)]


def test_a_program_that_starts_tells_the_last_bars_that_have_closed(bench: Bench) -> None:
    bench.seconds(4)
    assert len(opens(bench)) == 500
    assert opens(bench)[-1] == START - MINUTE
    check_whole(bench)
    bench.end()


def test_each_bar_is_told_when_it_has_closed_in_utc(bench: Bench) -> None:
    bench.seconds(60 * 3)
    check_whole(bench)
    newest = Bar.objects.order_by("open_at").last()
    assert newest is not None
    assert (newest.symbol, newest.timeframe_seconds, str(newest.close)[:7]) == (
        "EURUSD",
        60,
        "1.10000",
    )
    bench.end()


def test_a_gap_longer_than_a_call_is_made_up_for(bench: Bench) -> None:
    bench.seconds(4)
    bench.kill()
    bench.pass_time(11 * 3600)
    bench.start()
    bench.seconds(30)
    assert len(opens(bench)) == 500 + 11 * 60
    check_whole(bench)
    bench.end()


def test_bars_of_a_broker_whose_week_has_ended_begin_after_the_weekend(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make(BarMinutes=5)
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday"):
        bench.broker.hours("EURUSD", day, 0, 86_400)
    bench.seconds(WARM_UP + 4)
    # Midnight of the broker, who is two hours ahead.
    assert opens(bench)[0] == START.replace(hour=0) - timedelta(hours=2)
    assert len(opens(bench)) == 12 * 12
    bench.end()


def test_bars_that_the_terminal_has_not_loaded_yet_are_told_later(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make()
    bench.broker.fault("CopyRates", times=2)
    bench.seconds(WARM_UP + 6)
    assert "bars EURUSD: the terminal has none yet, error 4401" in bench.log
    assert opens(bench) == []
    entry = bench.stage()
    bench.until(lambda: bench.state(entry) == "filled")
    bench.seconds(30)
    check_whole(bench)
    bench.check()


@pytest.mark.parametrize("status", [503, 5202, 200])
def test_bars_that_the_server_does_not_take_now_hold_up_no_order(
    bench_make: Callable[..., Bench], status: int
) -> None:
    bench = bench_make()
    bench.broker.fault(
        "WebRequest", match="executor/bars", when="before", retcode=status, times=1, ms=1000
    )
    bench.seconds(WARM_UP)
    entry = bench.stage()
    bench.until(lambda: bench.state(entry) == "filled", 5)
    bench.seconds(40)
    check_whole(bench)
    bench.check()


def test_a_bar_that_is_refused_costs_itself_and_no_other(
    bench_make: Callable[..., Bench],
) -> None:
    refusal = '{"code": "bars_refused", "message": "Bar 0: no.", "detail": {"index": 0}}'
    bench = bench_make()
    # 500, 250, 125, 62, 31, 15, 7, 3 and at last one.
    bench.broker.fault(
        "WebRequest", match="executor/bars", when="before", retcode=422, times=9, text=refusal
    )
    bench.seconds(WARM_UP + 30)
    assert "bars EURUSD: refused: Bar 0: no." in bench.log
    assert len(opens(bench)) == 499
    check_whole(bench)
    bench.end()


def test_a_program_that_is_to_tell_none_tells_none(bench_make: Callable[..., Bench]) -> None:
    bench = bench_make(BarMinutes=0)
    bench.seconds(WARM_UP + 70)
    assert opens(bench) == []
    bench.end()


def test_a_server_of_minor_1_is_told_no_bars(
    bench_make: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("execution.answers.API_MINOR", 1)
    bench = bench_make()
    bench.seconds(WARM_UP + 70)
    assert opens(bench) == []
    bench.end()
