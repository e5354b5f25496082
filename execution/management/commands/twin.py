"""Shows paper twins of live accounts, begins one, and ends it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.management.naming import account_named
from execution.selectors.twins import twins_open
from execution.services.twins import twin_begin, twin_end
from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError


class Command(BaseCommand):
    help = (
        "A paper twin follows the same strategies as its live account, with the same lots and "
        "sizes, so that what differs is how the broker carries orders out. twin_report compares."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, help="what to do")
        verbs.add_parser("list", help="which paper account is whose twin, and since when")
        beginning = verbs.add_parser("begin", help="the paper account becomes the twin")
        ending = verbs.add_parser("end", help="it goes its own way, following what it follows now")
        for one in (beginning, ending):
            one.add_argument("account", metavar="LOGIN", help="login of the paper account")
            as_user_add(one)
        beginning.add_argument("--of", required=True, metavar="LOGIN", help="the live account")

    def handle(self, **options: Any) -> None:
        try:
            if options["verb"] != "list":
                self._change(options)
        except DomainError as error:
            raise CommandError(str(error)) from error
        for twin in twins_open():
            since = f"since {twin.began_at:%Y-%m-%d %H:%M} UTC"
            self.stdout.write(f"{twin.account.login}\ttwin of {twin.live.login}\t{since}")

    def _change(self, options: dict[str, Any]) -> None:
        account, actor = account_named(options["account"]), acting_user(options["as_user"])
        if options["verb"] == "begin":
            live = account_named(options["of"])
            twin_begin(account_id=account.id, live_id=live.id, actor=actor)
        elif not twin_end(account_id=account.id, actor=actor):
            raise CommandError(f"Account {account.login} is no twin.")
