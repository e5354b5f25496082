"""The compiled programs, shared by all workers of a session."""

from pathlib import Path

import pytest

from tests.integration.mql5.hosting import built
from tests.integration.mql5.trading import Desk


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / "mql5"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def language(shared: Path) -> Path:
    return built("language", shared)


@pytest.fixture(scope="session")
def terminal(shared: Path) -> Path:
    return built("terminal", shared)


@pytest.fixture(scope="session")
def broker_program(shared: Path) -> Path:
    return built("broker", shared)


@pytest.fixture
def desk(broker_program: Path, tmp_path: Path) -> Desk:
    return Desk(broker_program, tmp_path)
