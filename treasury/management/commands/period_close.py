"""Closes a period of a book with a statement that stays, shows one, or lists them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from fusion_project.text.formats import exact_text, plain_number
from treasury.models import BOOKS, PeriodClose
from treasury.selectors.periods import Adjustment, adjustments_of, adjustments_open, period_list
from treasury.services.periods import (
    PeriodStatement,
    period_close,
    period_preview,
    statement_of,
)


class Command(BaseCommand):
    help = (
        "Without --period: list the closed periods of a book. With one: close that month "
        "(2026-11) or day (2026-11-30) for good and print what every account held, or print the "
        "statement that is stored. --dry-run prints what would be stored and changes nothing. "
        "Open positions are booked at its end as they stood, and taken back where the next period "
        "begins. What is booked later for a closed period is an adjustment of the period that "
        "is open then. Refused while an account is not green or a deal is in quarantine or not "
        "posted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--book", required=True, choices=BOOKS, help="of which book")
        parser.add_argument("--period", metavar="PERIOD", help="2026-11 or 2026-11-30, in UTC")
        parser.add_argument("--dry-run", action="store_true", help="change nothing")
        as_user_add(parser)

    def handle(self, *, book: str, period: str | None, **options: Any) -> None:
        if period is None:
            self._list(book)
            return
        closed = PeriodClose.objects.filter(book=book, period=period).first()
        if closed is not None:
            self._shown(statement_of(closed), "is closed")
            self._later(closed)
            return
        try:
            if options["dry_run"]:
                shown = period_preview(book=book, period=period)
                self._shown(shown, "would be closed")
            else:
                actor = acting_user(options["as_user"])
                made = period_close(book=book, period=period, actor=actor)
                self._shown(statement_of(made), "is closed")
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _list(self, book: str) -> None:
        for one in period_list(book=book):
            told = f"closed {exact_text(one.closed_at)} by {one.closed_by}"
            self.stdout.write(f"{one.period}\tup to entry {one.cutoff_id}\t{told}\t{one.sha256}")
        for late in adjustments_open(book=book):
            self._adjustment(late)

    def _shown(self, shown: PeriodStatement, word: str) -> None:
        close = shown.close
        begins = exact_text(close.starts_at) if close.starts_at else "the first entry"
        ends = exact_text(close.ends_at)
        self.stdout.write(f"{close.period} of the {close.book} book {word}: {begins} to {ends}")
        self.stdout.write(f"up to entry {close.cutoff_id}, {close.sha256}")
        self.stdout.write("account\topening\tdebit\tcredit\tof these for earlier periods\tclosing")
        for one in shown.figures:
            amounts = (one.opening, one.debit, one.credit, one.adjusted, one.closing)
            told = "\t".join(plain_number(amount) for amount in amounts)
            self.stdout.write(f"{one.account.code}\t{told} {one.account.currency_id}")
        for late in shown.adjustments:
            self._adjustment(late)

    def _later(self, closed: PeriodClose) -> None:
        for late in adjustments_of(close=closed):
            self._adjustment(late)

    def _adjustment(self, late: Adjustment) -> None:
        booked = late.booked_in or "the open period"
        entry = f"entry {late.entry.pk} ({late.entry.idem_key})"
        self.stdout.write(f"{entry} adjusts {late.belongs_to}, booked in {booked}")
