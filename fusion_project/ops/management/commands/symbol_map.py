"""Which broker symbol an instrument is on an account: listed, proposed, confirmed, withdrawn."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.management.naming import account_named
from execution.models import SymbolMap
from execution.services.symbols import symbol_map_confirm, symbol_map_propose, symbol_map_revoke
from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from fusion_project.text.formats import exact_text, plain_number
from signals.intents.symbols import SymbolUnreadable, instrument_of

_MAY = ("ops.confirm_symbol", "execution.view_symbolmap")
_DOES = {
    "list": "every map, or one account's, with what its executor told of the contract",
    "propose": "say that INSTRUMENT is SYMBOL there; what hello guessed gives way",
    "confirm": "show the contract, ask, and let entries go through the map",
    "withdraw": "take a confirmation back: no new entry goes through it, open positions close",
}


class Command(BaseCommand):
    help = (
        "Orders go to a broker only through a map that a person has confirmed: EURUSD of the "
        "chart is EURUSDm there. An executor's hello proposes maps; what it cannot guess is "
        "proposed here."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "what", choices=_DOES, help="; ".join(f"{name}: {does}" for name, does in _DOES.items())
        )
        parser.add_argument("instrument", nargs="?", metavar="INSTRUMENT", help="such as EURUSD")
        parser.add_argument("symbol", nargs="?", metavar="SYMBOL", help="the broker's name for it")
        parser.add_argument("--account", metavar="LOGIN", help="login of the account at its broker")
        as_user_add(parser)
        parser.add_argument("--yes", action="store_true", help="confirm without being asked")

    def handle(self, **options: Any) -> None:
        if options["what"] == "list":
            self._list(options["account"])
            return
        actor = acting_user(options["as_user"], *_MAY)
        if not options["account"] or not options["instrument"] or not options["symbol"]:
            raise CommandError("Name INSTRUMENT, SYMBOL and --account LOGIN.")
        try:
            self._change(actor, options)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _list(self, login: str | None) -> None:
        rows = SymbolMap.objects.select_related("account", "confirmation")
        if login is not None:
            rows = rows.filter(account=account_named(login))
        for row in rows.order_by("account_id", "instrument"):
            self.stdout.write(f"{row.account.login}\t{row}\t{_state(row)}\t{_contract(row)}")

    def _change(self, actor: str, options: dict[str, Any]) -> None:
        account = account_named(options["account"])
        instrument, symbol = _instrument(options["instrument"]), options["symbol"]
        if options["what"] == "propose":
            row = symbol_map_propose(
                account_id=account.id, instrument=instrument, broker_symbol=symbol, actor=actor
            )
            self.stdout.write(f"{row} is {_state(row)} on {account.name}: {_contract(row)}")
            return
        row = self._found(account.id, instrument, symbol)
        if options["what"] == "withdraw":
            symbol_map_revoke(symbol_map_id=row.id, actor=actor)
            self.stdout.write(f"{row} is withdrawn: no new entry goes through it.")
            return
        self._show_and_ask(row, is_sure=options["yes"])
        symbol_map_confirm(
            symbol_map_id=row.id, instrument=instrument, broker_symbol=symbol, actor=actor
        )
        self.stdout.write(f"{row} is confirmed on {account.name}.")

    def _found(self, account_id: int, instrument: str, symbol: str) -> SymbolMap:
        row = SymbolMap.objects.filter(
            account_id=account_id, instrument=instrument, broker_symbol=symbol
        ).first()
        if row is None:
            raise CommandError(
                f"{instrument} = {symbol} is not there: `symbol_map list` shows what is, "
                "`symbol_map propose` adds it."
            )
        return row

    def _show_and_ask(self, row: SymbolMap, *, is_sure: bool) -> None:
        if row.is_confirmed:
            raise CommandError(f"{row} is confirmed already.")
        if row.sheet_at is None:
            raise CommandError(
                f"The executor has not told yet what {row.broker_symbol} is: start it, then "
                "compare the contract."
            )
        self.stdout.write(f"{row} on {row.account.name}, {row.account.book.upper()}")
        for name, value in _sheet(row):
            self.stdout.write(f"  {name:<14}{value}")
        if is_sure:
            return
        if not sys.stdin.isatty():
            raise CommandError("Nobody is there to be asked; --yes confirms what is shown.")
        if input("Is that what the chart means? Type yes: ").strip() != "yes":
            raise CommandError("Nothing confirmed.")


def _instrument(text: str) -> str:
    try:
        return instrument_of(text)
    except SymbolUnreadable as error:
        raise CommandError(str(error)) from error


def _state(row: SymbolMap) -> str:
    return "confirmed" if row.is_confirmed else "proposed"


def _sheet(row: SymbolMap) -> list[tuple[str, str]]:
    return [
        ("contract size", plain_number(row.contract_size)),
        ("digits", str(row.digits)),
        ("tick", plain_number(row.tick_size)),
        ("tick value", f"{plain_number(row.tick_value)} {row.account.currency}"),
        ("lots", f"{plain_number(row.lot_min)} to {plain_number(row.lot_max)}"),
        ("lot step", plain_number(row.lot_step)),
        ("told at (UTC)", exact_text(row.sheet_at)),
    ]


def _contract(row: SymbolMap) -> str:
    if row.sheet_at is None:
        return "no contract sheet yet"
    return ", ".join(f"{name} {value}" for name, value in _sheet(row))
