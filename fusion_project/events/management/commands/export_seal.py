"""Writes a sealed log with its hashes, for a stranger to check with docs/verify/."""

import contextlib
import json
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.errors import DomainError
from fusion_project.events.exporting import Line, seal_export, seal_proof
from fusion_project.events.sealing import SealedLog, sealed_logs


class Command(BaseCommand):
    help = (
        "Write a sealed log, its hashes and their chain, one JSON object a line. Check the file "
        "with docs/verify/, anywhere, with Python alone. Without --book it is the event log; "
        "with it the ledger, where other books give hashes alone. Changes nothing. The file holds "
        "what the log holds: give it to those who may read that. With --proof it holds one row "
        "alone, and what shows that the seal holds it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "-o", "--output", required=True, metavar="FILE", type=Path, help="the file to write"
        )
        books = sorted({book for log in sealed_logs() for book in log.books})
        if books:
            parser.add_argument("--book", choices=[*books, "all"], help="the ledger, not the log")

        parser.add_argument(
            "--proof", type=int, metavar="ID", help="one event alone, or with --book one entry"
        )

    def handle(
        self, *, output: Path, book: str | None = None, proof: int | None = None, **_: Any
    ) -> None:
        log = self._log(book)
        part = output.with_name(output.name + ".part")
        lines = self._told(seal_export(log, book=None if book == "all" else book), log)
        if proof is not None:
            lines = seal_proof(log, proof)
        try:
            rows = _write(lines, part)
            os.replace(part, output)
        except DomainError as error:
            raise CommandError(f"{error}.") from error
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}") from error
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
        self.stdout.write(f"{output}: {rows} rows of {log.name}")

    def _log(self, book: str | None) -> SealedLog:
        return next(log for log in sealed_logs() if bool(log.books) == bool(book))

    def _told(self, lines: Iterator[tuple[Line, int]], log: SealedLog) -> Iterator[Line]:
        """The lines; at a terminal, with how far they are."""
        told = -1
        for line, done in lines:
            if done // 10 != told and self.stderr.isatty():
                told = done // 10
                self.stderr.write(f"\r{told} % of {log.name}", ending="")
            yield line


def _write(lines: Iterator[Line], part: Path) -> int:
    rows = 0
    with part.open("w", encoding="utf-8", newline="\n") as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
            rows += "leaf" in line
    return rows
