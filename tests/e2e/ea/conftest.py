"""The Expert Advisor is compiled once a run; each test gets a desk of its own.

`EA_BINARY` names a program that is compiled already: with counters, sanitizers or a planted bug.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mql5.host.build import Toolchain, alone, build, toolchain
from mql5.host.lint.checking import lint
from mql5.host.program import load
from tests.e2e.ea.bench import WARM_UP, Bench

SOURCE = Path(__file__).resolve().parents[3] / "mql5" / "Experts" / "FusionExecutor.mq5"


def compiled(folder: Path, tools: Toolchain) -> Path:
    """The program; `folder` is of the whole test session."""
    with alone(folder.with_suffix(".lock")):
        if not (folder / "program").exists():
            program = load(SOURCE)
            assert lint(program) == []
            build(program, folder, tools)
    return folder / "program"


@pytest.fixture(scope="session")
def ea_binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if given := os.environ.get("EA_BINARY"):
        return Path(given)
    shared = tmp_path_factory.getbasetemp()
    # Workers of one run have folders of their own below the run's.
    root = shared.parent if shared.name.startswith("popen-") else shared
    return compiled(root / "ea", toolchain())


@pytest.fixture
def bench_make(
    live_url: str, tmp_path: Path, ea_binary: Path, run_handlers: Callable[[], int]
) -> Iterator[Callable[..., Bench]]:
    """`bench_make(...)` makes the desk; its terminal is ended afterwards."""
    made: list[Bench] = []

    def make(**fields: Any) -> Bench:
        made.append(
            Bench(
                live_url=live_url,
                home=tmp_path,
                binary=ea_binary,
                run_handlers=run_handlers,
                **fields,
            )
        )
        return made[-1]

    yield make
    for bench in made:
        if bench.step is not None:
            bench.stop()


@pytest.fixture
def bench(bench_make: Callable[..., Bench]) -> Bench:
    """A desk that is at work: hello said, the account measured."""
    made = bench_make()
    made.seconds(WARM_UP)
    return made
