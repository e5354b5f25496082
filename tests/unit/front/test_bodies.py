"""Bodies from senders that stop, trickle, break off, or send more than is wanted."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion_project.front.bodies import Body, body_collect

# Long enough that no test ends by it; the short one ends those that wait for nothing. A body that
# has no end at all fails its test after `ENOUGH`.
LONG, SHORT, ENOUGH = 60.0, 0.05, 10.0


class Sender:
    """Pieces as they arrive; then what `after` does, or the end."""

    def __init__(
        self, pieces: Iterable[bytes], after: Callable[[], Awaitable[bytes]] | None = None
    ) -> None:
        self._pieces = iter(pieces)
        self._after = after
        self.asked = 0

    def __aiter__(self) -> "Sender":
        return self

    async def __anext__(self) -> bytes:
        self.asked += 1
        await asyncio.sleep(0)
        piece = next(self._pieces, None)
        if piece is not None:
            return piece
        return await self._after() if self._after else b""


async def silence() -> bytes:
    await asyncio.Event().wait()
    raise AssertionError


def collect(
    sender: Sender,
    length: int | None,
    *,
    limit: int = 100,
    pause: float = LONG,
    whole: float = LONG,
) -> Body:
    body = body_collect(
        sender, length=length, limit=limit, pause_seconds=pause, whole_seconds=whole
    )
    return asyncio.run(asyncio.wait_for(body, ENOUGH))


def test_a_body_in_one_piece_is_whole_and_nothing_further_is_asked_for() -> None:
    sender = Sender([b"order"])
    assert collect(sender, 5) == Body(b"order", "whole")
    assert sender.asked == 1


def test_a_sender_that_says_nothing_is_late() -> None:
    assert collect(Sender([], silence), 5, pause=SHORT) == Body(b"", "late")


def test_what_came_before_a_long_pause_is_kept() -> None:
    assert collect(Sender([b"or", b"d"], silence), 5, pause=SHORT) == Body(b"ord", "late")


def test_a_trickle_without_a_pause_ends_at_the_deadline_for_the_whole() -> None:
    trickle = Sender([], lambda: asyncio.sleep(0, b"."))
    body = collect(trickle, 10**9, limit=10**9, whole=SHORT)
    assert body.state == "late"
    assert set(body.content) == set(b".")


def test_the_deadline_for_the_whole_is_not_moved_by_what_arrives_just_before_it() -> None:
    loop_times: list[float] = []

    async def late_piece() -> bytes:
        loop_times.append(asyncio.get_running_loop().time())
        return await (asyncio.sleep(0, b".") if len(loop_times) < 3 else silence())

    assert collect(Sender([], late_piece), 9, whole=SHORT) == Body(b"..", "late")


def test_a_pause_that_begins_anew_with_each_piece_is_no_deadline_for_the_whole() -> None:
    async def slow_piece() -> bytes:
        await asyncio.sleep(SHORT / 2)
        return b"."

    assert collect(Sender([], slow_piece), 4, pause=SHORT * 20).state == "whole"


def test_a_connection_that_breaks_leaves_a_broken_body() -> None:
    assert collect(Sender([b"or"]), 5) == Body(b"or", "broken")


def test_of_a_body_beyond_the_limit_one_byte_more_is_read_and_no_more_is_asked_for() -> None:
    sender = Sender([b"x" * 60, b"x" * 60], silence)
    assert collect(sender, 10_000, limit=100) == Body(b"x" * 101, "cut")
    assert sender.asked == 2


def test_a_body_of_exactly_the_limit_is_whole() -> None:
    assert collect(Sender([b"x" * 100], silence), 100) == Body(b"x" * 100, "whole")


def test_more_than_was_declared_is_dropped() -> None:
    assert collect(Sender([b"order and more"]), 5) == Body(b"order", "whole")


def test_a_body_without_a_length_is_read_to_its_end() -> None:
    assert collect(Sender([b"or", b"der"]), None) == Body(b"order", "whole")


def test_a_body_without_a_length_or_an_end_is_cut() -> None:
    endless = Sender([], lambda: asyncio.sleep(0, b"x" * 30))
    assert collect(endless, None, limit=100) == Body(b"x" * 101, "cut")


def test_an_error_of_the_connection_is_not_taken_for_an_end() -> None:
    async def fault() -> bytes:
        raise RuntimeError("reset")

    with pytest.raises(RuntimeError, match="reset"):
        collect(Sender([b"or"], fault), 5)


@given(
    st.lists(st.binary(min_size=1, max_size=40), max_size=12),
    st.integers(1, 300),
    st.integers(1, 200),
)
def test_a_body_is_whole_only_where_all_that_was_declared_came_within_the_limit(
    pieces: list[bytes], length: int, limit: int
) -> None:
    sent = b"".join(pieces)
    body = collect(Sender(pieces), length, limit=limit)
    assert sent.startswith(body.content)
    assert len(body.content) <= limit + 1
    assert (body.state == "whole") == (len(sent) >= length and length <= limit)
    if body.state == "whole":
        assert body.content == sent[:length]
