"""Writes what was told of a book's reserves, for a stranger or a holder to check."""

from __future__ import annotations

import contextlib
import json
import os
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tokens.models import ReserveSnapshot
from tokens.selectors.reserves import Line, export_lines, head_line, proof_line, reserves_head
from treasury.models import BOOKS


class Command(BaseCommand):
    help = (
        "Write every epoch of a book's reserves, and the newest one's leaves by hash and amount, "
        "for docs/verify/verify_reserves.py. --head writes the newest epoch's statement alone, as "
        "the page /seal/ has it. --holder ACCOUNT --unit UNIT writes that holder's proof of the "
        "newest epoch, to be handed to that holder alone. Changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--book", required=True, choices=BOOKS, help="books are never mixed")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--head", action="store_true", help="the newest epoch's statement alone")
        what.add_argument("--holder", metavar="ACCOUNT", help="one holder's proof")
        parser.add_argument("--unit", default="DCT", help="of this unit (default DCT)")
        parser.add_argument(
            "-o", "--output", required=True, metavar="FILE", type=Path, help="the file to write"
        )

    def handle(self, *, output: Path, book: str, **options: Any) -> None:
        newest = reserves_head(book=book)
        if newest is None:
            raise CommandError(
                f"The {book} book has no epoch yet; ./manage.py reserves_snapshot takes the first."
            )
        _write(output, self._lines(newest, **options))
        signed = "signed" if newest.signature else "NOT signed: there is no SIGNING_KEY"
        self.stdout.write(f"{output}: epoch {newest.epoch} of the {book} book, {signed}")

    def _lines(
        self, newest: ReserveSnapshot, *, head: bool, holder: str | None, unit: str, **_: Any
    ) -> Iterable[Line]:
        if head:
            return [head_line(newest)]
        if holder is None:
            return self._told(export_lines(newest))
        proof = proof_line(newest, unit=unit, holder=holder)
        if proof is None:
            raise CommandError(f"{holder} has no {unit} in epoch {newest.epoch}.")
        return [proof]

    def _told(self, lines: Iterator[tuple[Line, str]]) -> Iterator[Line]:
        """The lines; at a terminal, with how far they are."""
        for line, done in lines:
            if done and self.stderr.isatty():
                self.stderr.write(f"\r{done}", ending="")
            yield line


def _write(output: Path, lines: Iterable[Line]) -> None:
    part = output.with_name(output.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            for line in lines:
                file.write(json.dumps(line, separators=(",", ":")) + "\n")
        os.replace(part, output)
    except OSError as error:
        raise CommandError(f"{output} cannot be written: {error.strerror}") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
