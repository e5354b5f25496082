"""Plans carried out by the compiled program: each step's price and lots, as another model says."""

import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from execution.models import Order, Report
from mql5.host.build import build_kept, toolchain
from mql5.host.program import load
from signals.intents.legs import Target
from tests.e2e.ea.bench import WARM_UP, Bench
from tests.e2e.ea.conftest import SOURCE
from tests.e2e.ea.test_crashes import crash_at
from tests.integration.mql5.hosting import NEEDS_COMPILER
from tests.unit.execution.plan_desk import plan_of
from tests.unit.execution.plan_model import Asked, run

pytestmark = [NEEDS_COMPILER, pytest.mark.long]

POINT = Decimal("0.00001")
STOP = Target("points", Decimal(300))
ASKED = Asked(
    lots=10,
    stop=-300,
    targets=[(100, 33), (200, 33), (300, 34)],
    trailing=(80, 150, 20),
    even=(90, 5),
)
PATH = [10, 95, 60, 110, 130, 155, 180, 175, 205, 250, 240, 230, 168]


def with_kinds(told: Any) -> Any:
    """The same plan in the words of an alert."""
    if isinstance(told, dict):
        return {"kind" if name == "unit" else name: with_kinds(one) for name, one in told.items()}
    return [with_kinds(one) for one in told] if isinstance(told, list) else told


def planned(bench: Bench, asked: Asked, side: str = "buy", **more: Any) -> Order:
    plan = {**with_kinds(plan_of(asked)), **more}
    entry = bench.stage(side=side, sl=STOP, lots="0.10", plan=plan)
    bench.filled(entry)
    return entry


def move(bench: Bench, opened: Decimal, side: str, points: int) -> None:
    """So far from the fill is what closing the position gets."""
    price = opened + POINT * points if side == "buy" else opened - POINT * points
    bench.price(price if side == "buy" else price - 10 * POINT)
    bench.seconds(7)


def closes(bench: Bench, entry: Order, opened: Decimal) -> list[tuple[int, int]]:
    up = 1 if entry.side == "buy" else -1
    return [
        (round((Decimal(one["price"]) - opened) * up / POINT), round(Decimal(one["volume"]) * 100))
        for one in bench.deals_of(entry)
        if one["entry"] == "out"
    ]


def steps(entry: Order) -> list[str]:
    raws = Report.objects.filter(kind="step", order=entry).order_by("seq")
    return [one.raw.split('"code":"')[1].split('"')[0] for one in raws]


@pytest.mark.parametrize(("side", "netting"), [("buy", False), ("sell", True)])
def test_three_targets_a_trailing_stop_and_break_even(
    bench_make: Callable[..., Bench], side: str, netting: bool
) -> None:
    modes: dict[str, Any] = {}
    if netting:
        modes = {"account": {"margin_mode": "retail_netting"}, "desk": {"margin_mode": "netting"}}
    bench = bench_make(**modes)
    bench.seconds(WARM_UP)
    entry = planned(bench, ASKED, side)
    (position,) = bench.truth().positions
    opened = Decimal(position["price"])
    up = 1 if side == "buy" else -1
    expected = run(ASKED, [0, *PATH])
    for number, points in enumerate(PATH):
        move(bench, opened, side, points)
        left = run(ASKED, [0, *PATH[: number + 1]]).left
        positions = bench.truth().positions
        assert sum(round(Decimal(one["volume"]) * 100) for one in positions) == left
        if left:
            stop = round((Decimal(positions[0]["sl"]) - opened) * up / POINT)
            assert stop == expected.stops[number + 1]
    assert closes(bench, entry, opened) == expected.closes
    bench.seconds(75)
    told = steps(entry)
    assert told[0] == "break_even"
    assert [one for one in told if one.startswith("target")] == ["target_1", "target_2"]
    assert told[-1] == "plan_over"
    bench.end()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_at_a_target_closes_its_part_once(bench: Bench, when: str) -> None:
    asked = Asked(10, -300, [(100, 40)], even=(90, 5))
    entry = planned(bench, asked)
    opened = Decimal(bench.truth().positions[0]["price"])
    bench.price(opened + 110 * POINT)
    crash_at(bench, "OrderSend", when, match="deal")
    bench.seconds(40)
    assert closes(bench, entry, opened) == [(110, 4)]
    (position,) = bench.truth().positions
    assert Decimal(position["sl"]) == opened + 5 * POINT
    assert "target_1" in steps(entry)
    bench.end()


def test_a_plan_goes_on_after_a_restart_and_never_loosens_a_stop(bench: Bench) -> None:
    asked = Asked(10, -300, trailing=(80, 50, 10))
    entry = planned(bench, asked)
    opened = Decimal(bench.truth().positions[0]["price"])
    move(bench, opened, "buy", 100)
    assert Decimal(bench.truth().positions[0]["sl"]) == opened + 20 * POINT
    bench.restart()
    bench.price(opened + 60 * POINT)
    bench.seconds(30)
    assert Decimal(bench.truth().positions[0]["sl"]) == opened + 20 * POINT
    move(bench, opened, "buy", 131)
    assert Decimal(bench.truth().positions[0]["sl"]) == opened + 50 * POINT
    assert steps(entry).count("trailing") == 2
    bench.end()


def test_what_is_left_is_closed_when_its_time_is_over(bench: Bench) -> None:
    entry = planned(bench, Asked(10, -300), time_exit_seconds=60)
    opened = Decimal(bench.truth().positions[0]["price"])
    bench.seconds(30)
    assert closes(bench, entry, opened) == []
    bench.seconds(60)
    bench.seconds(75)
    assert [lots for _, lots in closes(bench, entry, opened)] == [10]
    assert steps(entry) == ["time_exit", "plan_over"]
    bench.end()


@pytest.fixture
def older_program(tmp_path: Path) -> Path:
    """The program as one that does not know plans tells itself."""
    home = tmp_path / "mql5"
    shutil.copytree(SOURCE.parents[1] / "Experts", home / "Experts")
    shutil.copytree(SOURCE.parents[1] / "Include", home / "Include")
    terms = home / "Include" / "Fusion" / "Terms.mqh"
    text = terms.read_text()
    assert "#define EA_MINOR 4" in text
    terms.write_text(text.replace("#define EA_MINOR 4", "#define EA_MINOR 3"))
    return build_kept(load(home / "Experts" / SOURCE.name), toolchain())


@pytest.fixture
def ea_binary(request: pytest.FixtureRequest, ea_binary: Path) -> Path:
    if "older_program" in request.fixturenames:
        return Path(request.getfixturevalue("older_program"))
    return ea_binary


@pytest.mark.usefixtures("older_program")
def test_an_older_program_is_never_handed_a_plan_and_the_entry_expires(bench: Bench) -> None:
    plan = with_kinds(plan_of(ASKED))
    entry = bench.stage(sl=STOP, lots="0.10", plan=plan, valid_seconds=20)
    bench.until(lambda: bench.state(entry) == "expired", 60)
    assert bench.truth().positions == []
    assert bench.told(entry) == []
    entry.refresh_from_db()
    assert "needs an executor of minor 4; the account's reads 3" in entry.message
    bench.end()
