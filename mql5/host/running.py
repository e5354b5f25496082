"""Starts a compiled program: with a time limit, or in step with a driver that moves its clock."""

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

CRITICAL: Final = 3  # the exit of a program that the terminal would have stopped
REFUSED: Final = 4  # OnInit gave something else than INIT_SUCCEEDED
CRASHED: Final = 137
TIMED_OUT: Final = 124


@dataclass(frozen=True)
class Terminal:
    """The terminal that a program finds: its data folder, its settings, its clock."""

    home: Path
    clock: str = "virtual"  # virtual, real, lockstep
    start: datetime = datetime(2026, 1, 5, tzinfo=UTC)
    seconds: float = 0  # how long to run; 0: until the driver or a signal stops it
    allowed: Sequence[str] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    latency_ms: int = 20
    broker: Path | None = None  # the folder of the trade server's book

    def words(self) -> list[str]:
        plain = [
            f"home={self.home}",
            f"clock={self.clock}",
            f"start={round(self.start.timestamp() * 1000)}",
            f"for={round(self.seconds * 1000)}",
            f"latency={self.latency_ms}",
        ]
        plain += [f"broker={self.broker}"] if self.broker else []
        plain += [f"allow={one}" for one in self.allowed]
        return plain + [f"input={name}={value}" for name, value in self.inputs.items()]


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


def run(binary: Path, terminal: Terminal, limit: float) -> Ended:
    """Runs to the end; a program over the limit (seconds) is killed and ends with `TIMED_OUT`."""
    child = subprocess.Popen(
        [str(binary), *terminal.words()], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        out, err = child.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        child.kill()
        out, err = child.communicate()
        return Ended(TIMED_OUT, out, f"{err}the program was still running after {limit:g} s\n")
    except BaseException:
        child.kill()
        child.wait()
        raise
    return Ended(child.returncode, out, err)


@dataclass(frozen=True)
class Yielded:
    """The program waits: why, its time, and when it wants to go on (milliseconds, UTC)."""

    why: str  # timer, sleep, http, trade (a transaction is due), send and answer (of OrderSend)
    now: int
    wake: int


class Lockstep:
    """A program that waits for its driver wherever time passes.

    `yielded` is what it waits for; `go` moves its clock, `stop` ends it in order, `kill` is a crash
    that leaves the given number of bytes of what was written and not flushed.
    """

    def __init__(self, binary: Path, terminal: Terminal, log: Path, limit: float = 60) -> None:
        ours, theirs = socket.socketpair()
        ours.settimeout(limit)
        self._log = log
        with log.open("w") as out, theirs:
            self._child = subprocess.Popen(
                [str(binary), *terminal.words(), f"channel={theirs.fileno()}"],
                stdout=out,
                stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno()],
            )
        self._socket = ours
        self._lines = ours.makefile("r")
        self.yielded: Yielded | None = None
        self._hear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lines.close()
        self._socket.close()
        if self._child.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._child.pid, signal.SIGKILL)
        self._child.wait()

    def _hear(self) -> Yielded | None:
        words = self._lines.readline().split()
        self.yielded = None
        if len(words) == 4:
            self.yielded = Yielded(words[1], int(words[2]), int(words[3]))
        return self.yielded

    def _say(self, line: str) -> Yielded | None:
        with contextlib.suppress(BrokenPipeError):
            self._socket.sendall(line.encode() + b"\n")
        return self._hear()

    def ask(self, words: str) -> str:
        """Says something to the trade server while the program waits; gives its answer."""
        if self.yielded is None:
            raise RuntimeError(f"the program has ended: {self.log}")
        self._socket.sendall(f"ask {words}\n".encode())
        return self._lines.readline().rstrip("\n")

    def go(self, now: int | None = None) -> Yielded | None:
        """Sets its clock, by default to when it wants to wake; gives where it waits next."""
        if self.yielded is None:
            raise RuntimeError(f"the program has ended: {self.log}")
        return self._say(f"go {self.yielded.wake if now is None else now}")

    def steps(self, until: int) -> Iterator[Yielded]:
        """Each wait up to a moment; the driver does its part between them."""
        while self.yielded is not None and self.yielded.wake <= until:
            yield self.yielded
            self.go()

    def stop(self) -> Ended:
        while self.yielded is not None:
            self._say("stop")
        return self._ended()

    def kill(self, torn_bytes: int = 0) -> Ended:
        self._say(f"kill {torn_bytes}")
        return self._ended()

    @property
    def log(self) -> str:
        return self._log.read_text()

    def _ended(self) -> Ended:
        code = self._child.wait(timeout=30)
        return Ended(code, self.log, "")
