"""Writes what is published of the executor API anew, after a change of `execution/wire/`."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.mqh import wire_mqh_text
from execution.openapi import openapi_text
from execution.wire.schema import executor_schema_text

ROOT = Path(__file__).resolve().parents[3]
SCHEMA_FILE = ROOT / "execution" / "schemas" / "executor.v1.json"
OPENAPI_FILE = ROOT / "docs" / "executor.openapi.json"
MQH_FILE = ROOT / "mql5" / "Include" / "Fusion" / "Wire.mqh"


class Command(BaseCommand):
    help = (
        "Write the executor API's OpenAPI document, the JSON Schema of its requests and the words "
        "of the Expert Advisor from execution/wire and execution/rules: docs/executor.openapi.json,"
        " execution/schemas/executor.v1.json, mql5/Include/Fusion/Wire.mqh."
        " With --check nothing is written; exit code 1 when a file is not up to date."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only compare the files")

    def handle(self, **options: Any) -> None:
        for file, text in _published():
            if not options["check"]:
                file.write_text(text())
            elif not file.is_file() or file.read_text() != text():
                raise CommandError(f"{file.name} is not up to date: run executor_schema")


def _published() -> list[tuple[Path, Callable[[], str]]]:
    return [
        (SCHEMA_FILE, executor_schema_text),
        (OPENAPI_FILE, openapi_text),
        (MQH_FILE, wire_mqh_text),
    ]
