"""The supervisor restarts what crashes, stops in reverse, and takes workers along."""

import os
import signal
import sys
from pathlib import Path

import pytest

from fusion_project.local.run import processes
from fusion_project.local.run.processes import Child, Supervisor
from tests.integration.local.waiting import wait_gone, wait_until

FOREVER = "import signal; signal.pause()"
DEAF = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True);"
    "\nwhile True: signal.pause()"
)
WITH_WORKER = (
    "import subprocess, sys, signal;"
    f"worker = subprocess.Popen([sys.executable, '-c', {FOREVER!r}]);"
    "print(worker.pid, flush=True); signal.pause()"
)


def child(tmp_path: Path, script: str, name: str = "child", stop_seconds: float = 10) -> Child:
    return Child(
        [sys.executable, "-c", script],
        log_path=tmp_path / f"{name}.log",
        env=dict(os.environ),
        cwd=tmp_path,
        stop_seconds=stop_seconds,
    )


class Hand:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def crash(one: Child) -> None:
    assert one.pid is not None
    os.kill(one.pid, signal.SIGKILL)
    assert wait_until(lambda: not one.is_running)


def test_a_killed_child_is_started_again_later_and_later(tmp_path: Path) -> None:
    hand, said = Hand(), list[str]()
    supervisor = Supervisor(said.append, monotonic=hand)
    one = child(tmp_path, FOREVER)
    supervisor.start("worker", one)
    waits = []
    for _ in range(3):
        crash(one)
        supervisor.watch()
        began = hand.seconds
        while not one.is_running:
            hand.seconds += 0.25
            supervisor.watch()
        waits.append(hand.seconds - began)
    supervisor.stop_all()
    assert waits == [0.5, 1.0, 2.0]
    assert "worker stopped by itself; starting it again in 0.5 s" in said


def test_a_long_life_forgives_earlier_crashes(tmp_path: Path) -> None:
    hand = Hand()
    supervisor = Supervisor(lambda text: None, monotonic=hand)
    one = child(tmp_path, FOREVER)
    supervisor.start("worker", one)
    for lived in (0, 0, 60):
        hand.seconds += lived
        crash(one)
        supervisor.watch()
        last_crashes = supervisor.crash_count("worker")
        hand.seconds += 10
        supervisor.watch()
    supervisor.stop_all()
    assert last_crashes == 1


def test_everything_stops_in_reverse_order(tmp_path: Path) -> None:
    order: list[str] = []

    class Named:
        pid = None
        is_running = True

        def __init__(self, name: str) -> None:
            self.name = name

        def start(self) -> None:
            order.append(f"+{self.name}")

        def stop(self) -> None:
            order.append(f"-{self.name}")

    supervisor = Supervisor(lambda text: None)
    for name in ("postgres", "redis", "web"):
        supervisor.start(name, Named(name))
    supervisor.stop_all()
    assert order == ["+postgres", "+redis", "+web", "-web", "-redis", "-postgres"]


def test_one_that_cannot_start_is_still_stopped(tmp_path: Path) -> None:
    stopped: list[str] = []

    class Broken:
        pid = None
        is_running = False

        def start(self) -> None:
            raise RuntimeError("no")

        def stop(self) -> None:
            stopped.append("broken")

    supervisor = Supervisor(lambda text: None)
    with pytest.raises(RuntimeError, match="no"):
        supervisor.start("broken", Broken())
    supervisor.stop_all()
    assert stopped == ["broken"]


def test_a_child_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    one = child(tmp_path, DEAF, stop_seconds=0.2)
    one.start()
    assert wait_until(lambda: "up" in one.log_path.read_text())
    pid = one.pid
    one.stop()
    assert pid is not None
    assert wait_gone(pid, 0)


def test_a_killed_masters_workers_go_too_before_it_starts_again(tmp_path: Path) -> None:
    one = child(tmp_path, WITH_WORKER)
    one.start()
    assert wait_until(lambda: one.log_path.read_text().strip() != "")
    worker = int(one.log_path.read_text().split()[0])
    crash(one)
    one.start()
    assert wait_gone(worker, 5)
    one.stop()


def test_a_hurried_stop_waits_for_nobody(tmp_path: Path) -> None:
    supervisor = Supervisor(lambda text: None)
    one = child(tmp_path, DEAF, stop_seconds=60)
    supervisor.start("deaf", one)
    supervisor.hurry()
    supervisor.stop_all()
    assert not one.is_running


def test_a_long_log_is_cut_and_one_older_part_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "LOG_BYTES_MAX", 10)
    log = tmp_path / "web.log"
    with log.open("ab") as writer:
        writer.write(b"a long first part\n")
        writer.flush()
        processes.log_cut(log)
        writer.write(b"second\n")
    assert log.read_bytes() == b"second\n"
    assert (tmp_path / "web.log.1").read_bytes() == b"a long first part\n"
