"""Takes snapshots of what a book owes and holds, and writes what a stranger or a holder checks."""

from __future__ import annotations

import contextlib
import json
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from tokens.models import ReserveSnapshot
from tokens.rules.reserves import beside, proof_of
from tokens.services.reserves import leaf_of, reserves_snapshot, snapshot_nodes
from treasury.models import BOOKS


class Command(BaseCommand):
    help = (
        "Write every epoch of a book's reserves, and the newest one's leaves by hash and amount, "
        "for docs/verify/verify_reserves.py. --new takes the next epoch first: what is owed to "
        "holders and pools as a tree, what the chain holds, hashed, signed with SIGNING_KEY (said "
        "where there is none) and chained to the epoch before. --holder ACCOUNT --unit UNIT writes "
        "that holder's proof instead, to be handed to that holder alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--book", required=True, choices=BOOKS, help="books are never mixed")
        parser.add_argument("--new", action="store_true", help="take the next epoch first")
        parser.add_argument("--holder", default="", metavar="ACCOUNT", help="one holder's proof")
        parser.add_argument("--unit", default="DCT", help="of this unit (default DCT)")
        parser.add_argument(
            "-o", "--output", required=True, metavar="FILE", type=Path, help="the file to write"
        )
        as_user_add(parser)

    def handle(self, *, output: Path, book: str, **options: Any) -> None:
        try:
            if options["new"]:
                reserves_snapshot(book=book, actor=acting_user(options["as_user"]))
        except DomainError as error:
            raise CommandError(str(error)) from error
        newest = ReserveSnapshot.objects.filter(book=book).order_by("-epoch").first()
        if newest is None:
            raise CommandError(f"the {book} book has no epoch yet; --new takes the first")
        if options["holder"]:
            lines: Iterator[dict[str, Any]] = iter(
                [_proof(newest, options["unit"], options["holder"])]
            )
        else:
            lines = self._export(newest)
        _write(output, lines)
        signed = "signed" if newest.signature else "NOT signed: there is no SIGNING_KEY"
        self.stdout.write(f"{output}: epoch {newest.epoch} of the {book} book, {signed}")

    def _export(self, newest: ReserveSnapshot) -> Iterator[dict[str, Any]]:
        yield {"format": "df.reserves_export.v1", "book": newest.book}
        epochs = ReserveSnapshot.objects.filter(book=newest.book).order_by("epoch")
        for one in epochs.iterator():
            if self.stderr.isatty():
                self.stderr.write(f"\r{one.epoch} of {newest.epoch} epochs", ending="")
            yield _told(one)
        units = newest.leaves.order_by("unit").values_list("unit", flat=True).distinct()
        for unit in list(units):
            nodes = snapshot_nodes(newest, unit)
            yield {
                "unit": unit,
                "nodes": [[one.sha256.hex(), str(one.amount)] for one in nodes],
            }


def _told(one: ReserveSnapshot) -> dict[str, Any]:
    return {
        "statement": one.statement,
        "sha256": one.sha256,
        "public_key": one.public_key,
        "signature": one.signature,
    }


def _proof(newest: ReserveSnapshot, unit: str, holder: str) -> dict[str, Any]:
    leaf = newest.leaves.filter(unit=unit, holder=holder).first()
    if leaf is None:
        raise CommandError(f"{holder} has no {unit} in epoch {newest.epoch}")
    way = beside(snapshot_nodes(newest, unit), leaf.place)
    return {
        "format": "df.reserves_proof.v1",
        **_told(newest),
        **proof_of(leaf_of(leaf), leaf.place, way),
    }


def _write(output: Path, lines: Iterator[dict[str, Any]]) -> None:
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
