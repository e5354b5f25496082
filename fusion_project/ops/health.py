"""What `/readyz` looks at: each part says for itself whether it is fine, and why not.

Alerts are accepted and decided without the queue, so a lost Redis degrades and does not refuse.
"""

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass

import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from execution.selectors.executors import executor_list
from fusion_project.events.life import (
    SILENCE_SECONDS_MAX,
    drain_seen_at,
    seconds_since,
    worker_awaited_since,
)
from fusion_project.postgres.closing.checking import faults_find
from fusion_project.postgres.closing.ours import roles_find
from fusion_project.postgres.grants import APP_ROLE

_QUEUE_WAIT_SECONDS = 0.5
# Rights change by hand and with deployments; the page is public, and the look costs ten queries.
RIGHTS_KEPT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the machine. `required` ones make the whole not ready."""

    name: str
    is_fine: bool
    note: str
    required: bool = True


def parts_check() -> list[Part]:
    """All parts; a part that raises is not fine and says the kind of its error."""
    return [
        _checked("database", _database),
        _checked("migrations", _migrations),
        _checked("drain", _drain),
        _checked("queue", _queue, required=False),
        _checked("rights", _rights, required=False),
        _checked("worker", _worker, required=False),
        _checked("executor", _executor, required=False),
    ]


def _checked(name: str, look: Callable[[], tuple[bool, str]], *, required: bool = True) -> Part:
    try:
        is_fine, note = look()
    except Exception as error:  # a health page answers whatever is broken
        return Part(name, False, f"does not answer ({type(error).__name__})", required)
    return Part(name, is_fine, note, required)


def _database() -> tuple[bool, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True, "answers"


_migrated: set[str] = set()


def _migrations() -> tuple[bool, str]:
    """Migrations do not unapply themselves: once complete, this process asks no more."""
    if connection.alias not in _migrated:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            return False, f"{len(missing)} not applied; run DATABASE_ROLE=owner ./manage.py migrate"
        _migrated.add(connection.alias)
    return True, "all applied"


def _drain() -> tuple[bool, str]:
    seen_at = drain_seen_at()
    if seen_at is None:
        return False, "not seen yet; start ./manage.py drain"
    age_seconds = seconds_since(seen_at)
    if age_seconds > SILENCE_SECONDS_MAX:
        return False, f"last seen {age_seconds} s ago; start ./manage.py drain"
    return True, f"seen {age_seconds} s ago"


@functools.cache
def _queue_client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_timeout=_QUEUE_WAIT_SECONDS, socket_connect_timeout=_QUEUE_WAIT_SECONDS
    )


def _queue() -> tuple[bool, str]:
    if not settings.REDIS_URL:
        return True, "off; drain does the work"
    _queue_client(settings.REDIS_URL).ping()
    return True, "reachable"


_rights_seen: dict[str, tuple[float, int]] = {}


def _rights() -> tuple[bool, str]:
    """How many faults, not which: whoever may read this page must not learn what stands open."""
    database = str(connection.settings_dict["NAME"])
    seen_at, count = _rights_seen.get(database, (0.0, 0))
    if not seen_at or time.monotonic() - seen_at > RIGHTS_KEPT_SECONDS:
        count = len(faults_find(roles_find(APP_ROLE)))
        _rights_seen[database] = (time.monotonic(), count)
    return count == 0, f"{count} faults; run ./manage.py check_database" if count else "as declared"


def _worker() -> tuple[bool, str]:
    if not settings.REDIS_URL:
        return True, "off; drain does the work"
    awaited_since = worker_awaited_since()
    waited = 0 if awaited_since is None else seconds_since(awaited_since)
    if waited > SILENCE_SECONDS_MAX:
        return False, f"no answer for {waited} s; drain does the work, two seconds later"
    return True, "answers"


def _executor() -> tuple[bool, str]:
    """Anybody may read this page, so it names no account; the incidents do."""
    ages = [seconds_since(one.heard_at) for one in executor_list()]
    silent = [age for age in ages if age > SILENCE_SECONDS_MAX]
    if silent:
        return False, f"{len(silent)} of {len(ages)} silent, up to {max(silent)} s"
    return True, f"{len(ages)} heard within {SILENCE_SECONDS_MAX} s" if ages else "none expected"
