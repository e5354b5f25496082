"""The process that asks the lobes that call out, at work in a test until something has come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from django.db import connections

from signals.services.calling import Caller

AWAITED_SECONDS = 60.0


def served_until(
    condition: Callable[[], bool],
    *,
    soft: float = 0.3,
    hard: float = 0.6,
    seconds: float = AWAITED_SECONDS,
) -> None:
    """Ask and decide until the condition holds, by shorter deadlines. Fails where it never does.

    A condition and no span of time ends it, so that a slow machine takes longer and nothing else.
    """
    asyncio.run(_serve(condition, soft, hard, seconds))


async def _serve(condition: Callable[[], bool], soft: float, hard: float, seconds: float) -> None:
    stop = asyncio.Event()
    caller = Caller(soft_seconds=soft, hard_seconds=hard)
    serving = asyncio.create_task(caller.run(stop, pause_seconds=0.02))

    def look() -> bool:
        try:
            return condition()
        finally:
            connections.close_all()

    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            while not await loop.run_in_executor(None, look):
                await asyncio.sleep(0.02)
    finally:
        stop.set()
        await serving
