"""Economic events from iCalendar files (RFC 5545), as far as single events go. Pure.

The currency is a category or what the summary begins with, as `USD CPI`; the impact is a category,
or the priority: 1 to 4 high, 5 medium, 6 to 9 low. What repeats is refused, not guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from signals.market.news import (
    EVERYBODY,
    IMPACTS,
    Declared,
    NewsFact,
    NewsFault,
    news_made,
    news_told_apart,
)

_LINE: Final = re.compile(
    r"(?P<name>[A-Za-z0-9-]+)(?P<parameters>(;[^:\"]*(\"[^\"]*\"[^:\"]*)*)*):"
)
_TIME: Final = re.compile(r"\d{8}T\d{6}Z?")
_REPEATS: Final = ("RRULE", "RDATE", "EXDATE")
_BY_PRIORITY: Final = {"high": "1234", "medium": "5", "low": "6789"}
_ESCAPES: Final = {"\\n": " ", "\\N": " ", "\\,": ",", "\\;": ";", "\\\\": "\\"}
_CODE: Final = re.compile(r"\W*(?P<code>[A-Z]{3})\b[\W_]*(?P<rest>.*)")


@dataclass(slots=True)
class _Event:
    """One VEVENT: where it begins, and each property with its line, parameters and value."""

    line: int
    properties: dict[str, tuple[int, str, str]] = field(default_factory=dict)

    def value(self, name: str) -> str:
        return self.properties[name][2].strip() if name in self.properties else ""


@dataclass(frozen=True, slots=True)
class IcsNews:
    """The events of a file, and how many entries of whole days it has, which name no time."""

    events: list[tuple[int, NewsFact]]
    whole_days: int


def ics_news(lines: Iterable[str], declared: Declared) -> IcsNews:
    """Return (line number, event) of each. Raises NewsFault."""
    timed, whole_days = [], 0
    for event in _events(_unfolded(lines)):
        if "DTSTART" in event.properties and "T" not in event.value("DTSTART"):
            whole_days += 1
        else:
            timed.append(event)
    facts = ((one.line, _fact(one, declared), True) for one in timed)
    return IcsNews(list(news_told_apart(facts)), whole_days)


def _unfolded(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """A line that begins with a blank goes on with the one before."""
    held: tuple[int, str] | None = None
    for number, raw in enumerate(lines, start=1):
        line = raw.rstrip("\r\n")
        if line[:1] in (" ", "\t") and held is not None:
            held = (held[0], held[1] + line[1:])
            continue
        if held is not None and held[1]:
            yield held
        held = (number, line)
    if held is not None and held[1]:
        yield held


def _events(lines: Iterator[tuple[int, str]]) -> Iterator[_Event]:
    first = next(lines, (1, ""))
    if first[1].strip().upper() != "BEGIN:VCALENDAR":
        raise NewsFault(first[0], "an iCalendar file begins with BEGIN:VCALENDAR")
    inside, last = ["VCALENDAR"], 1
    event: _Event | None = None
    for number, text in lines:
        last = number
        found = _LINE.match(text)
        if found is None:
            raise NewsFault(number, f"{text[:40]!r} is no property of an iCalendar file")
        name, value = found["name"].upper(), text[found.end() :]
        if name == "BEGIN":
            inside.append(value.strip().upper())
            event = _Event(number) if inside[-1] == "VEVENT" else event
        elif name == "END":
            if not inside or inside.pop() != value.strip().upper():
                raise NewsFault(number, f"{text[:40]!r} ends what did not begin")
            if value.strip().upper() == "VEVENT" and event is not None:
                yield event
                event = None
        elif event is not None and inside[-1] == "VEVENT":
            event.properties.setdefault(name, (number, found["parameters"], value))
    if inside:
        raise NewsFault(last, f"the file breaks off: END:{inside[-1]} is missing")


def _fact(event: _Event, declared: Declared) -> NewsFact:
    repeating = next((name for name in _REPEATS if name in event.properties), None)
    if repeating:
        raise NewsFault(event.properties[repeating][0], "it repeats; export single events")
    uid = event.value("UID")
    if not uid or "DTSTART" not in event.properties:
        raise NewsFault(event.line, "an event needs UID and DTSTART")
    title = _plain(event.value("SUMMARY"))
    words = [one.strip() for one in _plain(event.value("CATEGORIES")).split(",")]
    currency, title = _currency(words, title)
    recurrence = event.value("RECURRENCE-ID")
    return news_made(
        event.line,
        uid=f"{uid} {recurrence}".strip(),
        at=_at(*event.properties["DTSTART"]),
        currency=currency or declared.currency,
        impact=_impact(words, event.value("PRIORITY")) or declared.impact,
        title=title[:200],
        is_cancelled=event.value("STATUS").upper() == "CANCELLED",
    )


def _currency(words: list[str], title: str) -> tuple[str, str]:
    named = [one for one in words if re.fullmatch(r"[A-Z]{3}", one) or one == EVERYBODY]
    if named:
        return named[0], title
    found = _CODE.fullmatch(title)
    return (found["code"], found["rest"] or title) if found else ("", title)


def _impact(words: list[str], priority: str) -> str:
    named = [one.lower() for one in words if one.lower() in IMPACTS]
    if named:
        return named[0]
    return next((one for one, told in _BY_PRIORITY.items() if priority and priority in told), "")


def _at(line: int, parameters: str, value: str) -> datetime:
    text = value.strip()
    if not _TIME.fullmatch(text):
        raise NewsFault(line, f"the time {text[:40]!r} is not like 20260306T133000Z")
    zone = re.search(r";TZID=\"?([^;\"]+)\"?", parameters, re.IGNORECASE)
    if not text.endswith("Z") and zone is None:
        raise NewsFault(line, f"the time {text[:40]!r} names no zone")
    try:
        told = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
        named = UTC if text.endswith("Z") or zone is None else ZoneInfo(zone[1])
        return told.replace(tzinfo=named).astimezone(UTC)
    except (ValueError, KeyError, OSError) as error:
        raise NewsFault(line, f"{text[:40]!r} is no time of a known zone") from error


def _plain(text: str) -> str:
    return re.sub(r"\\.", lambda found: _ESCAPES.get(found[0], found[0][1:]), text).strip()
