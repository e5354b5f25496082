"""A whole run in a temporary home, as a person would start it; used by smoke, chaos and tests."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import psycopg

from fusion_project.local.home.folder import Home, json_read
from fusion_project.local.run.stack import ROOT
from fusion_project.local.servers.children import child_start, group_signal, port_is_free, port_pick

T = TypeVar("T")

START_SECONDS = 240.0
STOP_SECONDS = 60.0
_POLL_SECONDS = 0.1


class TrialFailed(Exception):
    """What was awaited did not happen; the text says what."""


class Trial:
    """One `make run` of our own on free ports. Use as a context manager."""

    def __init__(
        self, *, home: Path | None = None, keep: bool = False, env: Mapping[str, str] | None = None
    ) -> None:
        self.home = Home(home or Path(tempfile.mkdtemp(prefix="fusion-trial-")))
        self.port = port_pick()
        self._keep = keep or home is not None
        self._env = dict(env or {})
        self._process: subprocess.Popen[bytes] | None = None
        self.access: dict[str, Any] = {}
        # Known after `stop`: the run's exit status, and what it had running.
        self.status: int | None = None
        self.stopped_pids: dict[str, int] = {}

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def output(self) -> str:
        """What the run has printed so far."""
        path = self.home.path / "output.txt"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def run_pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def set_env(self, name: str, value: str) -> None:
        """Set a variable for the run; before it is launched."""
        self._env[name] = value

    def launch(self) -> None:
        """Start the run without waiting for it."""
        self.home.path.mkdir(parents=True, exist_ok=True)
        # A killed run's would be taken for this one's.
        self.home.access.unlink(missing_ok=True)
        outside = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DATABASE_URL", "DATABASE_DIRECT_URL", "REDIS_URL", "REDIS")
        }
        env = {**outside, "FUSION_HOME": str(self.home.path), "PORT": str(self.port), **self._env}
        with (self.home.path / "output.txt").open("wb") as output:
            self._process = child_start(
                [sys.executable, "-m", "fusion_project.local.run.main"],
                log=output,
                env=env,
                cwd=ROOT,
                death_signal=signal.SIGTERM,
            )

    def start(self) -> None:
        """Start the run and wait until it has printed that it is ready."""
        self.launch()
        self.wait_for("the run is ready", self._is_ready, START_SECONDS)
        self.access = json_read(self.home.access)

    def _is_ready(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise TrialFailed(f"the run ended with {self._process.returncode}:\n{self.output}")
        return self.home.access.exists()

    def stop(self) -> None:
        """Stop in order and remove the home. Nothing is left either way."""
        if self._process is not None:
            self.stopped_pids = self.pids()
            if self._process.poll() is None:
                self._process.send_signal(signal.SIGTERM)
            try:
                self.status = self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                group_signal(self._process, signal.SIGKILL)
                self.status = self._process.wait()
            self._process = None
        if not self._keep:
            shutil.rmtree(self.home.path, ignore_errors=True)

    def check_stopped(self) -> None:
        """After `stop`: the run said 0 and nothing of it is left. Raises TrialFailed."""
        if self.status != 0:
            raise TrialFailed(f"the run ended with {self.status}")
        if not port_is_free(self.port):
            raise TrialFailed(f"port {self.port} is still in use after the stop")
        left = [name for name, pid in self.stopped_pids.items() if process_is_alive(pid)]
        if left:
            raise TrialFailed(f"still running after the stop: {', '.join(left)}")

    def pids(self) -> dict[str, int]:
        """Process ids of the run's children by name, as they are now."""
        return json_read(self.home.processes) or {}

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the run's database as the app's role."""
        with psycopg.connect(self.access["database_url"], connect_timeout=5) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def value(self, query: str, *values: object) -> Any:
        """The first column of the first row."""
        found = self.rows(query, *values)
        return found[0][0] if found else None

    def wait_for(self, what: str, look: Callable[[], T], seconds: float) -> T:
        """Ask until there is an answer that counts. Raises TrialFailed, saying what was awaited."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = look()
            if found:
                return found
            time.sleep(_POLL_SECONDS)
        raise TrialFailed(f"waited {seconds:g} s in vain: {what}")


def process_is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and is not reaped yet does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:  # no such file system here, or gone meanwhile
        return not stat.parent.parent.exists()


def curl_run(command: str) -> tuple[int, dict[str, Any]]:
    """Run a printed curl command in a shell; its status and the answer's JSON."""
    if shutil.which("curl") is None:
        raise TrialFailed("curl is needed to run the commands that `make run` prints")
    ended = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, check=False, timeout=30
    )
    head, _, body = ended.stdout.replace("\r\n", "\n").rpartition("\n\n")
    try:
        return int(head.split()[1]), json.loads(body)
    except (IndexError, ValueError) as error:
        raise TrialFailed(f"curl answered {ended.stdout!r} {ended.stderr!r}") from error
