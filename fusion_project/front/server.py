"""The RSGI application: collects bodies in the event loop and puts whole requests in line."""

import asyncio
from collections import deque
from collections.abc import Mapping
from functools import partial
from typing import Any, Final, Protocol

from fusion_project.front.bodies import Body, Chunks, body_collect
from fusion_project.front.calls import Call, Scope, WsgiApplication
from fusion_project.front.kinds import HOOKS, KINDS, Kind, kind_of
from fusion_project.front.listening import Listener
from fusion_project.front.pools import Pool
from fusion_project.front.refusals import (
    BROKEN,
    BUSY,
    LATE,
    LENGTH_REQUIRED,
    TOO_LARGE,
    Answering,
    Refusal,
)
from fusion_project.front.waiting import Bell, Patience, Wait

# How often requests are let go whose answer is out. Waking the loop for each would cost a tenth of
# what the server can do.
SWEEP_SECONDS: Final = 0.05
STOP_SECONDS: Final = 5.0
# What the loop needs for answers that were held back, and to end its listening.
LAST_SECONDS: Final = 0.05
# Bodies beyond this size, of whom so many are held at a time: anybody may announce one.
LARGE_BYTES: Final = 262_144
LARGE_AT_ONCE: Final = 8
_NOTHING: Final = Body(b"")
Held = tuple[int, list[tuple[str, str]], bytes]
_REFUSALS: Final = {"cut": TOO_LARGE, "late": LATE, "broken": BROKEN}


class Exchange(Answering, Chunks, Protocol):
    """RSGI's handle of one request: its body comes from there, its answer goes there."""


class Front:
    """What granian runs, once in each web process.

    A webhook's body is shown to Django in whatever state it is, for what was sent is evidence;
    everything else reaches Django whole or not at all.
    """

    def __init__(
        self,
        application: WsgiApplication,
        *,
        hook_bytes_max: int,
        other_bytes_max: int,
        listen_options: Mapping[str, Any],
        clock_sql: str,
    ) -> None:
        self._application = application
        self._bell = Bell()
        self._listener = Listener(self._bell, listen_options, clock_sql)
        self._hook_bytes_max = hook_bytes_max
        self._other_bytes_max = other_bytes_max
        self._pools: dict[Kind, Pool] = {}
        self._answered: deque[asyncio.Future[None]] = deque()
        self._in_threads = 0
        self._large = 0
        self._listening: asyncio.Task[None] | None = None

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Granian calls this before the first request."""
        self._loop = loop
        self._pools = {kind: Pool(kind, self._application) for kind in KINDS}
        self._listening = loop.create_task(self._listener.run())

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Granian calls this after the last one: what was taken is answered before the end."""
        if self._listening is not None:
            self._listening.cancel()
        self._bell.silence()
        for pool in self._pools.values():
            pool.stop(STOP_SECONDS)
        self._let_go()
        loop.run_until_complete(asyncio.sleep(LAST_SECONDS))

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """One request. It ends after its answer."""
        kind = kind_of(scope.path)
        if kind is HOOKS or int(scope.headers.get("content-length") or 0) <= LARGE_BYTES:
            await self._serve(kind, scope, exchange)
        elif self._large >= LARGE_AT_ONCE:
            BUSY.send(kind, exchange)
        else:
            self._large += 1
            try:
                await self._serve(kind, scope, exchange)
            finally:
                self._large -= 1

    async def _serve(self, kind: Kind, scope: Scope, exchange: Exchange) -> None:
        body = await self._body(kind, scope, exchange)
        if isinstance(body, Refusal):
            body.send(kind, exchange)
            return
        done = self._loop.create_future()
        patience = Patience(is_offered=self._bell.is_heard)
        over = partial(self._over, done, patience)
        if not self._pools[kind].take(Call(kind, scope, exchange, body, over, patience)):
            BUSY.send(kind, exchange)
            return
        self._in_threads += 1
        if self._in_threads == 1:
            self._loop.call_later(SWEEP_SECONDS, self._sweep)
        await done
        if patience.wait is not None and patience.answer is not None:
            await self._hold(patience.wait, patience.answer, kind, exchange)

    async def _hold(self, wait: Wait, answer: Held, kind: Kind, exchange: Exchange) -> None:
        """Keep an answer until the bell rings for it; no thread knows of it any more."""
        if not self._bell.has_room(wait.key):
            BUSY.send(kind, exchange)
            return
        await self._bell.wait(wait)
        exchange.response_bytes(*answer)

    def _over(self, done: asyncio.Future[None], patience: Patience) -> None:
        """In the call's thread, after it. Who waits is not left to the sweep: it may ring now."""
        self._answered.append(done)
        if patience.wait is not None:
            self._loop.call_soon_threadsafe(self._let_go)

    async def _body(self, kind: Kind, scope: Scope, exchange: Exchange) -> Body | Refusal:
        headers = scope.headers  # a copy, each time that it is asked for
        is_chunked = "transfer-encoding" in headers
        length = int(headers.get("content-length") or 0)
        if not (length or is_chunked):
            return _NOTHING
        if kind is HOOKS:
            declared = None if is_chunked else length
            return await body_collect(exchange, length=declared, limit=self._hook_bytes_max)
        if is_chunked:
            return LENGTH_REQUIRED
        if length > self._other_bytes_max:
            return TOO_LARGE
        body = await body_collect(exchange, length=length, limit=self._other_bytes_max)
        return _REFUSALS.get(body.state, body)

    def _sweep(self) -> None:
        self._let_go()
        if self._in_threads:
            self._loop.call_later(SWEEP_SECONDS, self._sweep)

    def _let_go(self) -> None:
        while self._answered:
            done = self._answered.popleft()
            self._in_threads -= 1
            if not done.done():
                done.set_result(None)
