"""Writes a sealed log with its hashes, for a stranger to check with docs/verify/."""

import contextlib
import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.events.exporting import seal_export
from fusion_project.events.sealing import SealedLog, sealed_logs


class Command(BaseCommand):
    help = (
        "Write a sealed log, its hashes and their chain, one JSON object a line. Check the file "
        "with docs/verify/, anywhere, with Python alone. Without --book it is the event log; "
        "with it the ledger, where other books give hashes alone. Changes nothing. The file holds "
        "what the log holds: give it to those who may read that."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "-o", "--output", required=True, metavar="FILE", type=Path, help="the file to write"
        )
        books = sorted({book for log in sealed_logs() for book in log.books})
        if books:
            parser.add_argument("--book", choices=[*books, "all"], help="the ledger, not the log")

    def handle(self, *, output: Path, book: str | None = None, **_: Any) -> None:
        log = self._log(book)
        part = output.with_name(output.name + ".part")
        try:
            rows = self._write(log, None if book == "all" else book, part)
            os.replace(part, output)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}") from error
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
        self.stdout.write(f"{output}: {rows} rows of {log.name}")

    def _log(self, book: str | None) -> SealedLog:
        return next(log for log in sealed_logs() if bool(log.books) == bool(book))

    def _write(self, log: SealedLog, book: str | None, part: Path) -> int:
        rows, told = 0, -1
        with part.open("w", encoding="utf-8", newline="\n") as file:
            for line, done in seal_export(log, book=book):
                file.write(json.dumps(line, separators=(",", ":")) + "\n")
                rows += "leaf" in line
                if done // 10 != told and self.stderr.isatty():
                    told = done // 10
                    self.stderr.write(f"\r{told} % of {log.name}", ending="")
        return rows
