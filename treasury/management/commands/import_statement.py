"""Compares a broker's statement with our deals, ticket by ticket."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.models import BrokerAccount
from fusion_project.admin.acting import acting_user, as_user_add
from treasury.rules.statements import COLUMNS
from treasury.services.statements import StatementRefused, statement_import

LISTED_MAX = 50


class Command(BaseCommand):
    help = (
        "Compare a broker's statement of deals with ours. CSV in UTF-8 with the columns "
        f"{','.join(COLUMNS)}; times by the broker's clock. A file that is not understood to its "
        "last digit, is of another account, or names a deal that is not here, changes nothing and "
        "is answered by line number. What differs is kept, listed, and an incident. Exit code 1 "
        "when something differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="the statement as CSV")
        parser.add_argument("--account", required=True, metavar="NAME", help="the account's name")
        as_user_add(parser)

    def handle(self, *, file: Path, **options: Any) -> None:
        actor = acting_user(options["as_user"])
        account = BrokerAccount.objects.filter(name=options["account"]).first()
        if account is None:
            raise CommandError(f"There is no account named {options['account']!r}.")
        try:
            raw = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from error
        try:
            statement = statement_import(account=account, name=file.name, raw=raw, actor=actor)
        except StatementRefused as refusal:
            lines = "\n".join(f"  {fault}" for fault in refusal.faults)
            raise CommandError(f"Nothing was imported.\n{lines}") from refusal
        for one in statement.differences.order_by("ticket", "column")[:LISTED_MAX]:
            self.stdout.write(f"deal {one.ticket}\t{one.column}\there {one.ours}\t{one.theirs}")
        if statement.differing:
            raise CommandError(f"{statement.differing} deals differ", returncode=1)
        self.stdout.write(f"{statement.deals} deals, all the same")
