"""Calendars of events: each line is an event, or a fault with its number."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from signals.market.csv_news import csv_news
from signals.market.ics_news import ics_news
from signals.market.news import Declared, NewsFact, NewsFault

NONE = Declared()
AT = datetime(2026, 3, 6, 13, 30, tzinfo=UTC)


def csv_facts(text: str, declared: Declared = NONE) -> list[NewsFact]:
    return [fact for _, fact in csv_news(text.splitlines(keepends=True), declared)]


def ics(*lines: str) -> str:
    event = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", *lines, "END:VEVENT"]
    return "\r\n".join([*event, "END:VCALENDAR", ""])


def ics_facts(text: str, declared: Declared = NONE) -> list[NewsFact]:
    return [fact for _, fact in ics_news(text.splitlines(keepends=True), declared).events]


def test_a_csv_line_is_an_event_in_utc() -> None:
    text = (
        "at,currency,impact,title\n"
        "2026-03-06T14:30:00+01:00,usd,High,Nonfarm payrolls\n"
        "1772803800,EUR,low,Speech\n"
    )
    first, second = csv_facts(text)
    assert (first.at, first.currency, first.impact) == (AT, "USD", "high")
    assert (second.at, second.key) == (AT, "2026-03-06 EUR Speech")


def test_what_a_file_leaves_out_may_be_declared_and_is_never_guessed() -> None:
    text = "at,currency,impact,title\n2026-03-06T13:30:00Z,,,CPI\n"
    (fact,) = csv_facts(text, Declared("USD", "high"))
    assert (fact.currency, fact.impact) == ("USD", "high")
    with pytest.raises(NewsFault, match="is no currency"):
        csv_facts(text)


def test_a_uid_names_an_event_and_equal_ones_of_a_day_are_told_apart() -> None:
    text = "uid,at,currency,impact,title\na-1,2026-03-06T13:30:00Z,USD,high,CPI\n"
    assert csv_facts(text)[0].key == "a-1"
    line = "2026-03-06T{}:30:00Z,USD,high,Speech\n"
    twice = "at,currency,impact,title\n" + line.format(13) + line.format(15)
    assert [one.key for one in csv_facts(twice)] == [
        "2026-03-06 USD Speech",
        "2026-03-06 USD Speech 2",
    ]


@pytest.mark.parametrize(
    ("lines", "line", "reason"),
    [
        (["time,title"], 1, "the columns must be"),
        (["at,currency,impact,title", "2026-03-06T13:30:00Z,USD,high"], 2, "3 values instead"),
        (["at,currency,impact,title", "2026-03-06T13:30:00,USD,high,x"], 2, "names no zone"),
        (["at,currency,impact,title", "soon,USD,high,x"], 2, "is not like"),
        (["at,currency,impact,title", "1,US dollar,high,x"], 2, "is no currency"),
        (["at,currency,impact,title", "1,USD,huge,x"], 2, "none of low, medium, high"),
        (["at,currency,impact,title", "1,USD,high,"], 2, "a title is text"),
        (["at,currency,impact,title", f"1,USD,high,{'x' * 201}"], 2, "a title is text"),
        (["at,currency,impact,title", '1,USD,high,"x'], 2, "unexpected end"),
        (["at,currency,impact,title,uid", *["1,USD,high,x,a"] * 2], 3, "came before"),
    ],
)
def test_a_csv_fault_has_its_line_and_reason(lines: list[str], line: int, reason: str) -> None:
    with pytest.raises(NewsFault, match=reason) as fault:
        csv_facts("\n".join(lines))
    assert fault.value.line == line


def test_an_icalendar_event_is_read_with_its_category_and_priority() -> None:
    text = ics(
        "UID:7@calendar",
        "DTSTART:20260306T133000Z",
        "SUMMARY:Nonfarm payrolls\\, and",
        "  revisions",
        "CATEGORIES:USD,High",
        "BEGIN:VALARM",
        "TRIGGER:-PT5M",
        "SUMMARY:wake up",
        "END:VALARM",
    )
    (fact,) = ics_facts(text)
    assert (fact.key, fact.at, fact.currency, fact.impact) == ("7@calendar", AT, "USD", "high")
    assert fact.title == "Nonfarm payrolls, and revisions"


def test_the_summary_may_begin_with_the_currency_and_a_zone_may_be_named() -> None:
    text = ics(
        "UID:8",
        "DTSTART;TZID=Europe/London:20260706T143000",
        "SUMMARY:[USD] CPI",
        "PRIORITY:5",
        "STATUS:CANCELLED",
    )
    (fact,) = ics_facts(text)
    assert fact.at == datetime(2026, 7, 6, 13, 30, tzinfo=UTC)
    assert (fact.currency, fact.title, fact.impact) == ("USD", "CPI", "medium")
    assert fact.is_cancelled


def test_entries_of_whole_days_are_counted_and_left_out() -> None:
    text = ics("UID:9", "DTSTART;VALUE=DATE:20260306", "SUMMARY:Bank holiday")
    found = ics_news(text.splitlines(keepends=True), NONE)
    assert (found.events, found.whole_days) == ([], 1)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "begins with BEGIN:VCALENDAR"),
        ("hello", 1, "begins with BEGIN:VCALENDAR"),
        ("BEGIN:VCALENDAR\nnonsense\n", 2, "is no property"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\n", 2, "breaks off"),
        ("BEGIN:VCALENDAR\nEND:VEVENT\n", 2, "ends what did not begin"),
        (ics("DTSTART:20260306T133000Z", "SUMMARY:USD x"), 3, "needs UID"),
        (ics("UID:1", "SUMMARY:USD x"), 3, "needs UID and DTSTART"),
        (ics("UID:1", "DTSTART:20260306T133000", "SUMMARY:USD x"), 5, "names no zone"),
        (ics("UID:1", "DTSTART:2026-03-06T13:30", "SUMMARY:USD x"), 5, "is not like"),
        (ics("UID:1", "DTSTART:20261306T133000Z", "SUMMARY:USD x"), 5, "is no time"),
        (
            ics("UID:1", "DTSTART;TZID=Mars/Base:20260306T133000", "SUMMARY:USD x"),
            5,
            "is no time of a known zone",
        ),
        (
            ics("UID:1", "DTSTART:20260306T133000Z", "RRULE:FREQ=DAILY", "SUMMARY:USD x"),
            6,
            "repeats",
        ),
        (ics("UID:1", "DTSTART:20260306T133000Z", "SUMMARY:x", "PRIORITY:1"), 3, "no currency"),
        (ics("UID:1", "DTSTART:20260306T133000Z", "SUMMARY:USD x"), 3, "the impact"),
    ],
)
def test_an_icalendar_fault_has_its_line_and_reason(text: str, line: int, reason: str) -> None:
    with pytest.raises(NewsFault, match=reason) as fault:
        ics_facts(text)
    assert fault.value.line == line
