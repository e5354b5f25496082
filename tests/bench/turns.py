"""Clients that work for a while when they are told to, in processes that stay: for fair comparison.

Standard library alone, so that a program of others can be measured in an environment of its own:
each contender is asked on its standard input, `{"what", "clients", "seconds"}`, one line a turn,
and answers `{"done", "seconds"}`.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = 2
# One turn of one client: what it has done, 0 where there is nothing left to do.
Work = Callable[[], int]


def serve(
    works: Mapping[str, Callable[[int], Work]],
    *,
    once: Mapping[str, Callable[..., Any]],
    leave: Callable[[], None],
) -> None:
    """Answer turns until the input ends. `once`: what is done a single time, by its arguments.

    `leave`: what each client does at the end of its turn, in its own thread.
    """
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        what = asked.pop("what")
        found = once[what](**asked) if what in once else _turn(works[what], leave, **asked)
        print(json.dumps(found), flush=True)


def _turn(
    make: Callable[[int], Work], leave: Callable[[], None], *, clients: int, seconds: float
) -> dict[str, float]:
    """`make(n)` gives client n its work, which it does once; then all begin at once."""
    counts, ends = [0] * clients, [0.0] * clients
    ready = threading.Barrier(clients + 1)

    def run(number: int) -> None:
        try:
            work = make(number)
            # What a session prepares once is not measured.
            work()
        except BaseException:
            ready.abort()
            raise
        ready.wait()
        ends_at = time.perf_counter() + seconds
        while time.perf_counter() < ends_at and (done := work()):
            counts[number] += done
        ends[number] = time.perf_counter()
        leave()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for one in threads:
        one.start()
    ready.wait()
    began = time.perf_counter()
    for one in threads:
        one.join()
    return {"done": sum(counts), "seconds": round(max(ends) - began, 4)}


@dataclass
class Crew:
    """A contender's processes; the clients of a turn are spread over them."""

    command: Sequence[str]
    env: Mapping[str, str]

    def __enter__(self) -> "Crew":
        self.processes = [
            subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(self.env),
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for _ in range(PROCESSES)
        ]
        return self

    def __exit__(self, *_: object) -> None:
        for one in self.processes:
            one.communicate()

    def once(self, what: str, **facts: Any) -> Any:
        """Have the first process do something by itself."""
        self._ask(self.processes[0], what=what, **facts)
        return self._answer(self.processes[0])

    def per_second(self, what: str, clients: int, seconds: float) -> float:
        """How much all clients did a second, from the first to the last."""
        shares = [(clients + n) // len(self.processes) for n in range(len(self.processes))]
        at_work = [
            (process, share)
            for process, share in zip(self.processes, sorted(shares, reverse=True), strict=True)
            if share
        ]
        for process, share in at_work:
            self._ask(process, what=what, clients=share, seconds=seconds)
        found = [self._answer(process) for process, _ in at_work]
        return float(sum(one["done"] for one in found) / max(one["seconds"] for one in found))

    def _ask(self, process: "subprocess.Popen[str]", **facts: Any) -> None:
        assert process.stdin is not None
        process.stdin.write(json.dumps(facts) + "\n")
        process.stdin.flush()

    def _answer(self, process: "subprocess.Popen[str]") -> Any:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(self.command)} ended: {process.wait()}")
        return json.loads(line)
