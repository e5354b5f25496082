"""Lists money on its way to accounts, and asks a second person to book it as paid in or out."""

from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.models import BrokerAccount
from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from treasury.selectors.transit import transit_items
from treasury.services.transit import clearing_ask


class Command(BaseCommand):
    help = (
        "Without an amount: list what came to an account, or went, and nobody has answered for. "
        "With one: ask for it to be booked as paid in (below zero: paid out); it is once a second "
        "person confirms (./manage.py second_person). The reason says by which bank or chain."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", required=True, metavar="NAME", help="the account's name")
        parser.add_argument("--amount", metavar="AMOUNT", help="such as 5000 or -250.50")
        parser.add_argument("--reason", default="", help="bank statement or transaction hash")
        as_user_add(parser)

    def handle(self, **options: Any) -> None:
        account = BrokerAccount.objects.filter(name=options["account"]).first()
        if account is None:
            raise CommandError(f"There is no account named {options['account']!r}.")
        if options["amount"] is None:
            self._listed(account)
            return
        actor = acting_user(options["as_user"])
        try:
            amount = Decimal(options["amount"])
            request = clearing_ask(
                account=account, amount=amount, reason=options["reason"], actor=actor
            )
        except InvalidOperation as error:
            raise CommandError(f"{options['amount']!r} is no amount.") from error
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Request {request.pk} waits for a second person: {request.words}")

    def _listed(self, account: BrokerAccount) -> None:
        items = transit_items(account=account)
        for one in items:
            self.stdout.write(
                f"entry {one.entry_id}\t{one.at:%Y-%m-%d}\t{-one.amount:f} {account.currency}"
            )
        if not items:
            self.stdout.write("Nothing is on its way.")
