"""The simulator of the ledgers: a short run finds nothing, and each planted fault is found."""

import ast
import sys
from pathlib import Path

import pytest

from tests import database
from tests.drills.sim import converting, giving, investors, model, payouts, positions, trading
from tests.drills.sim.faults import FAULTS, planted
from tests.drills.sim.running import OPS, Run

pytestmark = pytest.mark.usefixtures("committed_db")

# More of what seldom happens, so that a short run meets it.
DENSE = OPS | {
    payouts.payout: 900,
    investors.units: 900,
    positions.trade: 300,
    positions.retrade: 300,
    giving.give: 100,
    trading.again: 300,
    converting.convert: 200,
    converting.price: 100,
    converting.complete: 60,
}


def run_made(ops: int, *, seed: int = 1, every: int = 100) -> tuple[Run, list[str]]:
    said: list[str] = []
    return Run(seed, ops, every, said.append, weights=DENSE), said


def test_three_hundred_operations_leave_the_ledgers_as_the_model_says():
    run, said = run_made(300)
    assert run.go() == []
    assert [line for line in said if "0 differences" in line]


@pytest.mark.long
def test_a_seed_repeats_exactly():
    first, said_first = run_made(60, seed=5, every=60)
    assert first.go() == []
    with database.pointed_at(database.clone_create()):
        second, said_second = run_made(60, seed=5, every=60)
        assert second.go() == []
    # But for how long it took.
    assert said_first[1:] == said_second[1:]
    assert len(said_first) > 10


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_planted_fault_is_found(name):
    run, _ = run_made(3_000, every=300)
    with planted(name):
        assert run.go() != []


def test_the_model_shares_no_code_with_what_it_judges():
    foreign = {
        module
        for file in Path(model.__path__[0]).glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in (
            [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
        if module
        and module.partition(".")[0] not in sys.stdlib_module_names
        and not module.startswith("tests.drills.sim.model")
    }
    assert foreign == set()
