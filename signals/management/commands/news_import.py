"""Imports a calendar of economic events, for the gate that keeps entries away from news."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from signals.errors import NewsRefused
from signals.fusion.gating.settings import CALENDAR_FORM
from signals.market.csv_news import COLUMNS
from signals.market.news import CURRENCY_FORM, IMPACTS, Declared
from signals.services.news_files import NewsImported, news_import


class Command(BaseCommand):
    help = (
        f"Append the events of a CSV file (columns {','.join(COLUMNS)}, and uid where there is "
        "one) or of an iCalendar file to a calendar. An event that moved becomes its next "
        "revision, one that the file leaves out of the days it covers is withdrawn, a second run "
        "adds nothing. A file with a fault is refused whole, with line and reason."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="ends in .csv or .ics")
        parser.add_argument("--calendar", default="news", help="its name (default: news)")
        parser.add_argument(
            "--currency", default="", help="where the file names none, as USD; ALL for all"
        )
        parser.add_argument(
            "--impact", default="", choices=IMPACTS, help="where the file names none"
        )
        parser.add_argument(
            "--from",
            dest="covers_from",
            type=_moment,
            metavar="TIME",
            help="it tells all news from here on; by default from the day of its first event",
        )
        parser.add_argument(
            "--until",
            dest="covers_until",
            type=_moment,
            metavar="TIME",
            help="to here; by default to the end of the day of its last event",
        )

    def handle(self, **options: Any) -> None:
        calendar, currency = options["calendar"], options["currency"].upper()
        if not re.fullmatch(CALENDAR_FORM, calendar):
            raise CommandError(f"{calendar[:40]!r} is no name: letters, digits, dot, dash.")
        if currency and not re.fullmatch(CURRENCY_FORM, currency):
            raise CommandError(f"{currency[:20]!r} is no currency such as USD.")
        try:
            done = news_import(
                path=options["file"],
                calendar=calendar,
                declared=Declared(currency, options["impact"]),
                covers_from=options["covers_from"],
                covers_until=options["covers_until"],
            )
        except NewsRefused as error:
            raise CommandError(str(error)) from error
        self._tell(calendar, done)

    def _tell(self, calendar: str, done: NewsImported) -> None:
        self.stdout.write(
            f"{done.read} events in calendar {calendar}: {done.added} added, {done.revised} "
            f"revised, {done.known} known, {done.withdrawn} withdrawn."
        )
        if done.whole_days:
            self.stdout.write(f"{done.whole_days} entries of whole days name no time: left out.")
        self.stdout.write(
            f"It covers {done.covers_from:%Y-%m-%d %H:%M} to {done.covers_until:%Y-%m-%d %H:%M} "
            "UTC; for any other time the calendar counts as not known."
        )


def _moment(text: str) -> datetime:
    try:
        told = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no time such as 2026-03-01T12:00") from error
    return told if told.tzinfo else told.replace(tzinfo=UTC)
