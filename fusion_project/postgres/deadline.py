"""How long the current work may wait for Postgres; read by every wait of a connection.

libpq's time-outs cover connecting, and `statement_timeout` needs a server that runs. A server that
is stopped or cut off keeps a client waiting for ever, so the client itself must count.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NoReturn, TypeVar

import psycopg
from psycopg.abc import PQGen

RV = TypeVar("RV")

_deadline: ContextVar[float | None] = ContextVar("database_deadline", default=None)


class DatabaseDeadlinePassed(psycopg.OperationalError):
    """Postgres did not answer before the deadline of the work at hand."""


@contextmanager
def database_deadline(seconds: float) -> Iterator[None]:
    """Inside, waits for Postgres end `seconds` from now with DatabaseDeadlinePassed."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def seconds_left() -> float | None:
    """Seconds until the deadline, or None where there is none."""
    deadline = _deadline.get()
    return None if deadline is None else deadline - time.monotonic()


class DeadlineConnection(psycopg.Connection[tuple[object, ...]]):
    """A connection that gives up, and closes itself, when the deadline has passed."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        left = seconds_left()
        if left is None:
            return super().wait(gen, interval, timeout)
        if left <= 0:
            self._give_up()
        try:
            return super().wait(gen, interval, left if timeout is None else min(left, timeout))
        except psycopg.errors._WaitTimeout:
            self._give_up()

    def _give_up(self) -> NoReturn:
        # The answer may still arrive, so nobody knows the connection's state: it cannot go on.
        self.pgconn.finish()
        raise DatabaseDeadlinePassed("Postgres did not answer in time")
