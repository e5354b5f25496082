"""Imports a calendar of economic events from CSV or iCalendar: the whole file, or nothing of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import connection, transaction

from fusion_project.events.clock import now
from signals.errors import NewsRefused
from signals.market.csv_news import csv_news
from signals.market.ics_news import ics_news
from signals.market.news import Declared, NewsFact, NewsFault
from signals.models import NewsEvent, NewsImport

SIZE_MAX: Final = 16 * 1024 * 1024
_DAY: Final = timedelta(days=1)
_SAID: Final = ("at", "currency", "impact", "title", "is_cancelled")


@dataclass(frozen=True, slots=True)
class NewsImported:
    """What a file held, and what of it is new. `whole_days`: entries without a time, left out."""

    read: int
    added: int
    revised: int
    known: int
    withdrawn: int
    whole_days: int
    covers_from: datetime
    covers_until: datetime


@dataclass(frozen=True, slots=True)
class _File:
    facts: list[NewsFact]
    whole_days: int
    sha256: str


@transaction.atomic
def news_import(
    *,
    path: Path,
    calendar: str,
    declared: Declared,
    covers_from: datetime | None = None,
    covers_until: datetime | None = None,
) -> NewsImported:
    """Append every event of the file; one that moved or was called off becomes its next revision.

    The file tells all that there is from the day of its first event to the end of the day of its
    last, or between the moments given: an event of the calendar in between that it leaves out is
    withdrawn. Raises NewsRefused, whose message names the line; then nothing was imported.
    """
    file, moment = _read(path, declared), now()
    first, last = _covered(path, file.facts, covers_from, covers_until)
    _turn_take(calendar)
    stands = _standing(calendar, {one.key for one in file.facts}, first, last)
    added = [one for one in file.facts if one.key not in stands]
    revised = [one for one in file.facts if one.key in stands and not _says(stands[one.key], one)]
    told = {one.key for one in file.facts}
    gone = [
        row
        for key, row in stands.items()
        if key not in told and not row.is_cancelled and first <= row.at < last
    ]
    rows = [_row(calendar, one, 1, moment) for one in added]
    rows += [_row(calendar, one, stands[one.key].revision + 1, moment) for one in revised]
    rows += [_withdrawn(row, moment) for row in gone]
    NewsEvent.objects.bulk_create(rows, batch_size=500)
    if rows or not _is_covered(calendar, file.sha256, first, last):
        NewsImport.objects.create(
            calendar=calendar,
            sha256=file.sha256,
            covers_from=first,
            covers_until=last,
            events=len(file.facts),
            recorded_at=moment,
        )
    return NewsImported(
        read=len(file.facts),
        added=len(added),
        revised=len(revised),
        known=len(file.facts) - len(added) - len(revised),
        withdrawn=len(gone),
        whole_days=file.whole_days,
        covers_from=first,
        covers_until=last,
    )


def _read(path: Path, declared: Declared) -> _File:
    try:
        if path.stat().st_size > SIZE_MAX:
            raise NewsRefused(f"{path.name} is larger than {SIZE_MAX // 1024**2} MiB.", line=0)
        raw = path.read_bytes()
        lines = raw.decode("utf-8-sig").splitlines(keepends=True)
        numbered, whole_days = _facts(path, lines, declared)
    except NewsFault as error:
        raise _refused(path, error.line, error.reason) from error
    except UnicodeDecodeError as error:
        raise _refused(path, 1, "it is not UTF-8 text") from error
    except OSError as error:
        raise NewsRefused(f"{path}: {error.strerror}.", line=0) from error
    facts = [fact for _, fact in numbered]
    return _File(facts, whole_days, hashlib.sha256(raw).hexdigest())


def _facts(
    path: Path, lines: Iterable[str], declared: Declared
) -> tuple[list[tuple[int, NewsFact]], int]:
    if path.suffix.lower() == ".ics":
        found = ics_news(lines, declared)
        return found.events, found.whole_days
    if path.suffix.lower() == ".csv":
        return list(csv_news(lines, declared)), 0
    raise NewsFault(1, "a calendar's file ends in .csv or .ics")


def _refused(path: Path, line: int, reason: str) -> NewsRefused:
    return NewsRefused(f"{path.name}, line {line}: {reason}. Nothing was imported.", line=line)


def _covered(
    path: Path,
    facts: list[NewsFact],
    covers_from: datetime | None,
    covers_until: datetime | None,
) -> tuple[datetime, datetime]:
    if not facts and (covers_from is None or covers_until is None):
        raise _refused(path, 1, "it holds no event with a time; say what it covers")
    times = sorted(one.at for one in facts)
    first = covers_from or _midnight(times[0])
    last = covers_until or _midnight(times[-1]) + _DAY
    if first >= last or (times and not (first <= times[0] and times[-1] < last)):
        raise _refused(path, 1, "it holds events outside of what it is said to cover")
    return first, last


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _turn_take(calendar: str) -> None:
    """Two imports of one calendar follow each other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"signals.news:{calendar}"]
        )


def _standing(
    calendar: str, keys: set[str], first: datetime, last: datetime
) -> dict[str, NewsEvent]:
    """The newest revision of each event that the file names or that lies in what it covers."""
    of_it = NewsEvent.objects.filter(calendar=calendar)
    near = set(of_it.filter(at__gte=first, at__lt=last).values_list("key", flat=True))
    rows = of_it.filter(key__in=keys | near).order_by("key", "-revision").distinct("key")
    return {row.key: row for row in rows}


def _says(row: NewsEvent, fact: NewsFact) -> bool:
    return all(getattr(row, name) == getattr(fact, name) for name in _SAID)


def _is_covered(calendar: str, sha256: str, first: datetime, last: datetime) -> bool:
    newest = NewsImport.objects.filter(calendar=calendar).order_by("-id").first()
    told = (sha256, first, last)
    return newest is not None and told == (newest.sha256, newest.covers_from, newest.covers_until)


def _row(calendar: str, fact: NewsFact, revision: int, moment: datetime) -> NewsEvent:
    said = {name: getattr(fact, name) for name in _SAID}
    return NewsEvent(calendar=calendar, key=fact.key, revision=revision, recorded_at=moment, **said)


def _withdrawn(row: NewsEvent, moment: datetime) -> NewsEvent:
    said = {name: getattr(row, name) for name in _SAID} | {"is_cancelled": True}
    return NewsEvent(
        calendar=row.calendar,
        key=row.key,
        revision=row.revision + 1,
        recorded_at=moment,
        **said,
    )
