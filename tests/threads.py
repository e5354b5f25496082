"""Threads that start together, for race tests."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, connections


def run_in_threads(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Results in order; an exception of a thread is its result. Connections are closed."""
    barrier = threading.Barrier(count)

    def one(number: int) -> Any:
        barrier.wait()
        try:
            return work(number)
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def somebody_waits() -> bool:
    """Whether another session of this database waits for a lock."""
    with connection.cursor() as cursor:
        # Within a transaction the view is a snapshot, taken once.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone()[0])


def until_somebody_waits(*, or_done: threading.Event | None = None) -> None:
    """Until another session waits for a lock, or has done its work; 30 seconds at most."""
    done = or_done or threading.Event()
    assert any(done.wait(0.02) or somebody_waits() for _ in range(1_500)), "nobody waited"
