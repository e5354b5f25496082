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
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar

from django.db import close_old_connections, connection, transaction

from fusion_project.events.clock import now
from fusion_project.events.registry import Handler, handler_get
from fusion_project.events.work import Claim, claim, run_prepared
from signals.fusion import states
from signals.lobes.answers import answer_checked, answer_failed
from signals.lobes.base import CallingLobe, LobeAnswer, Question
from signals.lobes.registry import CALLING_NAMES
from signals.models import Decision, Opinion
from signals.selectors.questions import Asking, asking_list
from signals.services.asking import (
    calling_lobes_for,
    lobes_ask,
    lobes_said,
    opinion_of,
    opinion_store,
    opinions_said,
    sleepers_tell,
)
from signals.services.fusing import decision_fuse
from signals.services.spending import spend_settle, spend_take

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


@dataclass(frozen=True, slots=True)
class _Budget:
    """What was put by for one call, and on which day; `day` None: nothing is paid for it."""

    taken: Decimal
    day: date | None


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
        room = ALERTS_MAX - len(self._alerts)
        if room == 0:
            await asyncio.wait(self._alerts, return_when=asyncio.FIRST_COMPLETED)
            return 1
        try:
            claims = await self._database(lambda: claim(handler, count=room))
        except Exception as error:  # the database may be down: the rows wait
            logger.error("database unavailable", extra={"error": type(error).__name__})
            await asyncio.sleep(1)
            return 0
        for one in claims:
            self._keep(self._alerts, self._alert(handler, one))
        return len(claims)

    async def _alert(self, handler: Handler, one: Claim) -> None:
        calls: list[_Call] = []
        try:
            asking, age = await self._database(lambda: _asking(one.event.subject_id))
            calls = [call for each in asking for call in self._calls(each)]
            await self._answers(asking, calls, received=time.monotonic() - age)
            work = _deciding(asking, calls)
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
        """Ask one lobe and store what it says, whenever that is, and what it cost."""
        question, started = asking.question, time.monotonic()
        budget = await self._database(lambda: _budget(question, lobe))
        if budget is None:  # an earlier try of this alert has asked it
            return
        if budget.taken > 0 and budget.day is None:
            answer = _asleep(lobe, "spend_cap_reached")
        else:
            answer = await self._answer(lobe, question, budget)
        latency_ms = int((time.monotonic() - started) * 1000)
        await self._database(lambda: self._store(asking, answer, latency_ms, budget))

    async def _answer(self, lobe: CallingLobe, question: Question, budget: _Budget) -> LobeAnswer:
        try:
            async with asyncio.timeout(self._hard_seconds + LATE_SECONDS):
                return answer_checked(lobe, await lobe.call(question))
        except Exception as error:
            logger.warning("lobe failed", extra={"lobe": lobe.name, "error": type(error).__name__})
            # Nobody knows what it cost, so it cost the most that it may.
            return replace(answer_failed(lobe, error), cost_usd=budget.taken)

    @transaction.atomic
    def _store(self, asking: Asking, answer: LobeAnswer, latency_ms: int, budget: _Budget) -> None:
        """Whatever comes after its decision, or after the hard deadline, is late."""
        age = (now() - asking.question.known_until).total_seconds()
        waits = Decision.objects.filter(id=asking.decision_id, state=states.PROPOSED).exists()
        is_late = age > self._hard_seconds or not waits
        opinion_store(asking.question, answer, latency_ms, is_late=is_late)
        if budget.day is not None:
            spend_settle(
                lobe=answer.lobe, day=budget.day, taken=budget.taken, spent=answer.cost_usd
            )

    async def _answers(self, asking: list[Asking], calls: list[_Call], *, received: float) -> None:
        """Wait for the soft deadline, or until all have spoken; below the quorum for the hard.

        `received`: when the alert came, by `time.monotonic()`.
        """
        pending = {call.task for call in calls}
        for seconds in (self._soft_seconds, self._hard_seconds):
            if pending:
                left = received + seconds - time.monotonic()
                _, pending = await asyncio.wait(pending, timeout=max(0.0, left))
            if not pending or await self._database(lambda: all(map(_has_quorum, asking))):
                return

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
        def on_the_kept_connection() -> Result:
            # Whether it still stands is asked each time; how old it is, only where nothing is in
            # hand: a new connection for each look would cost fifty alerts more than deciding them.
            if self._alerts:
                connection.health_check_done = False  # type: ignore[attr-defined]
            else:
                close_old_connections()
            return work()

        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, on_the_kept_connection)


def _asking(alert_id: int) -> tuple[list[Asking], float]:
    """What is to be asked of an alert, and how many seconds ago it came.

    The lobes of the database were asked when it came, so what they go by is not read again.
    """
    asking = asking_list(alert_id=alert_id, lobes=CALLING_NAMES)
    if not asking:
        return [], 0.0
    return asking, (now() - asking[0].question.known_until).total_seconds()


def _deciding(asking: list[Asking], calls: list[_Call]) -> Callable[[], None]:
    """Decide each leg from what is stored of it by then; a lobe without an answer is late."""

    def decide() -> None:
        for one in asking:
            opinions = _of_the_database(one)
            opinions += sleepers_tell(question=one.question)
            asked = [call.lobe for call in calls if call.question is one.question]
            opinions += opinions_said(one.question, asked)
            decision_fuse(decision_id=one.decision_id, opinions=opinions)

    return decide


def _of_the_database(one: Asking) -> list[Opinion]:
    """What its lobes have said; one that a new policy asks since is asked now."""
    said = lobes_said(question=one.question)
    if said is not None:
        return said
    whole = asking_list(alert_id=one.question.alert_id)
    found = (
        lobes_ask(question=each.question) for each in whole if each.decision_id == one.decision_id
    )
    return next(found, [])


def _has_quorum(asking: Asking) -> bool:
    question = asking.question
    said = Opinion.objects.filter(alert_id=question.alert_id, leg_no=question.leg_no)
    return said.filter(status="awake").count() >= asking.quorum


def _budget(question: Question, lobe: CallingLobe) -> _Budget | None:
    """Put by what a call may cost; None where the lobe has spoken already."""
    if opinion_of(question, lobe) is not None:
        return None
    cost = lobe.cost_max_usd(question)
    if cost <= 0:
        return _Budget(Decimal(0), None)
    day = spend_take(lobe=lobe.name, usd=cost, cap=lobe.daily_usd_max)
    return _Budget(cost, day)


def _asleep(lobe: CallingLobe, reason: str) -> LobeAnswer:
    return LobeAnswer(lobe=lobe.name, version=lobe.version, status="asleep", reason=reason)


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
