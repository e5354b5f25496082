"""Closes everything that is open on an account, or on all, and cancels entries there."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.management.naming import account_named
from execution.selectors.closing import close_outlook
from execution.services.closing import flatten_ask
from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError


class Command(BaseCommand):
    help = (
        "Cancel every entry and close every open position of ours on an account, or on all. One "
        "person is enough, and no switch stops it. Entries stay allowed: stop them first "
        "(manage.py switch) where nothing shall follow."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("account", metavar="LOGIN", help="login of the account, or all")
        parser.add_argument("--reason", required=True, help="why, for those who come after")
        parser.add_argument(
            "--with-foreign", action="store_true", help="close positions that are not ours too"
        )
        as_user_add(parser)

    def handle(self, **options: Any) -> None:
        everywhere = options["account"] == "all"
        account_id = None if everywhere else account_named(options["account"]).pk
        outlook = close_outlook(account_id)
        try:
            request = flatten_ask(
                account_id=account_id,
                reason=options["reason"],
                actor=acting_user(options["as_user"]),
                with_foreign=options["with_foreign"],
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        closing = outlook.ours + (outlook.foreign if options["with_foreign"] else 0)
        self.stdout.write(
            f"Asked: close {closing} open, cancel {outlook.entries} entries. "
            f"Life line: {request.trace_id}"
        )
        if outlook.foreign and not options["with_foreign"]:
            self.stdout.write(f"{outlook.foreign} open that are not ours stay: --with-foreign.")
