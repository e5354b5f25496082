"""Doorbells: after commit, a Celery task named after the handler tells a worker to look.

They leave through one bounded background queue per process that drops when full, so a hung or
absent Redis never holds up a request or a transaction. What is dropped, `drain` finds. Rings for
what lowers risk leave, and are answered, before all others.
"""

import itertools
import logging
import os
import queue
import threading
from collections.abc import Iterable
from functools import partial

from django.conf import settings
from django.db import transaction

from fusion_project.celery import app
from fusion_project.events.registry import handler_get

logger = logging.getLogger("fusion.doorbell")

QUEUE_LENGTH_MAX = 1_000
# In Redis the least number is taken first, whichever queue it is in.
_FIRST, _IN_TURN = 0, 3
# Not a handler: a worker answers it by a sign of life (`life.py`).
WORKER_ANSWERS = "events.worker_answers"
_ANSWER_WITHIN_SECONDS = 30


class Doorbell:
    """The background sender of one process; its thread starts at the first ring."""

    def __init__(self, length_max: int = QUEUE_LENGTH_MAX) -> None:
        self._rings: queue.PriorityQueue[tuple[int, int, str]] = queue.PriorityQueue()
        self._length_max = length_max
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._pid = 0
        self.dropped = 0

    def ring(self, handler_name: str, *, first: bool = False) -> None:
        """Never waits. Drops the ring where the queue is full; `first` finds room beside others."""
        self._ensure_thread()
        if self._rings.qsize() >= self._length_max * (2 if first else 1):
            self.dropped += 1
        else:
            turn = _FIRST if first else _IN_TURN
            self._rings.put((turn, next(self._numbers), handler_name))

    def _ensure_thread(self) -> None:
        # Threads do not survive a fork: a child process starts its own.
        if self._pid == os.getpid():
            return
        with self._lock:
            if self._pid != os.getpid():
                threading.Thread(target=self._send_forever, name="doorbell", daemon=True).start()
                self._pid = os.getpid()

    def _send_forever(self) -> None:
        failing = False
        while True:
            turn, _, name = self._rings.get()
            try:
                self._send(name, turn)
                failing = False
            except Exception as error:  # whatever the broker raises: drain will find the work
                if not failing:
                    logger.warning("doorbell not sent", extra={"error": type(error).__name__})
                failing = True

    def _send(self, name: str, turn: int = _IN_TURN) -> None:
        if name == WORKER_ANSWERS:
            # What nobody took in time would be answered in a crowd later.
            sent = {"queue": "default", "expires": _ANSWER_WITHIN_SECONDS}
        else:
            sent = {"queue": handler_get(name).queue}
        # Said outright: in a worker, which knows the task, its own limit would go along, and a
        # message with one is no doorbell.
        limits = {"time_limit": None, "soft_time_limit": None}
        app.send_task(name, retry=False, ignore_result=True, priority=turn, **limits, **sent)


bell = Doorbell()


def ring_on_commit(handler_names: Iterable[str], detail: str = "") -> None:
    """After the current transaction commits, ring once for each handler. Off without Redis.

    `detail`: the event's, as text; what gives way to nothing is rung for first.
    """
    if not settings.REDIS_URL:
        return
    for name in handler_names:
        handler = handler_get(name)
        if handler.left_seconds:
            # Its own process looks by itself; a message that nobody takes would stay for ever.
            continue
        first = bool(handler.gives_way) and handler.gives_way not in detail
        transaction.on_commit(partial(bell.ring, name, first=first))
