"""Realised cash as drawn: round ticks, a step for each entry, nothing outside its square."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fusion_project.community.presenting.line import Line, line_draw, round_ticks
from treasury.rules.runs import CashLine, Run, joined, points_of, points_of_steps, step_run

START = datetime(2026, 1, 1, tzinfo=UTC)
balances = st.decimals(-(10**9), 10**9, places=2)


def _steps(*changes: str | Decimal, apart: timedelta = timedelta(minutes=1)) -> list[Run]:
    """A deposit, then closed trades."""
    return [
        step_run(
            at=START + n * apart,
            place=f"entry:{n:05}",
            change=Decimal(change),
            has_cash=True,
            net=Decimal(change) if n else None,
        )
        for n, change in enumerate(changes)
    ]


def _line(
    *changes: str | Decimal,
    points_max: int = 120,
    lacking: str = "0",
    apart: timedelta = timedelta(minutes=1),
) -> Line:
    steps = _steps(*changes, apart=apart)
    points = points_of_steps(steps)
    if len(points) > points_max:
        points = points_of(steps, level=0, most=points_max)
    net = Decimal(lacking)
    return line_draw(CashLine("USD", joined(steps, starts=START), points, int(net != 0), net))


@given(balances, balances)
def test_ticks_are_evenly_spaced_and_hold_both_ends(one, other) -> None:
    low, high = sorted((one, other))
    ticks = round_ticks(low, high)
    assert ticks[0] <= low
    assert ticks[-1] >= high
    assert 2 <= len(ticks) <= 7
    assert len({later - earlier for earlier, later in pairwise(ticks)}) == 1


@given(st.lists(balances, min_size=2, max_size=30))
def test_the_path_stays_inside_its_square(changes) -> None:
    line = _line(*changes)
    numbers = [Decimal(word) for word in line.path.replace("M", "").replace("L", " ").split()]
    assert all(0 <= number <= 1000 for number in numbers)


@given(st.lists(balances, min_size=2, max_size=60), st.integers(4, 80))
def test_the_table_holds_the_points_drawn_and_its_changes_add_up(changes, most) -> None:
    line = _line(*changes, points_max=most)
    assert line.rows[0].balance == sum(changes)
    assert sum(one.change for one in line.rows) == sum(changes)
    ends = (START, START + timedelta(minutes=len(changes) - 1))
    assert (line.rows[-1].at, line.rows[0].at) == (line.first_at, line.last_at) == ends
    # A step line has two corners for each point after the first.
    assert line.path.count("L") == 2 * (len(line.rows) - 1)


def test_a_balance_holds_until_the_next_step() -> None:
    line = _line("100", "100")
    assert line.path == "M0 1000L1000 1000L1000 0"
    assert line.ticks == ["200", "175", "150", "125", "100"]


def test_steps_of_one_instant_do_not_divide_by_zero() -> None:
    assert _line("1", "2", apart=timedelta(0)).path


def test_a_flat_line_still_has_a_scale() -> None:
    assert len(_line("50", "0").ticks) >= 2


def test_the_sentence_says_what_the_balance_is_made_of() -> None:
    line = _line("100", "-10", "40")
    assert "130.00 USD: +30.00 from 2 closed trades, +100.00 paid in" in line.sentence
    assert "Lowest 90.00, highest 130.00" in line.sentence
    assert "Not posted yet" not in line.sentence


def test_what_the_ledger_lacks_is_said_with_its_sum() -> None:
    line = _line("100", "-10", lacking="2.50")
    assert "Not posted yet: +2.50 USD of 1 trade;" in line.sentence


def test_the_window_says_how_much_of_the_line_is_drawn() -> None:
    assert _line("100", "-10").window == "All 2 steps since 01 Jan 00:00:00 UTC"
    line = _line(*["1"] * 500, points_max=20)
    assert line.window.startswith(f"{len(line.rows)} of 500 steps since 01 Jan 00:00:00 UTC")
    assert len(line.rows) <= 20
