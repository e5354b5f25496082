"""When an alert is overdue by its own past, and when it fires too often, as pure rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from signals.selectors.watching import TIMES_MAX
from signals.watch.cadence import (
    HISTORY_MIN,
    LIMIT_MIN,
    USUAL_TIMES,
    canary_due,
    next_alert_due,
)
from signals.watch.rate import CALM_BELOW, FIRES_MAX, WARN_AT, WINDOW, fire_rate

TUESDAY = datetime(2026, 3, 3, 8, tzinfo=UTC)
SATURDAY = datetime(2026, 3, 7, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


def beat(start: datetime, step: timedelta, count: int) -> list[datetime]:
    return [start + step * n for n in range(count)]


def test_too_little_history_expects_nothing() -> None:
    times = beat(TUESDAY, timedelta(minutes=10), HISTORY_MIN - 1)
    assert next_alert_due(times) is None
    assert next_alert_due([*times, times[0]]) is None


def test_a_steady_alert_is_overdue_after_four_gaps() -> None:
    times = beat(TUESDAY, timedelta(minutes=10), HISTORY_MIN)
    assert next_alert_due(times) == times[-1] + timedelta(minutes=40)


def test_a_fast_alert_is_given_a_quarter_of_an_hour() -> None:
    times = beat(TUESDAY, timedelta(seconds=5), 50)
    assert next_alert_due(times) == times[-1] + LIMIT_MIN


def test_one_past_outage_does_not_blind_the_watch() -> None:
    steady = beat(TUESDAY, timedelta(minutes=10), 30)
    outage = beat(TUESDAY - timedelta(hours=20), timedelta(minutes=10), 20)
    assert next_alert_due([*outage, *steady]) == steady[-1] + timedelta(minutes=40)


def test_nights_are_in_the_past_and_so_no_surprise() -> None:
    days = [
        one
        for day in range(4)
        for one in beat(TUESDAY + timedelta(days=day) * 1, timedelta(minutes=5), 80)
    ]
    monday = days[-1]
    night = timedelta(days=1) - timedelta(minutes=5) * 79
    assert monday.weekday() == 4
    due = next_alert_due(days)
    assert due is not None
    assert due - monday > night * 1.2 + timedelta(hours=46)


def test_a_weekend_does_not_count_where_no_alert_ever_came_on_one() -> None:
    friday = datetime(2026, 3, 6, 20, 30, tzinfo=UTC)
    times = [friday - timedelta(hours=n) for n in range(HISTORY_MIN)]
    assert next_alert_due(times) == datetime(2026, 3, 8, 22, 30, tzinfo=UTC)
    with_weekends = [*times, SATURDAY - WEEK]
    assert next_alert_due(with_weekends) == friday + timedelta(hours=4)


moments = st.lists(
    st.integers(0, 20 * 86_400).map(lambda s: TUESDAY + timedelta(seconds=s)),
    min_size=HISTORY_MIN,
    max_size=40,
    unique=True,
)


@given(moments, st.randoms(use_true_random=False))
def test_order_and_repeats_do_not_matter_and_whole_weeks_shift(times, random) -> None:
    due = next_alert_due(times)
    shuffled = [*times, *times[:5]]
    random.shuffle(shuffled)
    assert next_alert_due(shuffled) == due
    assert next_alert_due([one + WEEK for one in times]) == due + WEEK


workdays = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 3 * 86_400)).map(
        lambda one: TUESDAY + one[0] * WEEK + timedelta(seconds=one[1])
    ),
    min_size=HISTORY_MIN,
    max_size=40,
    unique=True,
)


@given(workdays)
def test_nothing_is_overdue_before_four_usual_gaps_or_on_a_weekend_without_alerts(times) -> None:
    due = next_alert_due(times)
    ordered = sorted(times)
    shortest = min(later - earlier for earlier, later in pairwise(ordered))
    assert due >= ordered[-1] + max(LIMIT_MIN, USUAL_TIMES * shortest)
    assert due.weekday() != 5
    assert due.weekday() != 6 or due.hour >= 20


@given(moments, st.integers(2, 6))
def test_a_slower_past_is_given_more_time(times, factor) -> None:
    assume(any(one.weekday() == 5 for one in times))
    slower = [TUESDAY + (one - TUESDAY) * factor for one in times]
    assume(any(one.weekday() == 5 for one in slower))
    assert next_alert_due(slower) - max(slower) >= next_alert_due(times) - max(times)


def test_the_times_that_are_looked_at_hold_two_nights_at_the_fastest_an_alert_may_fire() -> None:
    start = TUESDAY.replace(hour=0)
    step = WINDOW / FIRES_MAX
    beats = beat(start, step, int(timedelta(days=3, hours=21) / step))
    times = [one for one in beats if one.hour < 21][-TIMES_MAX:]
    # The next is due when the daily break of three hours is over, and not at its start.
    assert next_alert_due(times) > start + timedelta(days=4)


def test_a_canary_is_late_when_two_are_missing() -> None:
    assert canary_due(TUESDAY, 60) == TUESDAY + timedelta(seconds=135)


def fires(count: int, seconds: float = 1) -> list[datetime]:
    return beat(TUESDAY, timedelta(seconds=seconds), count)


@pytest.mark.parametrize(
    ("count", "is_calm", "is_high", "is_stopped"),
    [
        (0, True, False, False),
        (CALM_BELOW - 1, True, False, False),
        (CALM_BELOW, False, False, False),
        (WARN_AT - 1, False, False, False),
        (WARN_AT, False, True, False),
        (FIRES_MAX, False, True, False),
        (FIRES_MAX + 1, False, True, True),
    ],
)
def test_the_warning_comes_before_the_stop_and_closes_well_below(
    count: int, is_calm: bool, is_high: bool, is_stopped: bool
) -> None:
    times = fires(count)
    rate = fire_rate(times, TUESDAY + timedelta(seconds=60))
    assert (rate.count, rate.is_calm, rate.is_high) == (count, is_calm, is_high)
    assert rate.is_stopped == is_stopped


def test_a_stopped_alert_is_not_calm_however_long_it_is_silent_until_it_fires_again() -> None:
    times = fires(FIRES_MAX + 1)
    later = TUESDAY + timedelta(days=2)
    assert fire_rate(times, later).is_stopped
    assert not fire_rate(times, later).is_calm
    assert fire_rate([*times, later], later).is_calm


@given(st.lists(st.integers(0, 900), max_size=60), st.integers(0, 900))
def test_fifteen_fires_in_any_three_minutes_are_never_called_a_stop(seconds, at) -> None:
    times = [TUESDAY + timedelta(seconds=one) for one in seconds]
    now = TUESDAY + timedelta(seconds=at)
    rate = fire_rate(times, now)
    seen = [one for one in times if one <= now]
    assert rate.count == sum(now - WINDOW < one for one in seen)
    worst = max((sum(a - WINDOW < b <= a for b in seen) for a in seen), default=0)
    if rate.is_stopped:
        assert worst > FIRES_MAX
