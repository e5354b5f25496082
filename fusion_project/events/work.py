"""Doing what handlers owe: claim in one transaction, work in a second that holds the claim.

Effect and done-mark commit together, so an effect happens once however often it is tried.
"""

import datetime as dt
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.models import Handling
from fusion_project.events.registry import Handler, NotYet, Recorded, handler_get
from fusion_project.events.subjects import subject_of
from fusion_project.logs import trace_context
from fusion_project.text.actors import actor_of_handler

logger = logging.getLogger("fusion.work")

BACK_OFF_SECONDS = (2, 10, 60, 300)
ATTEMPTS_MAX = len(BACK_OFF_SECONDS) + 1
NOT_YET_SECONDS_FIRST, NOT_YET_SECONDS_MAX = 0.25, 2.0
ERROR_LENGTH_MAX = 2_000


class ClaimLost(Exception):
    """Another holder has claimed the handling since: this one's effect must not commit."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One handling in our hands: its row, the fence we hold, and the event."""

    handling_id: int
    attempts: int
    failures: int
    event: Recorded


def handler_work_off(
    name: str, *, overdue_seconds: float = 0, seconds_max: float = 20
) -> tuple[int, bool]:
    """Run what is due for one handler until nothing is left or the time is used up.

    overdue_seconds: leave alone what is new and due for less than this (a worker may be on it).
    Returns how many handlings were tried, and whether due ones may be left.
    """
    handler = handler_get(name)
    stop_at = time.monotonic() + seconds_max
    tried = 0
    while time.monotonic() < stop_at:
        claims = claim(handler, overdue_seconds=overdue_seconds)
        if not claims:
            return tried, False
        run_claims(handler, claims)
        tried += len(claims)
    return tried, True


def claim(handler: Handler, *, overdue_seconds: float = 0, count: int | None = None) -> list[Claim]:
    """Take up to a batch of due handlings, or so many; each claim raises `attempts`, the fence.

    A handling claimed `ATTEMPTS_MAX` times whose leases all ran out (it kills its worker) is
    parked instead, and the next ones are taken.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        while True:
            taken = (count or handler.batch, handler.lease_seconds)
            if handler.gives_way:
                way = f"%{handler.gives_way}%"
                cursor.execute(_CLAIM_IN_TURN, [handler.name, overdue_seconds, way, *taken])
            else:
                cursor.execute(_CLAIM, [handler.name, overdue_seconds, *taken])
            claims = [_claim_from_row(row) for row in cursor.fetchall()]
            spent = [one for one in claims if one.failures > ATTEMPTS_MAX]
            for one in spent:
                _park(handler, one, "its worker died or hung each time")
            if len(spent) == 0 or len(spent) < len(claims):
                return [one for one in claims if one not in spent]


def run_claims(handler: Handler, claims: Sequence[Claim]) -> None:
    """Work on claims; where a batch fails, each is tried alone."""
    if len(claims) == 1:
        _run_one(handler, claims[0])
        return
    try:
        _work(handler, claims, None)
    except Exception as error:
        logger.warning(
            "batch failed, trying one by one",
            extra={"handler": handler.name, "size": len(claims), "error": type(error).__name__},
        )
        for one in claims:
            _run_one(handler, one)


def run_prepared(handler: Handler, one: Claim, effect: Callable[[], None]) -> None:
    """Commit an effect that was prepared elsewhere together with the claim's done-mark.

    For a process of its own that calls out for many claims at once. Its error counts as the
    handler's.
    """

    def work() -> None:
        with transaction.atomic():
            effect()
            _mark_done([one])

    _guarded(handler, one, work)


def _run_one(handler: Handler, one: Claim) -> None:
    def work() -> None:
        prepared = handler.prepare(one.event) if handler.prepare else None
        _work(handler, [one], prepared)

    _guarded(handler, one, work)


def _guarded(handler: Handler, one: Claim, work: Callable[[], None]) -> None:
    with trace_context(one.event.trace_id):
        try:
            work()
        except NotYet as reason:
            _wait(one, str(reason))
        except ClaimLost:
            logger.warning("claim lost", extra={"handler": handler.name, "event_id": one.event.id})
        except Exception as error:
            logger.exception("handler failed", extra={"handler": handler.name})
            _fail(handler, one, error)


def _work(handler: Handler, claims: Sequence[Claim], prepared: Any) -> None:
    with transaction.atomic():
        events = [one.event for one in claims]
        if handler.batch > 1:
            handler.work(events)
        elif handler.prepare:
            handler.work(events[0], prepared)
        else:
            handler.work(events[0])
        _mark_done(claims)


def _mark_done(claims: Sequence[Claim]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE events_handling h SET done_at = events_now(), due_at = NULL, last_error = ''
               FROM unnest(%s::bigint[], %s::int[]) AS held (id, attempts)
               WHERE h.id = held.id AND h.attempts = held.attempts AND h.done_at IS NULL""",
            [[one.handling_id for one in claims], [one.attempts for one in claims]],
        )
        if cursor.rowcount != len(claims):
            raise ClaimLost


def _fail(handler: Handler, one: Claim, error: Exception) -> None:
    text = f"{type(error).__name__}: {error}"[:ERROR_LENGTH_MAX]
    failures = one.failures
    with transaction.atomic():
        if failures >= ATTEMPTS_MAX:
            _park(handler, one, text)
            return
        seconds = BACK_OFF_SECONDS[failures - 1]
        _held(one).update(due_at=now() + dt.timedelta(seconds=seconds), last_error=text)


def _wait(one: Claim, reason: str) -> None:
    with transaction.atomic():
        waits = one.attempts - one.failures + 1
        # Most facts are a moment away; a long wait costs a look every two seconds.
        seconds = min(NOT_YET_SECONDS_MAX, NOT_YET_SECONDS_FIRST * 2 ** min(waits - 1, 8))
        due = now() + dt.timedelta(seconds=seconds)
        _held(one).update(due_at=due, waits=waits, last_error=f"not yet: {reason}")


def _park(handler: Handler, one: Claim, why: str) -> None:
    if _held(one).update(due_at=None, last_error=why[:ERROR_LENGTH_MAX]) != 1:
        return
    record(
        names.HANDLING_PARKED,
        subject=subject_of(Handling, one.handling_id),
        trace_id=one.event.trace_id,
        actor=actor_of_handler(handler.name),
        detail={"handler": handler.name, "event_id": one.event.id, "error": why[:300]},
    )


def _held(one: Claim) -> Any:
    return Handling.objects.filter(id=one.handling_id, attempts=one.attempts, done_at=None)


# Nobody rings for what was tried before, so nobody leaves it to a worker either.
# A spent handling (claimed as often as may be, every lease run out) is claimed once more only to
# be parked, so that both cases are settled under one row lock.
_DUE = """
        WHERE handler = %s AND done_at IS NULL
          AND due_at <= events_now()
          AND (attempts > 0 OR due_at <= events_now() - make_interval(secs => %s))"""
_TAKEN = """
    ), taken AS (
        UPDATE events_handling h
        SET attempts = h.attempts + 1, due_at = events_now() + make_interval(secs => %s)
        FROM due WHERE h.id = due.id
        RETURNING h.id, h.attempts, h.waits, h.event_id
    )
    SELECT t.id, t.attempts, t.waits, e.id, e.at, e.name, e.subject, e.trace_id, e.actor, e.detail
    FROM taken t JOIN events_event e ON e.id = t.event_id ORDER BY e.id
"""
_CLAIM = f"""
    WITH due AS (
        SELECT id FROM events_handling{_DUE}
        ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED{_TAKEN}"""
_CLAIM_IN_TURN = f"""
    WITH due AS (
        SELECT h.id FROM events_handling h JOIN events_event e ON e.id = h.event_id{_DUE}
        ORDER BY e.detail LIKE %s, h.due_at, h.id LIMIT %s FOR UPDATE OF h SKIP LOCKED{_TAKEN}"""


def _claim_from_row(row: Sequence[Any]) -> Claim:
    handling_id, attempts, waits, event_id, at, name, subject, trace_id, actor, detail = row
    event = Recorded(event_id, at, name, subject, trace_id, actor, json.loads(detail))
    return Claim(handling_id, attempts, attempts - waits, event)
