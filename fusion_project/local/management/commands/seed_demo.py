"""Fills a database with the demo: staff, a paper account, strategies and their credentials."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from fusion_project.local.home.options import ALERTS
from fusion_project.local.run.demo import demo_seed, history_import


class Command(BaseCommand):
    help = (
        "Create what the demo needs: staff users ops and reviewer, a paper account with confirmed "
        "symbols and an executor key, strategies with webhook secrets. Idempotent. The credentials "
        "are kept in one file that only you can read. Not for production."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--credentials", type=Path, required=True, help="JSON file to read and write"
        )
        parser.add_argument(
            "--alerts",
            choices=ALERTS,
            default="sample",
            help="whose alerts: the built-in sample rules or the Pine scripts",
        )

        parser.add_argument(
            "--chain", default="", metavar="URL", help="bind the paper book to this loopback server"
        )
        parser.add_argument(
            "--history", type=Path, help="write bars of the last hours to this folder, import them"
        )

    def handle(self, **options: Any) -> None:
        demo_seed(options["credentials"], alerts=options["alerts"], chain_url=options["chain"])
        if options["history"]:
            added = history_import(options["history"])
            self.stdout.write(f"{added} bars of its history are new.")
        self.stdout.write(f"The demo stands; its credentials are in {options['credentials']}.")
