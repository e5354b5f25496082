"""A calendar is imported whole or not at all; what moved or was called off is a revision."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from fusion_project.events.clock import now
from signals.models import NewsEvent, NewsImport
from signals.selectors.news import NewsNear, news_near
from tests.integration.signals.conftest import NOON

pytestmark = pytest.mark.django_db
HEAD = "at,currency,impact,title\n"
PAYROLLS = "2026-03-02T12:20:00Z,USD,high,Payrolls\n"
SPEECH = "2026-03-02T15:00:00Z,EUR,medium,Speech\n"


@pytest.fixture(autouse=True)
def noon(clock: Any) -> None:
    clock.set(NOON)


def imported(folder: Path, text: str, *options: str, name: str = "week.csv") -> str:
    file, out = folder / name, StringIO()
    file.write_text(text)
    call_command("news_import", str(file), "--calendar", "fx", *options, stdout=out)
    return out.getvalue()


def near(**members: Any) -> NewsNear | None:
    asked = {"currencies": ("EUR", "USD"), "impact": "low", "reach": timedelta(days=1), **members}
    return news_near("fx", now(), **asked)


def minutes(**members: Any) -> list[int]:
    found = near(**members)
    assert found is not None
    return [int((at - now()).total_seconds() // 60) for _, at in found.events]


def test_a_second_run_adds_nothing(tmp_path: Path) -> None:
    assert "2 added, 0 revised, 0 known" in imported(tmp_path, HEAD + PAYROLLS + SPEECH)
    again = imported(tmp_path, HEAD + PAYROLLS + SPEECH)
    assert "0 added, 0 revised, 2 known, 0 withdrawn" in again
    assert (NewsEvent.objects.count(), NewsImport.objects.count()) == (2, 1)


def test_a_file_with_a_fault_imports_nothing_and_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"week.csv, line 3: .*names no zone.* Nothing was"):
        imported(tmp_path, HEAD + PAYROLLS + "2026-03-02T15:00:00,EUR,low,x\n")
    assert not NewsEvent.objects.exists()
    (tmp_path / "bad.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(CommandError, match="not UTF-8"):
        call_command("news_import", str(tmp_path / "bad.csv"))
    with pytest.raises(CommandError, match=r"ends in .csv or .ics"):
        imported(tmp_path, HEAD, name="week.xml")
    with pytest.raises(CommandError, match="No such file"):
        call_command("news_import", str(tmp_path / "none.csv"))


def test_an_event_that_moves_or_is_left_out_becomes_the_next_revision(
    tmp_path: Path, clock: Any
) -> None:
    imported(tmp_path, HEAD + PAYROLLS + SPEECH)
    clock.advance(seconds=1)
    assert minutes() == [19, 179]
    moved = HEAD + PAYROLLS.replace("12:20", "13:20")
    assert "0 added, 1 revised, 0 known, 1 withdrawn" in imported(tmp_path, moved)
    clock.advance(seconds=1)
    assert minutes() == [79]
    assert sorted(NewsEvent.objects.values_list("revision", flat=True)) == [1, 1, 2, 2]
    assert "2 revised" in imported(tmp_path, HEAD + PAYROLLS + SPEECH)


def test_only_what_was_on_record_before_the_moment_is_known(tmp_path: Path, clock: Any) -> None:
    imported(tmp_path, HEAD + PAYROLLS)
    assert near() is None
    clock.advance(seconds=1)
    assert minutes() == [19]
    imported(tmp_path, HEAD + PAYROLLS.replace("12:20", "13:20"))
    assert minutes() == [19]
    clock.advance(seconds=1)
    assert minutes() == [79]


def test_outside_of_what_a_file_covers_nothing_is_known(tmp_path: Path, clock: Any) -> None:
    imported(tmp_path, HEAD + PAYROLLS)
    clock.set(NOON + timedelta(days=1))
    assert near() is None
    until = ("--until", "2026-03-07T00:00")
    assert "2026-03-07 00:00 UTC" in imported(tmp_path, HEAD + PAYROLLS, *until)
    clock.advance(seconds=1)
    assert near() is not None
    with pytest.raises(CommandError, match="outside of what it is said to cover"):
        imported(tmp_path, HEAD + PAYROLLS, "--until", "2026-03-01T00:00")


def test_currency_and_impact_choose(tmp_path: Path, clock: Any) -> None:
    everybody = "2026-03-02T12:40:00Z,ALL,low,Summit\n"
    imported(tmp_path, HEAD + PAYROLLS + SPEECH + everybody)
    clock.advance(seconds=1)
    assert minutes(currencies=("JPY",)) == [39]
    assert minutes(impact="medium") == [19, 179]
    assert minutes(impact="high") == [19]


def test_an_icalendar_file_is_imported_as_well(tmp_path: Path, clock: Any) -> None:
    text = (
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20260302T122000Z\nSUMMARY:USD CPI\n"
        "END:VEVENT\nBEGIN:VEVENT\nUID:2\nDTSTART;VALUE=DATE:20260302\nSUMMARY:Holiday\n"
        "END:VEVENT\nEND:VCALENDAR\n"
    )
    told = imported(tmp_path, text, "--impact", "high", name="week.ics")
    assert "1 added" in told
    assert "1 entries of whole days name no time" in told
    clock.advance(seconds=1)
    assert minutes() == [19]


def test_the_table_refuses_revisions_that_do_not_follow_and_changes(tmp_path: Path) -> None:
    imported(tmp_path, HEAD + PAYROLLS)
    event = NewsEvent.objects.get()
    for changes in ({"revision": 3}, {"revision": 2, "recorded_at": now() - timedelta(days=2)}):
        with pytest.raises(DatabaseError), transaction.atomic():
            NewsEvent.objects.create(
                **{
                    "calendar": "fx",
                    "key": event.key,
                    "at": event.at,
                    "currency": "USD",
                    "impact": "high",
                    "title": "x",
                    "recorded_at": now(),
                    **changes,
                }
            )
    with pytest.raises(DatabaseError), transaction.atomic():
        NewsEvent.objects.update(impact="low")
    with pytest.raises(DatabaseError), transaction.atomic():
        NewsEvent.objects.all().delete()
    assert NewsEvent.objects.count() == 1
