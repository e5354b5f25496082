"""Writes the executor API's JSON Schema anew, after a change of `execution/wire/`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.wire.schema import executor_schema_text

SCHEMA_FILE = Path(__file__).resolve().parents[2] / "schemas" / "executor.v1.json"


class Command(BaseCommand):
    help = (
        "Write execution/schemas/executor.v1.json from the structs that read the executor API's "
        "requests. With --check nothing is written; exit code 1 when the file is not up to date."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only compare the file")

    def handle(self, **options: Any) -> None:
        text = executor_schema_text()
        if not options["check"]:
            SCHEMA_FILE.write_text(text)
        elif not SCHEMA_FILE.is_file() or SCHEMA_FILE.read_text() != text:
            raise CommandError(f"{SCHEMA_FILE.name} is not up to date: run executor_schema")
