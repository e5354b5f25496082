"""A line with fewer points: its ends and its extremes stay, and nothing is made up."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion_project.community.presenting.line import Point
from fusion_project.community.presenting.thinning import thinned

START = datetime(2026, 1, 1, tzinfo=UTC)
lines = st.lists(st.decimals(-(10**6), 10**6, places=2), min_size=1, max_size=300).map(
    lambda values: [Point(START + timedelta(minutes=n), one) for n, one in enumerate(values)]
)


@given(lines, st.integers(4, 60))
def test_ends_and_extremes_stay_in_their_order(points, most) -> None:
    kept = thinned(points, most=most)
    assert len(kept) <= most
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    balances = [one.balance for one in points]
    assert {min(balances), max(balances)} <= {one.balance for one in kept}
    assert kept == [one for one in points if one in kept]


@given(lines, st.integers(4, 60))
def test_a_line_that_fits_is_kept_whole_and_a_long_one_fills_its_room(points, most) -> None:
    kept = thinned(points, most=most)
    if len(points) <= most:
        assert kept == points
    else:
        # Two ends and at least one point of each stretch.
        assert len(kept) >= 2 + (most - 2) // 2


def test_a_peak_between_two_quiet_stretches_is_not_lost() -> None:
    points = [Point(START + timedelta(minutes=n), Decimal(0)) for n in range(1_000)]
    points[617] = Point(points[617].at, Decimal(-99))
    assert points[617] in thinned(points, most=10)


def test_fewer_than_four_points_would_lose_an_extreme() -> None:
    with pytest.raises(ValueError, match="four points or more"):
        thinned([], most=3)
