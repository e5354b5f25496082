"""Answers that are held back until something happens: asked for by a view, kept without a thread.

A view finds a `Patience` in its request's environ and says for what its answer shall wait; the
front holds the answer, a bell rings for it, and it leaves. What rings the bell is `listening`.
"""

import asyncio
import math
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

# In a request's environ; nothing is there where another server runs the application.
PATIENCE_MARK: Final = "fusion.patience"
# Of the connections that a process takes, so many may wait, and so many of one key.
WAITERS_MAX: Final = 400
WAITERS_OF_KEY_MAX: Final = 8
# How far the two clocks may be taken apart wrongly; then somebody looks once in vain.
SLACK_SECONDS: Final = 0.005


@dataclass(frozen=True, slots=True)
class Wait:
    """What an answer waits for: the next ring for `key`, at most so long.

    `since`: seconds of the database's clock. What has rung after it counts as having rung.
    """

    key: str
    seconds: float
    since: float | None = None


@dataclass(slots=True)
class Patience:
    """Whether waiting is possible now; the view sets `wait`, and the thread leaves its answer."""

    is_offered: bool
    wait: Wait | None = None
    answer: tuple[int, list[tuple[str, str]], bytes] | None = None


class Bell:
    """Rings for keys; lives in the event loop of one web process."""

    def __init__(self) -> None:
        self.is_heard = False
        self._ahead = 0.0
        self._rung: dict[str, float] = {}
        self._waiters: dict[str, set[asyncio.Future[None]]] = defaultdict(set)
        self._count = 0

    def clock_set(self, database_seconds: float) -> None:
        """Tell what the database's clock shows at this moment."""
        self._ahead = database_seconds - time.time()

    def ring(self, key: str) -> None:
        """Let go who waits for the key, and who comes having looked before this."""
        self._rung[key] = time.time() + self._ahead
        for waiter in self._waiters.get(key, ()):
            if not waiter.done():
                waiter.set_result(None)

    def silence(self) -> None:
        """Nobody hears any more: all who wait look for themselves."""
        self.is_heard = False
        for key in list(self._waiters):
            self.ring(key)

    def has_room(self, key: str) -> bool:
        """Whether one more may wait."""
        return self._count < WAITERS_MAX and len(self._waiters.get(key, ())) < WAITERS_OF_KEY_MAX

    async def wait(self, wait: Wait) -> None:
        """Return at the key's next ring, after the time, or at once where it rang or nobody hears.

        Who asks again and again for what nobody hears must be turned away before.
        """
        since = math.inf if wait.since is None else wait.since
        if not self.is_heard or self._rung.get(wait.key, -math.inf) + SLACK_SECONDS > since:
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiters[wait.key].add(waiter)
        self._count += 1
        try:
            await asyncio.wait_for(waiter, wait.seconds)
        except TimeoutError:
            pass
        finally:
            self._count -= 1
            self._waiters[wait.key].discard(waiter)
            if not self._waiters[wait.key]:
                del self._waiters[wait.key]
