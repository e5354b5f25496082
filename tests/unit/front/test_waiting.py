"""The bell: who is let go, when, and who is turned away."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from fusion_project.front.waiting import WAITERS_MAX, WAITERS_OF_KEY_MAX, Bell, Wait

Body = Callable[[Bell], Awaitable[None]]


def run(body: Body, is_heard: bool = True) -> None:
    """Run a body in an event loop of its own, with a bell."""

    async def whole() -> None:
        bell = Bell()
        bell.is_heard = is_heard
        await asyncio.wait_for(body(bell), 10)

    asyncio.run(whole())


async def begun(bell: Bell, *waits: Wait) -> list[asyncio.Task[None]]:
    tasks = [asyncio.create_task(bell.wait(wait)) for wait in waits]
    await asyncio.sleep(0)
    return tasks


def test_a_ring_lets_go_who_waits_for_its_key_and_nobody_else() -> None:
    async def body(bell: Bell) -> None:
        one, other = await begun(bell, Wait("a", 60), Wait("b", 60))
        bell.ring("a")
        await asyncio.sleep(0)
        await one
        assert not other.done()
        other.cancel()

    run(body)


def test_who_is_not_rung_goes_after_his_time() -> None:
    async def body(bell: Bell) -> None:
        start = time.monotonic()
        await bell.wait(Wait("a", 0.05))
        assert 0.04 < time.monotonic() - start < 5

    run(body)


def test_what_rang_after_the_look_is_not_waited_for() -> None:
    async def body(bell: Bell) -> None:
        looked_at = time.time()
        bell.ring("a")
        await bell.wait(Wait("a", 60, since=looked_at))

    run(body)


def test_what_rang_before_the_look_is() -> None:
    async def body(bell: Bell) -> None:
        bell.ring("a")
        waits = (Wait("a", 60, since=time.time() + 1), Wait("a", 60))
        tasks = await begun(bell, *waits)
        assert [one.done() for one in tasks] == [False, False]
        for one in tasks:
            one.cancel()

    run(body)


def test_rings_are_remembered_by_the_databases_clock() -> None:
    async def body(bell: Bell) -> None:
        ahead = 3_600.0
        bell.clock_set(time.time() + ahead)
        bell.ring("a")
        await bell.wait(Wait("a", 60, since=time.time() + ahead - 1))
        (late,) = await begun(bell, Wait("a", 60, since=time.time() + ahead + 1))
        assert not late.done()
        late.cancel()

    run(body)


def test_when_nobody_hears_any_more_all_are_let_go_and_nobody_waits() -> None:
    async def body(bell: Bell) -> None:
        tasks = await begun(bell, *(Wait(str(number), 60) for number in range(5)))
        bell.silence()
        await asyncio.gather(*tasks)
        await bell.wait(Wait("a", 60))

    run(body)


def test_of_one_key_and_of_all_only_so_many_wait() -> None:
    async def body(bell: Bell) -> None:
        mine = await begun(bell, *(Wait("a", 60) for _ in range(WAITERS_OF_KEY_MAX)))
        assert not bell.has_room("a")
        assert bell.has_room("b")
        rest = range(WAITERS_MAX - WAITERS_OF_KEY_MAX)
        others = await begun(bell, *(Wait(f"k{number}", 60) for number in rest))
        assert not bell.has_room("b")
        bell.ring("a")
        await asyncio.gather(*mine)
        assert bell.has_room("b")
        assert bell.has_room("a")
        for one in others:
            one.cancel()

    run(body)


@pytest.mark.parametrize("is_cancelled", [True, False])
def test_who_goes_leaves_nothing_behind(is_cancelled: bool) -> None:
    async def body(bell: Bell) -> None:
        (one,) = await begun(bell, Wait("a", 0.01))
        if is_cancelled:
            one.cancel()
        await asyncio.gather(one, return_exceptions=True)
        assert (bell._count, dict(bell._waiters)) == (0, {})

    run(body)
