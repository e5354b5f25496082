"""Each case runs against each executor: `paper`, and `ea`, which needs a C++ compiler."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.executor.ea import EaRig
from tests.contract.executor.paper import PaperRig
from tests.contract.executor.rig import Rig, Setup
from tests.e2e.ea.conftest import ea_binary  # noqa: F401 - the fixture that compiles it once
from tests.integration.mql5.hosting import NEEDS_COMPILER

EXECUTORS = ["paper", pytest.param("ea", marks=[NEEDS_COMPILER, pytest.mark.long])]


@pytest.fixture(params=EXECUTORS)
def rig_make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    """`rig_make(...)` makes an executor that has said hello; its words are read afterwards."""
    made: list[Rig] = []

    def make(**fields: Any) -> Rig:
        setup = Setup(**fields)
        if request.param == "paper":
            made.append(PaperRig(tmp_path, setup))
        else:
            made.append(EaRig(tmp_path, setup, request.getfixturevalue("ea_binary")))
        return made[-1]

    yield make
    for rig in made:
        rig.end()
        assert rig.server.faults == [], "it sent what no executor may send"


@pytest.fixture
def rig(rig_make: Callable[..., Rig]) -> Rig:
    return rig_make()
