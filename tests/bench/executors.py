"""The executors of the queue's bench: each waits or polls, takes orders, and says that it did.

    python -m tests.bench.executors > outcome.json

A process of its own: reads its plan from one line, works until its input ends. Loopback only. Each
order is rejected at once, so that none stays out.
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
_MINOR = 2


@dataclass(frozen=True)
class Crew:
    """`keys` of as many executors; `waits` seconds each time, or 0: polls each second."""

    port: int
    keys: list[str]
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


class _Executor:
    def __init__(self, crew: Crew, key: str, taken: Taken) -> None:
        self.crew = crew
        self.key = key
        self.taken = taken
        # One run throughout: another nonce would have to wait for 15 s.
        self.me = {"instance": "bench", "boot_nonce": "bench"}
        self.name = uuid4().hex
        self.seq = 0

    async def run(self, end: asyncio.Event) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.crew.port)
        # Their clocks start anywhere within the second.
        await asyncio.sleep(random.random())
        await self._say_hello()
        while not end.is_set():
            began = time.time()
            polled = await self._call("poll", self.me)
            if polled is not None:
                await self._take(polled["orders"], time.time())
            if self.crew.waits and polled is not None:
                since = {"since": polled["server_time"], "seconds": self.crew.waits}
                if await self._call("wait", since) is None:
                    await asyncio.sleep(BUSY_SECONDS)
            else:
                await asyncio.sleep(max(0.0, began + 1 - time.time()))
        self.writer.close()

    async def _say_hello(self) -> None:
        account = {"server": "Bench", "currency": "USD", "margin_mode": "hedging"}
        login = self.key.rpartition(" ")[0]
        await self._call("hello", {**self.me, **account, "login": login, "api_minor": _MINOR})

    async def _take(self, orders: list[dict[str, Any]], at: float) -> None:
        fresh = [one for one in orders if one["order_id"] not in self.taken.received]
        for one in fresh:
            self.taken.received[one["order_id"]] = at
        if fresh:
            reports = [self._rejected(one) for one in fresh]
            await self._call("reports", {**self.me, "reports": reports})

    def _rejected(self, order: dict[str, Any]) -> dict[str, Any]:
        self.seq += 1
        return {
            "report_id": f"{self.name}-{self.seq}",
            "seq": self.seq,
            "kind": "rejected",
            "order_id": order["order_id"],
            "fence": order["fence"],
        }

    async def _call(self, name: str, body: dict[str, Any]) -> dict[str, Any] | None:
        content = json.dumps(body).encode()
        head = (
            f"POST /api/v1/executor/{name} HTTP/1.1\r\nHost: 127.0.0.1:{self.crew.port}\r\n"
            f"Authorization: Token {self.key.rpartition(' ')[2]}\r\n"
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
    working = asyncio.gather(*(_Executor(crew, key, taken).run(end) for key in crew.keys))
    over = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await asyncio.wait([working, over], return_when=asyncio.FIRST_COMPLETED)
    taken.seconds = time.time() - began
    end.set()
    await working
    return taken


if __name__ == "__main__":
    json.dump(asdict(asyncio.run(_all(Crew(**json.loads(sys.stdin.readline()))))), sys.stdout)
