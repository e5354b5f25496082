"""The Expert Advisor is compiled once; each test gets a desk of its own.

`EA_BINARY` names a program that is compiled already, with counters or sanitizers; `EA_PLANTED` a
JSON file that names one for each test: each with a bug that the test must notice.
"""

import json
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mql5.host.build import build_kept, toolchain
from mql5.host.lint.checking import lint
from mql5.host.program import load
from tests.e2e.ea.bench import WARM_UP, Bench
from tests.e2e.ea.serving import served

SOURCE = Path(__file__).resolve().parents[3] / "mql5" / "Experts" / "FusionExecutor.mq5"


@cache
def compiled() -> Path:
    """The program, which stands within the linter's subset."""
    program = load(SOURCE)
    assert lint(program) == []
    return build_kept(program, toolchain())


@pytest.fixture
def ea_binary(request: pytest.FixtureRequest) -> Path:
    if planted := os.environ.get("EA_PLANTED"):
        return Path(json.loads(Path(planted).read_text())[request.node.nodeid])
    given = os.environ.get("EA_BINARY")
    return Path(given) if given else compiled()


@pytest.fixture(autouse=True)
def _patient(settings: Any) -> None:
    """A machine that is busy shall not pass for a database that is away."""
    settings.REQUEST_DATABASE_DEADLINE_SECONDS = 60.0


@pytest.fixture
def kept_url(committed_db: None) -> Iterator[str]:
    """The server of those that live in lockstep."""
    with served() as url:
        yield url


@pytest.fixture
def bench_make(
    kept_url: str,
    tmp_path: Path,
    ea_binary: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., Bench]]:
    """`bench_make(...)` makes the desk; its terminal is ended afterwards.

    It polls each second, which is half of the work that it would make by the server's own word.
    """
    monkeypatch.setattr("execution.answers.POLL_SECONDS", "1")
    made: list[Bench] = []

    def make(**fields: Any) -> Bench:
        made.append(
            Bench(
                live_url=kept_url,
                home=tmp_path,
                binary=ea_binary,
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
