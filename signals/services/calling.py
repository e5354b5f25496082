"""Asks the lobes that call out, many alerts at once in one event loop, and decides at a deadline.

An alert's clock starts when it was received: at the soft deadline it is decided if the quorum has
spoken, at the hard one in any case. What comes later is stored as late and decides nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.db import close_old_connections

from fusion_project.events.clock import now
from fusion_project.events.registry import Handler, handler_get
from fusion_project.events.work import Claim, claim, run_prepared
from signals.lobes.answers import answer_checked, answer_failed
from signals.lobes.base import CallingLobe, LobeAnswer, Question
from signals.models import Opinion
from signals.selectors.questions import Asking, asking_list
from signals.services.asking import calling_lobes_for, lobes_ask, opinion_absent, opinion_store
from signals.services.fusing import decision_fuse

logger = logging.getLogger("fusion.lobes")

SOFT_SECONDS: Final = 6.0
HARD_SECONDS: Final = 10.0
# A claim outlasts the hard deadline with room for the decision itself.
LEASE_SECONDS: Final = 30
# What a call may still take once its alert is decided, for the score alone.
LATE_SECONDS: Final = 60.0
ALERTS_MAX: Final = 50
CALLS_LATE_MAX: Final = 500
HANDLER: Final = "signals.fuse_asked"

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Call:
    """A lobe that was asked about a leg, and the task that waits for it."""

    question: Question
    lobe: CallingLobe
    task: asyncio.Task[None]


class Caller:
    """One event loop's worth of alerts; every look at the database has one thread of its own."""

    def __init__(self, *, soft_seconds: float = SOFT_SECONDS, hard_seconds: float = HARD_SECONDS):
        self._soft_seconds, self._hard_seconds = soft_seconds, hard_seconds
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lobes-database")
        self._alerts: set[asyncio.Task[None]] = set()
        self._late: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event, *, pause_seconds: float = 0.1) -> None:
        """Take what is due until told to stop; then see what was taken to its end."""
        handler = handler_get(HANDLER)
        while not stop.is_set():
            taken = await self._take(handler)
            if not taken:
                await _wait(stop, pause_seconds)
        await self.settle()
        self._thread.shutdown()

    async def settle(self) -> None:
        """Wait until every alert that was taken is decided; let late calls go."""
        if self._alerts:
            await asyncio.wait(self._alerts)
        for task in self._late:
            task.cancel()

    async def _take(self, handler: Handler) -> int:
        taken = 0
        while len(self._alerts) < ALERTS_MAX:
            try:
                claims = await self._database(lambda: claim(handler))
            except Exception as error:  # the database may be down: the rows wait
                logger.error("database unavailable", extra={"error": type(error).__name__})
                await asyncio.sleep(1)
                return taken
            if not claims:
                return taken
            for one in claims:
                self._keep(self._alerts, self._alert(handler, one))
                taken += 1
        await asyncio.wait(self._alerts, return_when=asyncio.FIRST_COMPLETED)
        return taken

    async def _alert(self, handler: Handler, one: Claim) -> None:
        alert_id = one.event.subject_id
        calls: list[_Call] = []

        def effect(asked: list[tuple[int, list[Opinion]]]) -> Callable[[], None]:
            def decide() -> None:
                for decision_id, opinions in asked:
                    decision_fuse(decision_id=decision_id, opinions=opinions)

            return decide

        try:
            asking = await self._database(lambda: asking_list(alert_id=alert_id))
            calls = [call for each in asking for call in self._calls(each)]
            await self._answers(asking, calls)
            asked = await self._database(lambda: [_gathered(each, calls) for each in asking])
            work = effect(asked)
        except Exception as error:
            work = _raising(error)
        await self._database(lambda: run_prepared(handler, one, work))
        for call in calls:
            if not call.task.done():
                self._leave(call.task)

    def _calls(self, asking: Asking) -> list[_Call]:
        return [
            _Call(asking.question, lobe, asyncio.create_task(self._call(asking, lobe)))
            for lobe in calling_lobes_for(asking.question)
        ]

    async def _call(self, asking: Asking, lobe: CallingLobe) -> None:
        """Ask one lobe and store what it says, whenever that is."""
        question, started = asking.question, time.monotonic()
        try:
            async with asyncio.timeout(self._hard_seconds + LATE_SECONDS):
                answer = answer_checked(lobe, await lobe.call(question))
        except Exception as error:
            logger.warning("lobe failed", extra={"lobe": lobe.name, "error": type(error).__name__})
            answer = answer_failed(lobe, error)
        latency_ms = int((time.monotonic() - started) * 1000)
        await self._database(lambda: self._store(question, answer, latency_ms))

    def _store(self, question: Question, answer: LobeAnswer, latency_ms: int) -> None:
        age = (now() - question.known_until).total_seconds()
        opinion_store(question, answer, latency_ms, is_late=age > self._hard_seconds)

    async def _answers(self, asking: list[Asking], calls: list[_Call]) -> None:
        """Wait for the soft deadline, or until all have spoken; below the quorum for the hard."""
        if not calls:
            return
        age = await self._database(lambda: _age_seconds(asking))
        tasks = [call.task for call in calls]
        _, pending = await asyncio.wait(tasks, timeout=max(0.0, self._soft_seconds - age))
        if not pending:
            return
        if await self._database(lambda: all(_has_quorum(one) for one in asking)):
            return
        age = await self._database(lambda: _age_seconds(asking))
        await asyncio.wait(pending, timeout=max(0.0, self._hard_seconds - age))

    def _leave(self, task: asyncio.Task[None]) -> None:
        if len(self._late) >= CALLS_LATE_MAX:
            task.cancel()
        else:
            self._late.add(task)
            task.add_done_callback(self._late.discard)

    def _keep(self, kept: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        kept.add(task)
        task.add_done_callback(kept.discard)

    async def _database(self, work: Callable[[], Result]) -> Result:
        def guarded() -> Result:
            close_old_connections()
            return work()

        return await asyncio.get_running_loop().run_in_executor(self._thread, guarded)


def _gathered(asking: Asking, calls: list[_Call]) -> tuple[int, list[Opinion]]:
    """What is stored of a leg by now; a lobe that has not answered stands there as late."""
    opinions = lobes_ask(question=asking.question)
    stored = {
        (row.lobe, row.lobe_version): row
        for row in Opinion.objects.filter(
            alert_id=asking.question.alert_id, leg_no=asking.question.leg_no
        )
    }
    for call in calls:
        if call.question is asking.question:
            key = (call.lobe.name, call.lobe.version)
            opinions.append(stored.get(key) or opinion_absent(asking.question, call.lobe))
    return asking.decision_id, opinions


def _has_quorum(asking: Asking) -> bool:
    rows = Opinion.objects.filter(
        alert_id=asking.question.alert_id, leg_no=asking.question.leg_no, status="awake"
    )
    known = {row.lobe for row in rows}
    known |= {one.lobe for one in lobes_ask(question=asking.question) if one.status == "awake"}
    return len(known) >= asking.quorum


def _age_seconds(asking: list[Asking]) -> float:
    return (now() - asking[0].question.known_until).total_seconds()


def _raising(error: Exception) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
