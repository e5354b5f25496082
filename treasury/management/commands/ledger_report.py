"""Prints one month of one book: what it is worth, what was booked, what trades came to."""

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.events.clock import now
from fusion_project.text.canonical import canonical_json
from fusion_project.text.formats import plain_number, second_text
from treasury.models import BOOKS
from treasury.rules.months import Month, month_of, month_read
from treasury.selectors.reports import Report, report_get

Row = tuple[str, ...]


class Command(BaseCommand):
    help = (
        "Print a month of a book: net asset value by money (at its end, or now), result and costs "
        "as they were booked by account and stream of revenue, and what trades that were closed "
        "in it came to by strategy and account. The page is /ops/report/. Changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--book", required=True, choices=BOOKS, help="books are never mixed")
        parser.add_argument("--month", metavar="MONTH", help="such as 2026-11 (default: this one)")
        parser.add_argument(
            "--format", choices=("table", "json"), default="table", help="for people (default)"
        )

    def handle(self, *, book: str, month: str | None, **options: Any) -> None:
        report = report_get(book=book, month=_month(month))
        if options["format"] == "json":
            self.stdout.write(report_json(report))
            return
        for line in _told(report):
            self.stdout.write(line)


def _month(text: str | None) -> Month:
    this = month_of(now())
    asked = this if text is None else month_read(text)
    if asked is None:
        raise CommandError(f"{text!r} is no month, such as {this}.")
    if asked > this:
        raise CommandError(f"{asked} has not begun.")
    return asked


def report_json(report: Report) -> str:
    """One object; amounts are decimal texts."""
    return canonical_json(
        {
            "book": report.book,
            "month": str(report.month),
            "as_of": report.as_of,
            "is_over": report.is_over,
            "assets": [asdict(one) | {"nav": one.nav} for one in report.assets],
            "booked": [
                asdict(one) | {"net": one.net, "parts": dict(one.parts)} for one in report.booked
            ],
            "traded": [asdict(one) for one in report.traded],
        }
    )


def _told(report: Report) -> Iterator[str]:
    yield f"{report.book} book, {report.month}, as of {second_text(report.as_of)} UTC"
    if report.is_empty:
        yield "nothing was booked yet"
        return
    yield from _table(
        "Net asset value",
        ("money", "assets", "open result", "owed", "net"),
        (
            (one.unit, *map(plain_number, (one.assets, one.open_result, one.owed, one.nav)))
            for one in report.assets
        ),
    )
    yield from _table(
        "Booked in the month",
        ("account", "currency", "result", "costs", "net", "of it"),
        (
            (
                one.name,
                one.currency,
                *map(plain_number, (one.result, one.costs, one.net)),
                ", ".join(f"{kind} {plain_number(amount)}" for kind, amount in one.parts),
            )
            for one in report.booked
        ),
    )
    yield from _table(
        "Trades closed in the month",
        ("strategy", "account", "currency", "trades", "won", "result", "costs", "net", "of others"),
        (
            (
                one.strategy or "none",
                one.account,
                one.currency,
                str(one.trades),
                str(one.wins),
                *map(plain_number, (one.result, one.costs, one.net, one.net_foreign)),
            )
            for one in report.traded
        ),
    )


def _table(title: str, head: Row, rows: Iterable[Row]) -> Iterator[str]:
    """Columns under each other; a table without rows says so."""
    found = [head, *rows]
    yield ""
    yield title
    if len(found) == 1:
        yield "  none"
        return
    widths = [max(len(row[at]) for row in found) for at in range(len(head))]
    for row in found:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()
