"""Runs of cash steps: however they are joined, they say what the steps one by one would say."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasury.rules.runs import (
    LEVELS,
    Run,
    joined,
    level_for,
    parts_of,
    points_of,
    points_of_steps,
    run_starts,
    step_run,
    width_seconds,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
amounts = st.decimals(-(10**6), 10**6, places=2)
steps_lists = st.lists(
    st.tuples(st.integers(0, 3_000_000), amounts, st.booleans()), min_size=1, max_size=60
)


def steps_of(told: list[tuple[int, Decimal, bool]]) -> list[Run]:
    """Seconds after the start, change, and whether it is a trade (with a net of a cent more)."""
    return sorted(
        (
            step_run(
                at=START + timedelta(seconds=at),
                place=f"entry:{n}",
                change=change,
                has_cash=True,
                net=change + Decimal("0.01") if is_trade else None,
            )
            for n, (at, change, is_trade) in enumerate(told)
        ),
        key=lambda one: (one.starts, one.place),
    )


def by_level(steps: list[Run], level: int) -> list[Run]:
    """As the database keeps them: each level from the one below."""
    runs = steps
    for one in range(level + 1):
        rows: dict[datetime, list[Run]] = {}
        for run in runs:
            rows.setdefault(run_starts(run.starts, one), []).append(run)
        runs = [joined(row, starts=starts) for starts, row in rows.items()]
    return sorted(runs, key=lambda run: run.starts)


@given(steps_lists, st.integers(0, LEVELS - 1))
def test_runs_of_any_level_join_to_what_the_steps_say(told, level) -> None:
    steps = steps_of(told)
    whole = joined(by_level(steps, level), starts=START)
    balances = list(accumulate(one.change for one in steps))
    trades = [one for one in steps if one.trades]
    assert whole.steps == len(steps)
    assert whole.change == balances[-1]
    assert (whole.opening, whole.low, whole.high) == (balances[0], min(balances), max(balances))
    assert (whole.first_at, whole.last_at) == (steps[0].starts, steps[-1].starts)
    assert whole.low_at == steps[balances.index(min(balances))].starts
    assert whole.high_at == steps[balances.index(max(balances))].starts
    assert (whole.trades, whole.trades_posted) == (len(trades), len(trades))
    assert whole.net == sum(one.net for one in trades)
    assert whole.net == whole.won + whole.lost
    assert whole.trades_change == sum(one.change for one in trades)
    assert whole.wins == sum(one.net > 0 for one in trades)
    assert whole.losses == sum(one.net < 0 for one in trades)


@given(steps_lists, st.integers(4, 40))
def test_a_line_keeps_its_ends_and_its_extremes_in_their_order(told, most) -> None:
    steps = steps_of(told)
    level = level_for(steps[0].starts, steps[-1].starts, most=most // 2)
    points = points_of(by_level(steps, level), level=level, most=most)
    balances = list(accumulate(one.change for one in steps))
    assert len(points) <= most
    assert (points[0].at, points[0].balance) == (steps[0].starts, balances[0])
    assert (points[-1].at, points[-1].balance) == (steps[-1].starts, balances[-1])
    assert {min(balances), max(balances)} <= {one.balance for one in points}
    assert [one.at for one in points] == sorted(one.at for one in points)
    every = points_of_steps(steps)
    assert all(one in every for one in points)


def test_a_peak_between_two_quiet_stretches_is_not_lost() -> None:
    quiet = [(n * 60, Decimal(0), False) for n in range(1_000)]
    quiet[617] = (617 * 60, Decimal(-99), False)
    quiet[618] = (618 * 60, Decimal(99), False)
    steps = steps_of(quiet)
    level = level_for(steps[0].starts, steps[-1].starts, most=5)
    points = points_of(by_level(steps, level), level=level, most=10)
    assert -99 in [one.balance for one in points]


def test_fewer_than_four_points_would_lose_an_extreme() -> None:
    with pytest.raises(ValueError, match="four points or more"):
        points_of([], level=0, most=3)


def test_a_trade_that_is_not_posted_is_counted_and_is_no_step() -> None:
    lacking = step_run(
        at=START, place="position:1:2", change=Decimal(0), has_cash=False, net=Decimal(7)
    )
    paid_in = step_run(
        at=START + timedelta(seconds=9), place="entry:1", change=Decimal(5), has_cash=True, net=None
    )
    whole = joined([lacking, paid_in], starts=START)
    assert (whole.steps, whole.trades, whole.trades_posted) == (1, 1, 0)
    assert (whole.net, whole.change, whole.opening, whole.low) == (7, 5, 5, 5)
    assert points_of_steps([lacking, paid_in])[0].balance == 5


@given(st.integers(0, LEVELS - 1), st.integers(0, 10**9))
def test_each_run_is_joined_of_sixteen_that_follow_each_other(level, seconds) -> None:
    starts = run_starts(START + timedelta(seconds=seconds), level)
    assert starts.timestamp() % width_seconds(level) == 0
    if level > 0:
        parts = parts_of(starts, level)
        assert len(parts) == 16
        assert {run_starts(one, level) for one in parts} == {starts}
        assert run_starts(parts[-1] + timedelta(seconds=width_seconds(level - 1)), level) > starts


def test_years_are_drawn_from_about_a_thousand_runs() -> None:
    for days in (0, 1, 30, 3_650):
        level = level_for(START, START + timedelta(days=days), most=60)
        assert days * 86_400 / width_seconds(level) <= 960
