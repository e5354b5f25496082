"""Jobs that run again and again, from rows in Postgres: `drain` runs them, so there is no beat.

Watches run in web processes too (`incidents/second_watch.py`), for nobody else would miss a drain.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction

logger = logging.getLogger("fusion.periodic")

Job = Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Registered:
    every_seconds: int
    run: Job
    is_watch: bool = False


_jobs: dict[str, _Registered] = {}


def every(*, seconds: int, name: str, is_watch: bool = False) -> Callable[[Job], Job]:
    """Register a job; apps declare them in `periodic.py`. A job owns its transactions.

    `is_watch`: it only looks whether others are alive, and runs in web processes as well.
    """

    def register(function: Job) -> Job:
        if name in _jobs:
            raise ValueError(f"two periodic jobs are named {name}")
        _jobs[name] = _Registered(seconds, function, is_watch)
        return function

    return register


def periodic_names(*, watches_only: bool = False) -> list[str]:
    """Names of all registered jobs, or of the watches among them."""
    return sorted(name for name, job in _jobs.items() if job.is_watch or not watches_only)


def periodic_prepare(*, watches_only: bool = False) -> None:
    """Make a row for each registered job; an existing row keeps its due time."""
    with connection.cursor() as cursor:
        for name in periodic_names(watches_only=watches_only):
            cursor.execute(
                """INSERT INTO events_periodicjob (name, every_seconds, due_at)
                   VALUES (%s, %s, events_now())
                   ON CONFLICT (name) DO UPDATE SET every_seconds = excluded.every_seconds""",
                [name, _jobs[name].every_seconds],
            )


def periodic_run_due(*, watches_only: bool = False) -> int:
    """Run the jobs that are due; of several processes one wins each. Returns how many ran."""
    names = periodic_names(watches_only=watches_only)
    return sum(_run(name) for name in _due(names) if _claim(name))


def periodic_run(name: str) -> None:
    """Run one job now, due or not; its error is the caller's."""
    _jobs[name].run()


def _due(names: list[str]) -> list[str]:
    """Which of them may be due, the one that waits longest first; asked often, so in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT name FROM events_periodicjob
               WHERE name = ANY (%s) AND due_at <= events_now() ORDER BY due_at, name""",
            [names],
        )
        return [name for (name,) in cursor.fetchall()]


def _claim(name: str) -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """UPDATE events_periodicjob
               SET due_at = events_now() + make_interval(secs => every_seconds)
               WHERE name = %s AND due_at <= events_now()""",
            [name],
        )
        return bool(cursor.rowcount == 1)


def _run(name: str) -> int:
    error = ""
    try:
        _jobs[name].run()
    except Exception as caught:
        logger.exception("periodic job failed", extra={"job": name})
        error = f"{type(caught).__name__}: {caught}"[:2_000]
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE events_periodicjob SET last_run_at = events_now(), last_error = %s
               WHERE name = %s""",
            [error, name],
        )
    return 1
