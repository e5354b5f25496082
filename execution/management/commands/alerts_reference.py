"""Writes docs/alerts-reference.md anew, after a change of a table or an example that it shows."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.management.alerts_reference import PAGE, reference_text


class Command(BaseCommand):
    help = (
        "Write docs/alerts-reference.md from the tables of reasons, words and limits and from "
        "docs/examples. With --check nothing is written; exit code 1 when it is not up to date."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only compare the file")

    def handle(self, **options: Any) -> None:
        text = reference_text()
        if not options["check"]:
            PAGE.write_text(text, encoding="utf-8")
        elif not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
            raise CommandError(f"{PAGE.name} is not up to date: run ./manage.py alerts_reference")
