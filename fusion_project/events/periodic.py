"""Jobs that run again and again, from rows in Postgres: `drain` runs them, so there is no beat."""

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


_jobs: dict[str, _Registered] = {}


def every(*, seconds: int, name: str) -> Callable[[Job], Job]:
    """Register a job; apps declare them in `periodic.py`. A job owns its transactions."""

    def register(function: Job) -> Job:
        if name in _jobs:
            raise ValueError(f"two periodic jobs are named {name}")
        _jobs[name] = _Registered(seconds, function)
        return function

    return register


def periodic_names() -> list[str]:
    """Names of all registered jobs."""
    return sorted(_jobs)


def periodic_prepare() -> None:
    """Make a row for each registered job; an existing row keeps its due time."""
    with connection.cursor() as cursor:
        for name, job in sorted(_jobs.items()):
            cursor.execute(
                """INSERT INTO events_periodicjob (name, every_seconds, due_at)
                   VALUES (%s, %s, events_now())
                   ON CONFLICT (name) DO UPDATE SET every_seconds = excluded.every_seconds""",
                [name, job.every_seconds],
            )


def periodic_run_due() -> int:
    """Run the jobs that are due; of several drains one wins each. Returns how many ran."""
    return sum(_run(name) for name in periodic_names() if _claim(name))


def periodic_run(name: str) -> None:
    """Run one job now, due or not; its error is the caller's."""
    _jobs[name].run()


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
