"""Callers over their limit, remembered for a second, so that a flood spares the database."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from signals.intake.peers import limit_key

HOLD_SECONDS: Final = 1.0
PEERS_MAX: Final = 10_000


@dataclass(slots=True)
class _Block:
    asks_again_at: float
    ends_at: float
    seen: int = 0


class Shield:
    """Per process. The database alone says who is over the limit; this repeats it for a second.

    What is turned away meanwhile is counted with the next request that the database sees.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._blocks: dict[str, _Block] = {}
        self._lock = threading.Lock()

    def seconds_blocked(self, peer: str) -> int:
        """Return the seconds that the peer must wait, 0 where the database is to be asked."""
        moment = self._clock()
        with self._lock:
            block = self._blocks.get(limit_key(peer))
            if block is None or moment >= block.asks_again_at:
                return 0
            block.seen += 1
            return max(1, math.ceil(block.ends_at - moment))

    def seen_meanwhile(self, peer: str) -> int:
        """Return how many requests were turned away since the database was asked last."""
        with self._lock:
            block = self._blocks.get(limit_key(peer))
            if block is None:
                return 0
            seen, block.seen = block.seen, 0
            return seen

    def block(self, peer: str, wait_seconds: int) -> None:
        """Turn the peer away without asking, for a second at most."""
        moment = self._clock()
        with self._lock:
            if len(self._blocks) >= PEERS_MAX:
                self._blocks.clear()
            until = moment + min(HOLD_SECONDS, wait_seconds)
            self._blocks[limit_key(peer)] = _Block(until, moment + wait_seconds)

    def clear(self) -> None:
        """Forget everybody."""
        with self._lock:
            self._blocks.clear()


shield = Shield()
