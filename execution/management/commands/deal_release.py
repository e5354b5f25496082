"""The way out for deals that are held: a time that cannot be, or a number that is none of ours."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.management.account_option import account_named
from execution.selectors.deals import deals_held
from execution.services.resolving import deal_release
from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from fusion_project.text.formats import exact_text


class Command(BaseCommand):
    help = (
        "A held deal counts in no order, no position and no ledger, and the checks of its account "
        "stay red. Look at the broker, then let it count: with the time at which it happened, as "
        "the deal of an order, or as a trade that is none of ours; then later deals of its magic "
        "number are none either. What the executor tells anew, and right, needs no release. "
        "Without TICKET the command lists what is held."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ticket", nargs="?", type=int, metavar="TICKET", help="the deal's")
        parser.add_argument("--account", metavar="LOGIN", help="login of the account at its broker")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--at", metavar="TIME", help="when it was, such as 2026-03-02T12:00:00Z")
        what.add_argument("--order", type=int, metavar="ORDER", help="the order that it belongs to")
        what.add_argument("--foreign", action="store_true", help="somebody else's trade")
        parser.add_argument("--note", default="", help="what was found at the broker")
        as_user_add(parser)

    def handle(self, **options: Any) -> None:
        if options["ticket"] is None:
            self._list()
            return
        actor = acting_user(options["as_user"])
        if not options["account"] or not options["note"].strip():
            raise CommandError("Name --account, and say with --note what was found.")
        if not (options["at"] or options["order"] or options["foreign"]):
            raise CommandError("Say what it is: --at TIME, --order ORDER or --foreign.")
        try:
            deal = deal_release(
                account_id=account_named(options["account"]).id,
                ticket=options["ticket"],
                actor=actor,
                note=options["note"],
                at=_moment(options["at"]),
                order_id=options["order"],
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{deal} counts now.")

    def _list(self) -> None:
        held = deals_held()
        for deal in held:
            self.stdout.write(
                f"{deal.account.login}\t{deal}\t{deal.symbol}\tmagic {deal.magic}"
                f"\theld for its {deal.held_for}\ttold as {exact_text(deal.at)}"
            )
        if not held:
            self.stdout.write("No deal is held.")


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--at: {text!r} is no time such as 2026-03-02T12:00:00Z.") from error
    if moment.tzinfo is None:
        raise CommandError("--at: say where the time is from, such as Z for UTC.")
    return moment.astimezone(UTC)
