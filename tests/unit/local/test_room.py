"""A disk that runs full is told once, and what needs room waits until there is enough again."""

from pathlib import Path

import pytest

from fusion_project.local.home import room
from fusion_project.local.home.room import ENOUGH_BYTES, SHORT_BYTES, Room
from fusion_project.local.run.processes import Supervisor


class Disk:
    """A disk and a clock that the test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.free = ENOUGH_BYTES
        self.seconds = 0.0
        self.is_away = False
        monkeypatch.setattr(room.shutil, "disk_usage", self._usage)

    def _usage(self, path: Path) -> "Disk":
        if self.is_away:
            raise OSError(5, "gone")
        return self

    def clock(self) -> float:
        self.seconds += 2
        return self.seconds


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def test_it_is_said_once_when_room_runs_out_and_once_when_it_is_back(disk: Disk) -> None:
    said: list[str] = []
    one = Room(Path("/home"), said.append, monotonic=disk.clock)
    assert one.is_left()
    for free, is_left in (
        (SHORT_BYTES, True),
        (SHORT_BYTES - 1, False),
        (0, False),
        # Hardly more than nothing would run out at once.
        (ENOUGH_BYTES - 1, False),
        (ENOUGH_BYTES, True),
    ):
        disk.free = free
        assert one.is_left() is is_left
    assert len(said) == 2
    assert "/home is full" in said[0]
    assert "room again" in said[1]


def test_a_disk_that_is_away_has_no_room(disk: Disk) -> None:
    one = Room(Path("/home"), lambda text: None, monotonic=disk.clock)
    disk.is_away = True
    assert not one.is_left()


class Service:
    """Runs until the test ends it."""

    pid = None

    def __init__(self) -> None:
        self.starts = 0
        self.is_running = False

    def start(self) -> None:
        self.starts += 1
        self.is_running = True

    def stop(self) -> None:
        self.is_running = False


def test_without_room_what_needs_it_waits_and_the_rest_comes_back() -> None:
    seconds, is_left = [0.0], [False]
    supervisor = Supervisor(
        lambda text: None, monotonic=lambda: seconds[0], room_is_left=lambda: is_left[0]
    )
    needs, other = Service(), Service()
    supervisor.start("postgres", needs, needs_room=True)
    supervisor.start("web", other)
    for one in (needs, other):
        one.stop()
    for _ in range(3):
        supervisor.watch()
        seconds[0] += 1
    assert (needs.starts, other.starts) == (1, 2)
    is_left[0] = True
    supervisor.watch()
    assert needs.starts == 2
