"""What `make run` cannot do it says in one sentence, quickly, and leaves nothing running."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from fusion_project.local.home.folder import Home
from fusion_project.local.run.stack import ROOT
from fusion_project.local.servers.children import port_pick


def run(home: Path, **variables: str) -> tuple[int, str]:
    """Start a run that is meant to be refused; its exit code and its last words."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE")}
    env.pop("REDIS_URL", None)
    ended = subprocess.run(
        [sys.executable, "-m", "fusion_project.local.run.main"],
        cwd=ROOT,
        timeout=60,
        check=False,
        env={**env, "FUSION_HOME": str(home), "PORT": str(port_pick()), **variables},
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in ended.stderr
    assert "Stopp" not in ended.stdout
    assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr
    return ended.returncode, ended.stderr.strip()


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, words = run(tmp_path / "home", PORT=port)
    assert code == 1
    assert words == f"Cannot run: Port {port} is in use; stop what listens there or set PORT."
    assert not (tmp_path / "home" / "postgres").exists()


def test_an_unwritable_home() -> None:
    code, words = run(Path("/proc/fusion"))
    assert code == 1
    assert words.startswith("Cannot run: FUSION_HOME /proc/fusion cannot be used: ")


def test_a_home_in_use(tmp_path: Path) -> None:
    other = Home(tmp_path)
    other.open()
    code, words = run(tmp_path)
    other.close()
    assert code == 1
    assert f"FUSION_HOME {tmp_path} is in use by another run (process {os.getpid()})" in words


def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    code, words = run(
        tmp_path, DATABASE_URL=f"postgresql://app:hunter2@127.0.0.1:{port_pick()}/fusion"
    )
    assert code == 1
    assert words.startswith("Cannot run: The database postgresql://app@127.0.0.1:")
    assert "hunter2" not in words


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "eighty"), ("REDIS", "maybe"), ("DATABASE_URL", "sqlite:///x")]
)
def test_an_odd_variable(tmp_path: Path, name: str, value: str) -> None:
    code, words = run(tmp_path, **{name: value})
    assert code == 1
    assert words.startswith(f"Cannot run: {name} is ")


def test_help_names_every_variable() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "fusion_project.local.run.main", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ),
    )
    for name in ("PORT", "FUSION_HOME", "DATABASE_URL", "REDIS_URL", "REDIS=off", "SAMPLE_MARKET"):
        assert name in ended.stdout


def test_the_expert_advisor_without_a_compiler(tmp_path: Path) -> None:
    code, words = run(tmp_path / "home", EXECUTOR="ea", PATH="/nowhere")
    assert code == 1
    assert words.startswith("Cannot run: EXECUTOR=ea cannot run here. No C++ compiler")
    assert not (tmp_path / "home" / "postgres").exists()


def test_an_executor_that_does_not_exist(tmp_path: Path) -> None:
    code, words = run(tmp_path / "home", EXECUTOR="mt4")
    assert code == 1
    assert words == "Cannot run: EXECUTOR is 'mt4'; expected paper or ea."
