"""Stores prices of currencies from a CSV file, for conversions."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.admin.acting import acting_user, as_user_add
from treasury.models import BOOKS
from treasury.rules.prices import COLUMNS, PRICE_HOURS_MAX
from treasury.services.prices import PricesRefused, prices_import


class Command(BaseCommand):
    help = (
        "Store what one BASE costs in QUOTE. CSV in UTF-8 with the columns "
        f"{','.join(COLUMNS)}; times in UTC such as 2026-03-02T10:00:00Z. A file with another "
        "column, a price that is no plain decimal, a currency that the ledger does not know or a "
        "time to come changes nothing and is answered by line number. A second run adds nothing. "
        f"Conversions that wait go on within half a minute, at prices up to {PRICE_HOURS_MAX} "
        "hours old."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="the prices as CSV")
        parser.add_argument("--book", required=True, choices=BOOKS, help="books share no price")
        as_user_add(parser)

    def handle(self, *, file: Path, book: str, **options: Any) -> None:
        actor = acting_user(options["as_user"])
        try:
            raw = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from error
        try:
            done = prices_import(book=book, raw=raw, actor=actor)
        except PricesRefused as refusal:
            lines = "\n".join(f"  {fault}" for fault in refusal.faults)
            raise CommandError(f"Nothing was imported.\n{lines}") from refusal
        self.stdout.write(f"{done.read} prices, {done.added} added")
