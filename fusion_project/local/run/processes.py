"""Keeps a set of processes alive in order: start, watch, restart what crashed, stop in reverse.

It signals only what it started; `children.py` sees to it that nothing outlives this process.
"""

import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from fusion_project.local.servers.children import child_start, group_signal

LOG_BYTES_MAX = 10 * 1024 * 1024
_BACK_OFF_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)
# A life this long counts as healthy again: the next crash restarts at once.
_HEALTHY_SECONDS = 30.0


class Service(Protocol):
    """What the supervisor can keep: a child process, the embedded Postgres or Redis."""

    @property
    def is_running(self) -> bool: ...
    @property
    def pid(self) -> int | None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


class Child:
    """One command under supervision, logging to its own file."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        log_path: Path,
        env: Mapping[str, str],
        cwd: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        stop_seconds: float = 10.0,
    ) -> None:
        self._command = list(command)
        self.log_path = log_path
        self._env = dict(env)
        self._cwd = cwd
        self._stop_signal = stop_signal
        self._stop_seconds = stop_seconds
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self.is_running else None

    def start(self) -> None:
        self._clear_remains()
        log_rotate(self.log_path)
        with self.log_path.open("ab") as log:
            self._process = child_start(
                self._command,
                log=log,
                env=self._env,
                cwd=self._cwd,
                # A pool's master must get the chance to take its workers along.
                death_signal=self._stop_signal,
            )

    def stop(self) -> None:
        """Ask, wait, then kill the whole group."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(self._stop_signal)
            try:
                self._process.wait(self._stop_seconds)
            except subprocess.TimeoutExpired:
                group_signal(self._process, signal.SIGKILL)
        self._clear_remains()

    def wait(self) -> int:
        """Wait for the end; returns the exit status."""
        return self._process.wait() if self._process is not None else 0

    def kill(self) -> None:
        """No asking: the whole group ends now. Safe in a signal handler."""
        if self._process is not None:
            group_signal(self._process, signal.SIGKILL)

    def _clear_remains(self) -> None:
        """A master that was killed leaves workers behind, which may still hold the port."""
        if self._process is None:
            return
        group_signal(self._process, signal.SIGKILL)
        self._process.wait()
        self._process = None


class Supervisor:
    """Named services in starting order. Call `watch()` often from the thread that starts them."""

    def __init__(
        self,
        say: Callable[[str], None],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        room_is_left: Callable[[], bool] = lambda: True,
    ) -> None:
        self._say = say
        self._monotonic = monotonic
        self._room_is_left = room_is_left
        self._need_room: set[str] = set()
        self._services: dict[str, Service] = {}
        self._started_at: dict[str, float] = {}
        self._crashes: dict[str, int] = {}
        self._due_at: dict[str, float] = {}

    def start(self, name: str, service: Service, *, needs_room: bool = False) -> None:
        """Start and keep a service. Kept first: whatever interrupts the start, it is stopped.

        `needs_room`: without room on the disk it is not started again.
        """
        self._services[name] = service
        if needs_room:
            self._need_room.add(name)
        self._started_at[name] = self._monotonic()
        service.start()

    def crash_count(self, name: str) -> int:
        """How often in a row the service stopped by itself soon after its start."""
        return self._crashes.get(name, 0)

    @property
    def names(self) -> list[str]:
        return list(self._services)

    def pids(self) -> dict[str, int]:
        """Process ids of what runs now, by name."""
        found = {name: service.pid for name, service in self._services.items()}
        return {name: pid for name, pid in found.items() if pid is not None}

    def watch(self) -> bool:
        """One look: restart what is down and due, cut long logs. True where anything changed."""
        changed = False
        for name, service in self._services.items():
            if isinstance(service, Child):
                log_cut(service.log_path)
            if not service.is_running:
                changed |= self._bring_back(name, service)
        return changed

    def _bring_back(self, name: str, service: Service) -> bool:
        current = self._monotonic()
        if name not in self._due_at:
            lived = current - self._started_at[name]
            crashes = 0 if lived > _HEALTHY_SECONDS else self._crashes.get(name, 0)
            wait = _BACK_OFF_SECONDS[min(crashes, len(_BACK_OFF_SECONDS) - 1)]
            self._crashes[name] = crashes + 1
            self._due_at[name] = current + wait
            self._say(f"{name} stopped by itself; starting it again in {wait:g} s")
            return True
        if current < self._due_at[name]:
            return False
        if name in self._need_room and not self._room_is_left():
            return False
        try:
            service.start()
        except (OSError, RuntimeError) as error:
            self._say(f"{name} did not start again: {error}")
        del self._due_at[name]
        self._started_at[name] = self._monotonic()
        return True

    def stop_all(self) -> None:
        """Stop everything, last started first; goes on where one of them resists."""
        for name, service in reversed(list(self._services.items())):
            try:
                service.stop()
            except OSError as error:
                self._say(f"{name} did not stop cleanly: {error}")
        self._services.clear()

    def hurry(self) -> None:
        """Kill every child at once; a `stop_all` under way then has nothing to wait for.

        The database is left to its own fast shutdown.
        """
        for service in self._services.values():
            if isinstance(service, Child):
                service.kill()


def log_rotate(path: Path) -> None:
    """Before a start: a long log moves to `.1`, so at most two are kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
        path.replace(path.with_suffix(path.suffix + ".1"))


def log_cut(path: Path) -> None:
    """While a process writes (in append mode): copy what it has to `.1` and empty the file."""
    try:
        if path.stat().st_size > LOG_BYTES_MAX:
            shutil.copyfile(path, path.with_suffix(path.suffix + ".1"))
            with path.open("r+b") as log:
                log.truncate(0)
    except OSError:  # no log yet, or no room for the copy: the next look tries again
        return
