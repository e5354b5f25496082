"""Realised cash as drawn: round ticks, a step for each entry, nothing outside its square."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fusion_project.community.presenting.line import Point, line_draw, round_ticks

START = datetime(2026, 1, 1, tzinfo=UTC)
balances = st.decimals(-(10**9), 10**9, places=2)


def _points(*values: str) -> list[Point]:
    return [Point(START + timedelta(minutes=n), Decimal(value)) for n, value in enumerate(values)]


@given(balances, balances)
def test_ticks_are_evenly_spaced_and_hold_both_ends(one, other) -> None:
    low, high = sorted((one, other))
    ticks = round_ticks(low, high)
    assert ticks[0] <= low
    assert ticks[-1] >= high
    assert 2 <= len(ticks) <= 7
    assert len({later - earlier for earlier, later in pairwise(ticks)}) == 1


@given(st.lists(balances, min_size=2, max_size=30))
def test_the_path_stays_inside_its_square(values) -> None:
    points = [Point(START + timedelta(minutes=n), value) for n, value in enumerate(values)]
    line = line_draw(points, currency="USD")
    numbers = [Decimal(word) for word in line.path.replace("M", "").replace("L", " ").split()]
    assert all(0 <= number <= 1000 for number in numbers)


def test_a_balance_holds_until_the_next_entry() -> None:
    line = line_draw(_points("100", "200"), currency="USD")
    assert line.path == "M0 1000L1000 1000L1000 0"
    assert line.ticks == ["200", "175", "150", "125", "100"]


def test_entries_of_one_instant_do_not_divide_by_zero() -> None:
    same = [Point(START, Decimal(1)), Point(START, Decimal(2))]
    assert line_draw(same, currency="USD").path


def test_a_flat_line_still_has_a_scale() -> None:
    assert len(line_draw(_points("50", "50"), currency="USD").ticks) >= 2


def test_the_sentence_tells_what_the_drawing_shows() -> None:
    line = line_draw(_points("100", "90", "130"), currency="USD")
    assert "From 100.00 to 130.00 USD (+30.00) over 3 ledger entries" in line.sentence
    assert "lowest 90.00, highest 130.00" in line.sentence
