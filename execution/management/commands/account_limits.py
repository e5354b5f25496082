"""Shows the limits of one account, and sets them."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from fusion_project.admin.acting import as_user_add


class Command(BaseCommand):
    help = (
        "Shows the limits of one account, or sets those that are named: the same as `risk_limits"
        " list|set --account LOGIN`, whose help tells every limit."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login", help="of the account")
        parser.add_argument("limits", nargs="*", metavar="NAME=VALUE", help="`none` lifts a limit")
        parser.add_argument("--note", default="", help="why, for those who read it later")
        as_user_add(parser)

    def handle(self, **options: Any) -> None:
        limits = options["limits"]
        call_command(
            "risk_limits",
            "set" if limits else "list",
            *limits,
            account=options["login"],
            note=options["note"],
            as_user=options["as_user"],
            stdout=self.stdout,
        )
