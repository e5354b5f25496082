"""The sending side of the benches: keep-alive connections that post and time each answer.

    python -m tests.bench.load < plan.json > outcome.json

A process of its own, so that sending and answering do not share an interpreter. Loopback only.
"""

import asyncio
import itertools
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

_BAR_MS = 900_000
_TRICKLE_SECONDS = 0.5
_POLL = b'{"instance":"bench"}'


@dataclass(frozen=True)
class Plan:
    """What to send. `rate` a second over all connections, as scheduled; 0 is as fast as it goes.

    `kind`: `alert` (each a new entry), `empty` (the comparison view), `unknown` (no good secret),
    `poll` (an executor's, with this `key`) or `half_sent` (bodies that trickle and never end).
    """

    port: int
    paths: list[str]
    connections: int
    seconds: float
    kind: str = "alert"
    rate: float = 0
    name: str = "bench"
    many_peers: bool = False
    key: str = ""


@dataclass
class Outcome:
    """Latencies in milliseconds, sorted; statuses and how many of each; seconds it took."""

    latencies_ms: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def at(self, share: float) -> float:
        """Return the latency at this share of the sorted ones."""
        last = len(self.latencies_ms) - 1
        return round(self.latencies_ms[min(last, int(share * len(self.latencies_ms)))], 2)


def alert_body(name: str, number: int) -> bytes:
    """A new entry of a market order, as a chart would send it now."""
    moment = int(time.time() * 1000)
    message = {
        "schema": "df.signal",
        "v": 1,
        "minor": 0,
        "event": "entry",
        "script": "df-bench",
        "script_ver": "1.0.0",
        "symbol": "EURUSD",
        "exchange": "OANDA",
        "tf": "15",
        "bar_time": moment - _BAR_MS,
        "bar_close": moment,
        "sent_at": moment,
        "env": "paper",
        "id": f"{name}:{number}",
        "trade_id": f"{name}:{number}",
        "side": "buy",
        "position": "long",
        "order_type": "market",
        "size_mode": "risk_pct",
        "size": "1.00",
        "ref_price": "1.08420",
        "sl": "1.08220",
        "tp": "1.08720",
    }
    return json.dumps(message, separators=(",", ":")).encode()


def _requests(plan: Plan) -> Callable[[], bytes]:
    numbers: Iterator[int] = itertools.count(1)
    chance = random.Random(plan.name)

    def make() -> bytes:
        number = next(numbers)
        path = plan.paths[number % len(plan.paths)]
        body = _POLL if plan.kind == "poll" else alert_body(plan.name, number)
        extra = f"Authorization: Token {plan.key}\r\n" if plan.key else ""
        if plan.many_peers:
            peer = ".".join(str(chance.randrange(1, 255)) for _ in range(4))
            extra += f"X-Forwarded-For: {peer}\r\n"
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{plan.port}\r\n{extra}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    return make


class _Sender:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.make = _requests(plan)
        self.latencies: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.began = time.perf_counter()
        self.turns = itertools.count()

    async def run(self) -> Outcome:
        each = self._half_sent if self.plan.kind == "half_sent" else self._connection
        await asyncio.gather(*(each() for _ in range(self.plan.connections)))
        taken = time.perf_counter() - self.began
        return Outcome(sorted(self.latencies), dict(self.statuses), round(taken, 3))

    async def _connection(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.plan.port)
        while (due := await self._turn()) is not None:
            writer.write(self.make())
            status = await _answer(reader)
            self.latencies.append((time.perf_counter() - due) * 1000)
            self.statuses[status] += 1
        writer.close()

    async def _half_sent(self) -> None:
        """A body that never ends, begun anew when it is answered; latencies are those answers'."""
        while (due := await self._turn()) is not None:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.plan.port)
            head, _, body = self.make().partition(b"\r\n\r\n")
            writer.write(head + b"\r\n\r\n" + body[:1])
            answer = asyncio.ensure_future(_answer(reader))
            while time.perf_counter() < self.began + self.plan.seconds:
                if (await asyncio.wait([answer], timeout=_TRICKLE_SECONDS))[0]:
                    self.latencies.append((time.perf_counter() - due) * 1000)
                    self.statuses[answer.result()] += 1
                    break
                writer.write(b" ")
            answer.cancel()
            writer.close()

    async def _turn(self) -> float | None:
        """Return when the next request was due; its wait for a free connection counts."""
        due = time.perf_counter()
        if self.plan.rate:
            due = self.began + next(self.turns) / self.plan.rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        return due if due < self.began + self.plan.seconds else None


async def _answer(reader: asyncio.StreamReader) -> str:
    head = await reader.readuntil(b"\r\n\r\n")
    status = head[9:12].decode()
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            await reader.readexactly(int(line[15:]))
    return status


def plan_text(plan: Plan) -> str:
    """Return what this module reads from its standard input."""
    return json.dumps(asdict(plan))


def outcome_of(text: str) -> Outcome:
    """Return what this module wrote."""
    found: dict[str, Any] = json.loads(text)
    return Outcome(**found)


if __name__ == "__main__":
    done = asyncio.run(_Sender(Plan(**json.load(sys.stdin))).run())
    json.dump(asdict(done), sys.stdout)
