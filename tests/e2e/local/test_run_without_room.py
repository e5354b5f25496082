"""A disk that runs full ends nothing: 503 while there is no room, and everything that was answered
2xx is there when there is room again.
"""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psycopg
import pytest

from fusion_project.local.home.folder import json_read
from fusion_project.local.market.rules.alert_text import HAND_STRATEGY
from tests.drills.chaos import Poster
from tests.drills.trial import Trial, process_is_alive

SIZE = "640m"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own in memory."""
    if os.geteuid() != 0:
        pytest.skip("a disk of its own needs root: mount -t tmpfs")
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        pytest.skip(f"no disk of its own here: {made.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def full(place: Path) -> Iterator[None]:
    """Not a byte is left inside."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1024 * 1024, 1024):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    try:
        yield
    finally:
        filler.unlink()


class Sender(threading.Thread):
    """Posts alerts one after the other, and keeps what became of each."""

    def __init__(self, trial: Trial) -> None:
        super().__init__(name="sender", daemon=True)
        self._poster = Poster(trial.access["hooks"][HAND_STRATEGY], 0)
        self.stop = threading.Event()
        self.statuses: list[int] = []
        self.receipts: list[int] = []

    def run(self) -> None:
        number = 0
        while not self.stop.wait(0.3):
            number += 1
            self._send(number)

    def _send(self, number: int) -> None:
        try:
            answer = httpx2.post(self._poster.url, json=self._poster._entry(number), timeout=5)
        except httpx2.HTTPError:
            self.statuses.append(0)
            return
        self.statuses.append(answer.status_code)
        if answer.status_code < 300:
            self.receipts.append(answer.json()["receipt"])

    def newest(self) -> int:
        return self.statuses[-1] if self.statuses else 0


def wal_use_up(trial: Trial) -> None:
    """Make Postgres need another segment of its log, which finds no room: it gives up."""
    passwords = json_read(trial.home.path / "postgres" / "passwords.json")
    port = (trial.home.path / "postgres" / "port").read_text()
    url = f"postgresql://postgres:{passwords['postgres']}@127.0.0.1:{port}/postgres"
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as server:
            while True:
                server.execute("SELECT pg_logical_emit_message(false, 'x', repeat('x', 1000000))")
                server.execute("SELECT pg_switch_wal()")
    except psycopg.Error:
        return


@pytest.mark.long
def test_a_full_disk_ends_nothing_and_nothing_answered_is_lost(small_disk: Path) -> None:
    with Trial(home=small_disk / "home", env={"SAMPLE_MARKET": "off"}) as trial:
        run, pids, sender = trial.run_pid, trial.pids(), Sender(trial)
        sender.start()
        trial.wait_for("alerts are taken", lambda: len(sender.receipts) > 10, 60)
        with full(small_disk):
            wal_use_up(trial)
            trial.wait_for("alerts are refused", lambda: sender.newest() == 503, 30)
            before = len(sender.statuses)
            trial.wait_for("more are refused", lambda: len(sender.statuses) > before + 20, 60)
            assert set(sender.statuses[before:]) == {503}
            assert process_is_alive(run)
            assert httpx2.get(f"{trial.access['base_url']}/healthz", timeout=5).status_code == 200
        trial.wait_for("alerts are taken again", lambda: sender.newest() == 202, 60)
        sender.stop.set()
        sender.join()
        trial.wait_for("it is ready", lambda: _is_ready(trial), 60)
        assert set(sender.statuses) <= {202, 200, 503}
        stored = {row[0] for row in trial.rows("SELECT id FROM signals_delivery")}
        assert set(sender.receipts) <= stored
        # Nobody but Postgres had to end, though nobody could write his log.
        now = trial.pids()
        assert {name for name in pids if now[name] != pids[name]} <= {"postgres", "paper"}
        assert "is full" in trial.output
        assert "There is room again" in trial.output
    trial.check_stopped()


def _is_ready(trial: Trial) -> bool:
    try:
        answer = httpx2.get(f"{trial.access['base_url']}/readyz", timeout=5)
    except httpx2.HTTPError:
        return False
    return all(part["ok"] for part in answer.json()["parts"].values())
