"""Writes a book as a journal that other bookkeeping programs check."""

import contextlib
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from treasury.models import BOOKS
from treasury.rules.journals import JOURNALS
from treasury.selectors.journals import journal_lines


class Command(BaseCommand):
    help = (
        "Write one book of the ledger as one moment shows it, for bean-check (beancount), for "
        "hledger check --strict ordereddates, or as CSV with a row for each line. Entries stand "
        "under the day on which they were recorded and carry the hash that the seal holds. Ends "
        "with the balance of every account, which both programs then check. Changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", required=True, choices=list(JOURNALS), help="for whom")
        parser.add_argument("--book", required=True, choices=BOOKS, help="books are never mixed")
        parser.add_argument(
            "-o", "--output", required=True, metavar="FILE", type=Path, help="the file to write"
        )

    def handle(self, *, output: Path, book: str, **options: Any) -> None:
        part = output.with_name(output.name + ".part")
        lines = journal_lines(book=book, journal=JOURNALS[options["format"]], told=self._told)
        self._entries = 0
        try:
            with part.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(lines)
            os.replace(part, output)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}") from error
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
        self.stdout.write(f"{output}: {self._entries} entries of the {book} book")

    def _told(self, done: int, total: int) -> None:
        self._entries = done
        if self.stderr.isatty():
            self.stderr.write(f"\r{done} of {total} entries", ending="")
