"""Asks a second person to take an entry of the ledger back."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from treasury.services.reversing import reversal_ask


class Command(BaseCommand):
    help = (
        "Ask for the reversal of an entry: its mirror is posted once a second person confirms "
        "(./manage.py second_person). Nothing in the ledger is ever changed or removed. What a "
        "broker restates is reversed without this, by the deal's next revision."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("entry", type=int, metavar="ENTRY", help="its number, see /ops/ledger/")
        parser.add_argument("--reason", required=True, help="why; it is the reversal's note")
        as_user_add(parser)

    def handle(self, **options: Any) -> None:
        actor = acting_user(options["as_user"])
        try:
            request = reversal_ask(entry_id=options["entry"], reason=options["reason"], actor=actor)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Request {request.pk} waits for a second person: {request.words}")
