"""Makes a broker account: a paper one at once, a live one once a second person wants it too."""

from __future__ import annotations

from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.models import BrokerAccount
from execution.services.accounts import LIVE, account_ask, account_create
from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError


class Command(BaseCommand):
    help = (
        "Make an account as the broker knows it: server, login and currency must be what the "
        "terminal reports. A paper account is made at once; a live one waits for a second person "
        "(manage.py second_person). Then: executor_key, subscription, symbol maps."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="a name for people")
        parser.add_argument(
            "--book", choices=list(BrokerAccount.BOOKS), required=True, help="live takes two people"
        )
        parser.add_argument("--server", required=True, help="the broker's server name")
        parser.add_argument("--login", required=True, help="the account's number there")
        parser.add_argument("--currency", required=True, help="such as USD")
        parser.add_argument("--currency-digits", type=int, default=2, help="default: 2")
        parser.add_argument(
            "--margin-mode",
            choices=list(BrokerAccount.MARGIN_MODES),
            default="hedging",
            help="default: hedging",
        )
        parser.add_argument(
            "--order-lots-max",
            type=_lots,
            default=Decimal(10),
            metavar="LOTS",
            help="lots of one order (default: 10)",
        )
        parser.add_argument(
            "--open-lots-max",
            type=_lots,
            default=Decimal(50),
            metavar="LOTS",
            help="lots that may be open at once (default: 50)",
        )
        parser.add_argument(
            "--entries-per-minute-max",
            type=int,
            default=60,
            metavar="COUNT",
            help="entries staged within a minute (default: 60)",
        )
        parser.add_argument("--reason", default="", help="why; a live account needs one")
        as_user_add(parser)

    def handle(self, **options: Any) -> None:
        fields = {name: options[name] for name in _FIELDS}
        try:
            actor = acting_user(options["as_user"])
            if options["book"] == LIVE:
                asked = account_ask(reason=options["reason"], actor=actor, **fields)
                self.stdout.write(f"Request {asked.pk} waits for a second person: {asked.words}")
                return
            known = BrokerAccount.objects.filter(server=fields["server"], login=fields["login"])
            word = "stands already" if known.exists() else "is made"
            account = account_create(book=options["book"], actor=actor, **fields)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Account {account.name} ({account.login}) {word}.")


_FIELDS = (
    "name",
    "server",
    "login",
    "currency",
    "currency_digits",
    "margin_mode",
    "order_lots_max",
    "open_lots_max",
    "entries_per_minute_max",
)


def _lots(text: str) -> Decimal:
    try:
        lots = Decimal(text)
    except InvalidOperation as error:
        raise CommandError(f"{text!r} is not a number such as 0.10.") from error
    if not lots.is_finite() or lots <= 0:
        raise CommandError(f"{text} is not above 0.")
    return lots
