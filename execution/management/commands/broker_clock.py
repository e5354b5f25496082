"""Which zone a broker's clock keeps, so that deals of other days are put into UTC for sure."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.management.account_option import account_named
from execution.models import BrokerAccount
from execution.services.accounts import account_clock_set
from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError


class Command(BaseCommand):
    help = (
        "A terminal knows today's offset alone: a deal of last week, told after a change of "
        "clocks, would be an hour off. Name the zone of the broker's server, such as "
        "Europe/Athens, or one and the hours that it is ahead of it: 'America/New_York +7 h'. "
        "Without --account the command shows every account's."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("zone", nargs="?", help="the zone; an empty one: it is not known")
        parser.add_argument("--account", metavar="LOGIN", help="login of the account at its broker")
        as_user_add(parser)

    def handle(self, **options: Any) -> None:
        if options["account"] is not None:
            actor = acting_user(options["as_user"])
            if options["zone"] is None:
                raise CommandError("Name the zone of the broker's clock.")
            account = account_named(options["account"])
            try:
                account_clock_set(account_id=account.id, zone=options["zone"], actor=actor)
            except DomainError as error:
                raise CommandError(str(error)) from error
        elif options["zone"] is not None:
            raise CommandError("Name the account with --account LOGIN.")
        for account in BrokerAccount.objects.order_by("id"):
            zone = account.broker_zone or "not known"
            self.stdout.write(f"{account.login}\t{account.name}\t{zone}")
