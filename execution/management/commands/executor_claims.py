"""Lists what executors told that nobody believes yet, and takes a person's word that it is true."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.management.naming import account_named
from execution.models import BrokerAccount
from execution.selectors.doubts import doubt_list
from execution.services.doubts import equity_confirm, sheet_confirm
from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError


class Command(BaseCommand):
    help = (
        "An equity that jumps up, or a contract that changes, may be the executor's error or a "
        "lie: entries stop until somebody has compared it with the broker. `list` shows what is "
        "doubted; `confirm` takes it for true, as it was shown."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=("list", "confirm"), help="what to do")
        parser.add_argument("--account", metavar="LOGIN", help="login of the account")
        parser.add_argument("--symbol", help="the broker's symbol; without it the equity is meant")
        parser.add_argument("--shown", default="", help="the doubt as `list` shows it")
        parser.add_argument("--note", default="", help="what was compared, and with what")
        as_user_add(parser)

    def handle(self, **options: Any) -> None:
        if options["action"] == "confirm":
            self._confirm(options)
        for one in doubt_list():
            symbol = one.symbol.broker_symbol if one.symbol else "equity"
            self.stdout.write(f"{one.account.login}\t{symbol}\t{one.words}")

    def _confirm(self, options: dict[str, Any]) -> None:
        if not options["account"] or not options["note"].strip() or not options["shown"]:
            raise CommandError("Name --account, the doubt as --shown, and a --note.")
        account = account_named(options["account"])
        said = {
            "doubt": options["shown"],
            "actor": acting_user(options["as_user"]),
            "note": options["note"].strip()[:200],
        }
        try:
            if options["symbol"]:
                sheet_confirm(symbol_map_id=_symbol_map_id(account, options["symbol"]), **said)
            else:
                equity_confirm(account_id=account.id, **said)
        except DomainError as error:
            raise CommandError(str(error)) from error


def _symbol_map_id(account: BrokerAccount, broker_symbol: str) -> int:
    row = account.symbols.filter(broker_symbol=broker_symbol).first()
    if row is None:
        raise CommandError(f"The account has no symbol {broker_symbol!r}.")
    return int(row.id)
