"""The Node process that runs the Pine scripts: requests and answers are JSON lines.

For `make run ALERTS=pine` alone, never in production; the other side is `pine/harness/stream.mjs`.
"""

import json
import select
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

HARNESS = Path(__file__).resolve().parents[3] / "pine" / "harness"
NODE_MAJOR_MIN = 20
ANSWER_SECONDS_MAX = 30.0


class PineRunnerFailed(Exception):
    """The runner could not do what was asked; the text says why."""


@dataclass(frozen=True, slots=True)
class Told:
    """One alert: the bar it belongs to, in epoch milliseconds, and its text as sent."""

    bar_time: int
    text: str


def runner_missing() -> str:
    """Return what keeps the runner from starting, as one sentence, or nothing."""
    node = shutil.which("node")
    if node is None:
        return f"ALERTS=pine needs Node {NODE_MAJOR_MIN} or newer; install it or unset ALERTS."
    asked = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = asked.stdout.strip()
    major = version.lstrip("v").partition(".")[0]
    if not major.isdigit() or int(major) < NODE_MAJOR_MIN:
        return f"ALERTS=pine needs Node {NODE_MAJOR_MIN} or newer; this one is {version}."
    if not (HARNESS / "node_modules" / "pinets").is_dir():
        return "The Pine runner is not installed; run `make pine-modules`."
    return ""


class PineRunner:
    """Keeps one Node process; what died is started again with the next request."""

    def __init__(self, command: tuple[str, ...] = ("node", str(HARNESS / "stream.mjs"))) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._opened: set[str] = set()

    def is_open(self, key: str) -> bool:
        """Whether this script is running now; one that is not must be opened with its history."""
        return self._process is not None and self._process.poll() is None and key in self._opened

    def ask(self, request: Mapping[str, Any]) -> list[Told]:
        """Hand over an opening or further bars; return the alerts. Raises PineRunnerFailed."""
        key = str(request["key"])
        answer = self._exchange(request)
        if "error" in answer:
            self._opened.discard(key)
            raise PineRunnerFailed(f"{key}: {answer['error']}")
        self._opened.add(key)
        return [Told(one["bar_time"], one["text"]) for one in answer["alerts"]]

    def stop(self) -> None:
        """End the process; without its input it would end by itself."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self._opened.clear()

    def _exchange(self, request: Mapping[str, Any]) -> dict[str, Any]:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            line = _line_read(process.stdout)
        except OSError as error:
            self.stop()
            raise PineRunnerFailed(f"the Pine runner is gone: {error}") from error
        if not line:
            self.stop()
            raise PineRunnerFailed("the Pine runner gave no answer")
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError as error:
            self.stop()
            raise PineRunnerFailed(f"the Pine runner said {line[:80]!r}") from error
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.stop()
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
            )
        return self._process


def _line_read(stream: IO[bytes]) -> bytes:
    """One line, or nothing where the other side ended or is silent for too long."""
    line = bytearray()
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([stream], [], [], ANSWER_SECONDS_MAX)
        piece = stream.read(65_536) if ready else b""
        if not piece:
            return b""
        line += piece
    return bytes(line)
