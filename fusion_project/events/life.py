"""Signs of life: when drain was seen, whether a worker answers, since when anybody looks.

Silence counts from when somebody began to look: after an outage of everything, nobody has been
silent yet.
"""

import datetime as dt
import math
import time
from collections.abc import Callable

from django.db import connection

from fusion_project.events.clock import now
from fusion_project.events.doorbell import WORKER_ANSWERS, bell
from fusion_project.events.models import LifeSign
from fusion_project.events.subjects import subject_prefix

# Every part says something every few seconds; this much silence means that it is not at work.
SILENCE_SECONDS_MAX = 30
# Watches look every five seconds; a longer pause than this means that nobody looked meanwhile.
LOOK_PAUSE_SECONDS_MAX = 15
_NOTE_EVERY_SECONDS = 2.0

DRAIN, WORKER, WATCH = "drain", "worker", "watch"


class Seldom:
    """Notes a sign every two seconds at most, however often a busy part gives one."""

    def __init__(self, note: Callable[[], None]) -> None:
        self._note = note
        self._noted_at = -math.inf

    def __call__(self) -> None:
        moment = time.monotonic()
        if moment - self._noted_at >= _NOTE_EVERY_SECONDS:
            self._note()
            self._noted_at = moment


def sign_subject(name: str) -> str:
    """Return the subject of incidents about this part."""
    return f"{subject_prefix(LifeSign)}{name}"


def drain_note() -> None:
    """Say that a drain is at work."""
    _note(DRAIN)


def drain_seen_at() -> dt.datetime | None:
    """When a drain was last at work; None before the first."""
    return LifeSign.objects.filter(name=DRAIN).values_list("seen_at", flat=True).first()


def worker_ask() -> None:
    """Ring for a sign of any worker. Remembers since when nobody answers."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO events_lifesign AS s (name, waited_since) VALUES (%s, events_now())
               ON CONFLICT (name) DO UPDATE
               SET waited_since = COALESCE(s.waited_since, excluded.waited_since)""",
            [WORKER],
        )
    bell.ring(WORKER_ANSWERS)


def worker_note() -> None:
    """Say that a worker is at work: it answered, or took up something else."""
    _note(WORKER)


def worker_awaited_since() -> dt.datetime | None:
    """Since when no worker has answered; None where one did, or none was ever asked."""
    return LifeSign.objects.filter(name=WORKER).values_list("waited_since", flat=True).first()


def watch_look() -> dt.datetime:
    """Say that a watch looks now; returns since when there has been no long pause between looks."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO events_lifesign AS s (name, seen_at, waited_since)
               VALUES (%s, events_now(), events_now())
               ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at,
                   waited_since = CASE
                       WHEN s.seen_at > excluded.seen_at - make_interval(secs => %s)
                       THEN s.waited_since ELSE excluded.seen_at END
               RETURNING waited_since""",
            [WATCH, LOOK_PAUSE_SECONDS_MAX],
        )
        since: dt.datetime = cursor.fetchone()[0]
    return since


def watched_since() -> dt.datetime | None:
    """Since when somebody has looked without a long pause; None before the first look ever."""
    return LifeSign.objects.filter(name=WATCH).values_list("waited_since", flat=True).first()


def seconds_since(moment: dt.datetime) -> int:
    """Whole seconds from then until now."""
    return max(0, int((now() - moment).total_seconds()))


def _note(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO events_lifesign AS s (name, seen_at) VALUES (%s, events_now())
               ON CONFLICT (name) DO UPDATE
               SET seen_at = excluded.seen_at, waited_since = NULL""",
            [name],
        )
