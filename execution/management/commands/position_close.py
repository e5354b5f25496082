"""Closes one open position by a person's word."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.management.naming import account_named
from execution.models import Position
from execution.services.closing import position_close_ask
from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from fusion_project.text.formats import plain_number


class Command(BaseCommand):
    help = (
        "Close one open position, or show what is open on the account where no ticket is named. "
        "One person is enough, and no switch stops it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("account", metavar="LOGIN", help="login of the account")
        parser.add_argument("ticket", type=int, nargs="?", help="the position's ticket")
        parser.add_argument("--reason", default="", help="why, for those who come after")
        parser.add_argument(
            "--with-foreign", action="store_true", help="what is not ours of it is meant too"
        )
        as_user_add(parser)

    def handle(self, **options: Any) -> None:
        account = account_named(options["account"])
        if options["ticket"] is None:
            self._show(account.pk)
            return
        try:
            request = position_close_ask(
                account_id=account.pk,
                position_ticket=options["ticket"],
                reason=options["reason"],
                actor=acting_user(options["as_user"]),
                with_foreign=options["with_foreign"],
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Asked: close {options['ticket']}. Life line: {request.trace_id}")

    def _show(self, account_id: int) -> None:
        rows = Position.objects.filter(account=account_id, closed_at=None).order_by("id")
        for one in rows:
            lots = plain_number(one.volume_open_lots)
            whose = "not ours" if one.is_foreign else "ours"
            if one.is_shared:
                whose = f"{plain_number(one.volume_foreign_lots)} of it not ours"
            told = f"{one.side}\t{lots}\t{one.instrument}\t{whose}"
            self.stdout.write(f"{one.position_ticket}\t{told}")
        if not rows:
            self.stdout.write("Nothing is open.")
