"""A few random runs of the Expert Advisor under faults; `make ea-fuzz` makes a thousand."""

from pathlib import Path

import pytest

from tests.e2e.ea.fuzz.running import run_seed
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_run_under_random_faults_ends_with_all_sides_agreeing(
    committed_db: None, ea_binary: Path, seed: int
) -> None:
    outcome = run_seed(seed, ea_binary)
    assert outcome.faults == (), outcome.log


def test_a_seed_repeats_exactly(committed_db: None, ea_binary: Path) -> None:
    assert run_seed(7, ea_binary).trace == run_seed(7, ea_binary).trace
