"""Collects a request's body, up to a limit and by a deadline, without holding a thread."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Final, Literal, Protocol

PAUSE_SECONDS: Final = 2.0
WHOLE_SECONDS: Final = 5.0
# In a request's environ: set where the body was still under way at its deadline.
LATE_MARK: Final = "fusion.body_is_late"


class Chunks(Protocol):
    """A body as it arrives, in pieces; an empty piece is its end, or a connection that broke."""

    def __aiter__(self) -> object: ...
    def __anext__(self) -> Awaitable[bytes]: ...


@dataclass(frozen=True, slots=True)
class Body:
    """What arrived of a body. `cut`: it went on beyond the limit. `broken`: less than declared."""

    content: bytes
    state: Literal["whole", "cut", "late", "broken"] = "whole"


async def body_collect(
    chunks: Chunks,
    *,
    length: int | None,
    limit: int,
    pause_seconds: float = PAUSE_SECONDS,
    whole_seconds: float = WHOLE_SECONDS,
) -> Body:
    """Return the body, or what there was of it when it was clear that it will not be whole.

    `length` is the declared one, None where the body comes in chunks. Of a body beyond `limit`
    one byte more than that is returned. It is late after a pause of `pause_seconds`, or where it
    took `whole_seconds` in all.
    """
    wanted = limit + 1 if length is None else min(length, limit + 1)
    loop = asyncio.get_running_loop()
    content = bytearray()
    chunks.__aiter__()
    end = loop.time() + whole_seconds
    try:
        async with asyncio.timeout(pause_seconds) as clock:
            while len(content) < wanted:
                piece = await chunks.__anext__()
                if not piece:
                    break
                content += piece
                clock.reschedule(min(loop.time() + pause_seconds, end))
    except TimeoutError:
        return Body(bytes(content[:wanted]), "late")
    return Body(bytes(content[:wanted]), _state(len(content), length, limit))


def _state(size: int, length: int | None, limit: int) -> Literal["whole", "cut", "broken"]:
    if size < (0 if length is None else min(length, limit + 1)):
        return "broken"
    return "cut" if (size if length is None else length) > limit else "whole"
