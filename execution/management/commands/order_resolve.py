"""A person's word on orders of which nobody knows what became of them."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.selectors.unresolved import orders_unresolved
from execution.services.orders import OUTCOMES
from execution.services.resolving import order_resolve
from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from fusion_project.text.formats import exact_text, plain_number


class Command(BaseCommand):
    help = (
        "An order is unknown where its executor fell silent, or where it was told as done and no "
        "deal came; one that is being cancelled is as good as unknown where its executor has "
        "forgotten it and the broker shows nothing. Look at the broker by its number, which is the "
        "magic number there, then say what became of it: cancelled or rejected where nothing "
        "happened, done where it did. A deal that comes later still counts. Without ORDER the "
        "command lists what is unknown."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("order", nargs="?", type=int, metavar="ORDER", help="its number")
        parser.add_argument("--outcome", choices=OUTCOMES, help="what became of it")
        parser.add_argument("--note", default="", help="what was found at the broker")
        as_user_add(parser)

    def handle(self, **options: Any) -> None:
        if options["order"] is None:
            self._list()
            return
        actor = acting_user(options["as_user"])
        if not options["outcome"] or not options["note"].strip():
            raise CommandError("Say --outcome, and with --note what was found at the broker.")
        try:
            order = order_resolve(
                order_id=options["order"],
                outcome=options["outcome"],
                note=options["note"],
                actor=actor,
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{order.id}\t{order}")

    def _list(self) -> None:
        rows = orders_unresolved().select_related("account")
        for order in rows:
            since = exact_text(order.state_at or order.leased_at)
            lots = f"{plain_number(order.filled_lots)} of {plain_number(order.volume_lots)} lots"
            stands = f"{lots} filled\t{order.state} since {since}"
            self.stdout.write(f"{order.id}\t{order.account.login}\t{order}\t{stands}")
        if not rows:
            self.stdout.write("No order is unknown.")
