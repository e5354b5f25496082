"""Runs the paper executor of a twin, at the prices that its live account's broker quotes."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from pathlib import Path
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.management.naming import account_named
from execution.models import Twin
from execution.paper.manners import MannersInvalid, manners_read
from execution.paper.process import HomeInUse, PaperAccount, run
from fusion_project.ops.selectors.live_market import LiveQuotes, live_symbols


class Command(BaseCommand):
    help = (
        "Trades the paper twin of a live account until it is stopped: it speaks the executor API "
        "as any executor, and fills at the quotes that the live executor tells."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("account", metavar="LOGIN", help="login of the paper account")
        parser.add_argument("--base-url", required=True, help="where the server is")
        parser.add_argument(
            "--key-file", required=True, type=Path, help="file that holds the executor key alone"
        )
        parser.add_argument(
            "--signing-key-file", type=Path, help="file that holds the signing key, where it signs"
        )
        parser.add_argument(
            "--home", required=True, type=Path, help="folder of its journal and its broker's books"
        )
        parser.add_argument(
            "--manners", default="", help="how its broker misbehaves, such as seed=7 (settings.md)"
        )

    def handle(self, **options: Any) -> None:
        account = account_named(options["account"])
        twin = Twin.objects.filter(account=account, ended_at=None).first()
        if twin is None:
            raise CommandError(f"Account {account.login} is no twin; ./manage.py twin begins one.")
        symbols = live_symbols(twin.live_id)
        if not symbols:
            raise CommandError("The live account has no confirmed symbol yet.")
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        try:
            run(
                base_url=options["base_url"],
                key=_key(options["key_file"]),
                signing_key=_key(options["signing_key_file"]),
                account=PaperAccount(
                    account.server, account.login, account.currency, account.margin_mode
                ),
                home=options["home"],
                quotes=LiveQuotes(twin.live_id),
                symbols=symbols,
                stop_event=stop,
                manners=manners_read(options["manners"]),
            )
        except (HomeInUse, MannersInvalid) as error:
            raise CommandError(str(error)) from error


def _key(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from error
