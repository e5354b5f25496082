"""The executors of the queue's bench: each waits or polls, takes orders, and says that it did.

    python -m tests.bench.executors > outcome.json

A process of its own: reads its plan from one line, says `ready` once each has polled, works until
its input ends. Loopback only. Each order is told as cancelled at once, so that none stays out.
"""

import asyncio
import json
import random
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import uuid4

CALL_SECONDS = 30.0
BUSY_SECONDS = 0.2
# A quote sizes entries for a minute.
HEARTBEAT_SECONDS = 30.0
PROGRAM = {"instance": "bench", "boot_nonce": "bench"}
_MINOR = 2


@dataclass(frozen=True)
class Crew:
    """The `desks` of as many executors, each its login and its key.

    `waits` seconds each time, or 0: polls each second.
    """

    port: int
    desks: list[dict[str, str]]
    waits: int = 0


@dataclass
class Taken:
    """When each order was received, by `time.time`; how many calls were made and turned away.

    `seconds`: how long they were at work.
    """

    received: dict[str, float] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    seconds: float = 0.0


def heartbeat() -> dict[str, Any]:
    """An account with money and nothing open, and a quote of this moment."""
    quote = {"symbol": "EURUSD", "bid": "1.08410", "ask": "1.08420"}
    return {
        **PROGRAM,
        "balance": "10000.00",
        "equity": "10000.00",
        "margin": "0.00",
        "watermark": {"time_msc": 0, "ticket": "0"},
        "quotes": [{**quote, "time_msc": int(time.time() * 1000)}],
    }


def cancelled(report_id: str, order_id: str, fence: int) -> dict[str, Any]:
    """The end of an order that takes no room afterwards; its number is still to be given."""
    return {"report_id": report_id, "kind": "cancelled", "order_id": order_id, "fence": fence}


class _Executor:
    def __init__(self, crew: Crew, desk: dict[str, str], taken: Taken) -> None:
        self.crew = crew
        self.desk = desk
        self.taken = taken
        self.name = uuid4().hex
        self.beat_at = 0.0
        self.is_at_work = asyncio.Event()
        self.seq = 0

    async def run(self, end: asyncio.Event) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.crew.port)
        # Their clocks start anywhere within the second.
        await asyncio.sleep(random.random())
        await self._say_hello()
        while not end.is_set():
            began = time.time()
            if began > self.beat_at + HEARTBEAT_SECONDS:
                await self._call("heartbeat", heartbeat())
                self.beat_at = began
            polled = await self._call("poll", PROGRAM)
            if polled is not None:
                await self._take(polled["orders"], time.time())
                self.is_at_work.set()
            if self.crew.waits and polled is not None:
                since = {"since": polled["server_time"], "seconds": self.crew.waits}
                if await self._call("wait", since) is None:
                    await asyncio.sleep(BUSY_SECONDS)
            else:
                await asyncio.sleep(max(0.0, began + 1 - time.time()))
        self.writer.close()

    async def _say_hello(self) -> None:
        account = {"server": "Bench", "currency": "USD", "margin_mode": "hedging"}
        said = {**PROGRAM, **account, "login": self.desk["login"], "api_minor": _MINOR}
        await self._call("hello", said)

    async def _take(self, orders: list[dict[str, Any]], at: float) -> None:
        fresh = [one for one in orders if one["order_id"] not in self.taken.received]
        for one in fresh:
            self.taken.received[one["order_id"]] = at
        if fresh:
            await self._call("reports", {**PROGRAM, "reports": [self._told(one) for one in fresh]})

    def _told(self, order: dict[str, Any]) -> dict[str, Any]:
        self.seq += 1
        end = cancelled(f"{self.name}-{self.seq}", order["order_id"], order["fence"])
        return {**end, "seq": self.seq}

    async def _call(self, name: str, body: dict[str, Any]) -> dict[str, Any] | None:
        content = json.dumps(body).encode()
        head = (
            f"POST /api/v1/executor/{name} HTTP/1.1\r\nHost: 127.0.0.1:{self.crew.port}\r\n"
            f"Authorization: Token {self.desk['key']}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        self.writer.write(head.encode() + content)
        self.taken.calls[name] = self.taken.calls.get(name, 0) + 1
        async with asyncio.timeout(CALL_SECONDS):
            status, answer = await self._answer()
        if status == 200:
            found: dict[str, Any] = json.loads(answer)
            return found
        self.taken.refused += 1
        if status in (503, 408):
            self.writer.close()
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.crew.port)
            return None
        raise RuntimeError(f"{name} was answered {status}: {answer[:300]!r}")

    async def _answer(self) -> tuple[int, bytes]:
        head = await self.reader.readuntil(b"\r\n\r\n")
        [length] = [
            int(line[15:])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length:")
        ]
        return int(head[9:12]), await self.reader.readexactly(length)


async def _all(crew: Crew) -> Taken:
    taken, end, began = Taken(), asyncio.Event(), time.time()
    executors = [_Executor(crew, desk, taken) for desk in crew.desks]
    working = asyncio.gather(*(one.run(end) for one in executors))
    ready = asyncio.gather(*(one.is_at_work.wait() for one in executors))
    either: list[asyncio.Future[Any]] = [working, ready]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    over = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await asyncio.wait([working, over], return_when=asyncio.FIRST_COMPLETED)
    taken.seconds = time.time() - began
    end.set()
    await working
    return taken


if __name__ == "__main__":
    json.dump(asdict(asyncio.run(_all(Crew(**json.loads(sys.stdin.readline()))))), sys.stdout)
