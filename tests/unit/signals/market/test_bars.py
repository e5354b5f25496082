"""Bars that can be, files of them, and the bars that a feed owes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from signals.market.bars import BarFacts, BarFault, bars_check
from signals.market.csv_bars import CsvFault, CsvName, csv_bars, csv_name
from signals.market.features import BARS_MIN, BarFeatures, bar_features
from signals.market.holes import WEEK, hole_list, is_stale
from signals.market.timeframes import timeframe_seconds

D = Decimal
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FIXTURES = Path(__file__).parents[4] / "pine" / "harness" / "fixtures"
HEADER = "time,open,high,low,close,volume\n"


def bar(open_at: datetime = NOW - MINUTE, **members: object) -> BarFacts:
    facts = {"open": D(10), "high": D(12), "low": D(9), "close": D(11), **members}
    return BarFacts(open_at=open_at, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (bar(high=D(8)), "its high is below its low"),
        (bar(high=D("10.5")), "its open or close lies outside"),
        (bar(low=D(0)), "a price is not positive"),
        (bar(open=D("NaN")), "a price is not positive"),
        (bar(open=D("-1")), "a price is not positive"),
        (bar(close=D("10.1234567890123")), "more than 12 decimals"),
        (bar(volume=D(-1)), "its volume is not a positive number"),
        (bar(NOW), "from the future"),
        (bar(close_at=NOW - MINUTE), "closes before it opens"),
        (bar(NOW.replace(tzinfo=None)), "names no zone"),
    ],
)
def test_a_bar_that_cannot_be_is_named_by_its_place_and_why(odd: BarFacts, reason: str) -> None:
    with pytest.raises(BarFault, match=reason) as fault:
        bars_check([bar(NOW - 9 * MINUTE), odd], 60, NOW)
    assert fault.value.index == 1


def test_a_bar_may_close_as_much_ahead_as_clocks_differ() -> None:
    bars_check([bar(NOW - timedelta(seconds=30))], 60, NOW)
    with pytest.raises(BarFault, match="future"):
        bars_check([bar(NOW - timedelta(seconds=29))], 60, NOW)


@pytest.mark.parametrize("second", [NOW - 9 * MINUTE, NOW - 10 * MINUTE])
def test_times_rise(second: datetime) -> None:
    with pytest.raises(BarFault, match="not after the time of the bar before"):
        bars_check([bar(NOW - 9 * MINUTE), bar(second)], 60, NOW)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15", 900), ("5S", 5), ("S", 1), ("D", 86_400), ("1D", 86_400), ("2W", 1_209_600)],
)
def test_a_timeframe_is_so_many_seconds(text: str, seconds: int) -> None:
    assert timeframe_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "10R", "1T", "-5", "5s5", "99M", "1.5"])
def test_what_is_no_length_of_time_is_no_timeframe(text: str) -> None:
    assert timeframe_seconds(text) is None


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.csv")), ids=lambda path: path.stem)
def test_every_fixture_of_the_pine_harness_is_read_whole(path: Path) -> None:
    told = csv_name(path.name)
    assert told is not None
    seconds = timeframe_seconds(told.timeframe)
    assert seconds is not None
    with path.open() as file:
        bars = [one for _, one in csv_bars(file)]
    assert len(bars) == len(path.read_text().splitlines()) - 1
    bars_check(bars, seconds, NOW)


def test_a_files_name_tells_symbol_and_timeframe_as_tradingview_writes_it() -> None:
    assert csv_name("CME_MINI_ES1!-60.csv") == CsvName("CME_MINI:ES1!", "60")
    assert csv_name("OANDA_EURUSD, 15.csv") == CsvName("OANDA:EURUSD", "15")
    assert csv_name("BINANCE_BTCUSDT.P-240.csv") == CsvName("BINANCE:BTCUSDT.P", "240")
    assert csv_name("bars.csv") is None


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "the columns must be"),
        ("time,open,close\n", 1, "the columns must be"),
        (HEADER + "1,2,2,2\n", 2, "4 values"),
        (HEADER + "1,2,2,2,2,\nyesterday,2,2,2,2,\n", 3, "not in epoch seconds"),
        (HEADER + "1,2,2,-2,2,\n", 2, "the low '-2' is not a positive decimal"),
        (HEADER + "1,2,inf,2,2,\n", 2, "the high 'inf'"),
        (HEADER + '1,2,"2,2,2,\n', 2, "unexpected end"),
    ],
)
def test_a_file_with_a_fault_names_the_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(CsvFault, match=reason) as fault:
        list(csv_bars(text.splitlines(keepends=True)))
    assert fault.value.line == line


def opens(*minutes: int) -> list[datetime]:
    return [NOW + MINUTE * minute for minute in minutes]


def test_a_missing_bar_is_a_hole_where_there_was_one_a_week_before() -> None:
    before = [one - WEEK for one in opens(0, 1, 2, 3, 4)]
    assert hole_list(opens(0, 1, 4), MINUTE, before, is_young=False) == [(opens(2)[0], 2)]
    # The market was shut at that time a week before as well.
    shut = [one - WEEK for one in opens(0, 1, 4)]
    assert hole_list(opens(0, 1, 4), MINUTE, shut, is_young=False) == []


def test_in_a_feeds_first_week_short_holes_alone_count() -> None:
    assert hole_list(opens(0, 21), MINUTE, [], is_young=True) == [(opens(1)[0], 20)]
    assert hole_list(opens(0, 22), MINUTE, [], is_young=True) == []


def test_a_feed_that_owes_three_bars_has_stopped() -> None:
    newest, week = NOW, [one - WEEK for one in opens(*range(10))]
    late = newest + 4 * MINUTE
    assert is_stale(newest, late, MINUTE, week, is_young=False)
    assert not is_stale(newest, late - MINUTE, MINUTE, week, is_young=False)
    assert not is_stale(newest, late, MINUTE, [], is_young=False)
    assert is_stale(newest, late, MINUTE, [], is_young=True)
    assert not is_stale(newest, newest + WEEK + MINUTE, MINUTE, [], is_young=True)


def climbing(count: int = BARS_MIN) -> BarFeatures | None:
    closes = [D(100 + number) for number in range(count)]
    return bar_features([one + 1 for one in closes], [one - 1 for one in closes], closes)


def test_features_see_a_rise_and_too_few_bars_tell_nothing() -> None:
    seen = climbing()
    assert seen is not None
    assert seen.trend > 1
    assert seen.momentum > 1
    assert (seen.room_up, seen.volatility) == (D("0.5"), 1)
    assert climbing(BARS_MIN - 1) is None
    still = [D(5)] * BARS_MIN
    assert bar_features(still, still, still) is None


def test_a_market_seen_by_a_seller_is_its_mirror_image() -> None:
    seen = climbing()
    assert seen is not None
    mirrored = replace(
        seen,
        trend=-seen.trend,
        momentum=-seen.momentum,
        room_up=seen.room_down,
        room_down=seen.room_up,
    )
    assert seen.for_side("buy") == mirrored.for_side("sell")
