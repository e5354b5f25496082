"""Lists what is held on accounts, sets an amount apart for a coming entry, or lets it go."""

from argparse import ArgumentParser
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from fusion_project.events.clock import now
from fusion_project.text.formats import exact_text, plain_number
from treasury.models import BOOKS
from treasury.selectors.holds import hold_pending_list
from treasury.services.holds import hold_make, hold_release


class Command(BaseCommand):
    help = (
        "list shows what counts now. make sets an amount apart on an account with a floor: only "
        "the entry with the key KEY can take it, at most that much, and it lapses by itself. "
        "release lets it go; then that entry is refused. Each ends once. Holds move no money."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, help="what to do")
        listing = verbs.add_parser("list", help="what is held now, the first to lapse first")
        listing.add_argument("--book", required=True, choices=BOOKS)
        making = verbs.add_parser("make", help="set an amount apart")
        making.add_argument("--book", required=True, choices=BOOKS)
        making.add_argument("--account", required=True, metavar="CODE", help="one with a floor")
        making.add_argument("--amount", required=True, help="in the account's currency")
        making.add_argument("--for", required=True, dest="entry_key", metavar="KEY")
        making.add_argument("--hours", type=int, default=24, help="until it lapses (default 24)")
        making.add_argument("--reason", required=True, help="why")
        as_user_add(making)
        releasing = verbs.add_parser("release", help="let go of what is held")
        releasing.add_argument("hold", type=int, metavar="NUMBER")
        releasing.add_argument("--reason", required=True, help="why")
        as_user_add(releasing)

    def handle(self, *, verb: str, **options: Any) -> None:
        try:
            {"list": self._list, "make": self._make, "release": self._release}[verb](options)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _list(self, options: dict[str, Any]) -> None:
        for hold in hold_pending_list(book=options["book"]):
            self.stdout.write(
                f"{hold.pk}\t{plain_number(hold.amount)} {hold.account.currency_id}\t"
                f"{hold.account.code}\tfor {hold.entry_key}\tuntil {exact_text(hold.expires_at)}"
            )

    def _make(self, options: dict[str, Any]) -> None:
        actor = acting_user(options["as_user"])
        hold = hold_make(
            book=options["book"],
            account_code=options["account"],
            amount=_amount(options["amount"]),
            entry_key=options["entry_key"],
            expires_at=now() + timedelta(hours=options["hours"]),
            reason=options["reason"],
            actor=actor,
        )
        self.stdout.write(f"Hold {hold.pk} counts until {exact_text(hold.expires_at)}.")

    def _release(self, options: dict[str, Any]) -> None:
        actor = acting_user(options["as_user"])
        hold = hold_release(hold_id=options["hold"], reason=options["reason"], actor=actor)
        self.stdout.write(f"Hold {hold.pk} is let go.")


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise CommandError(f"{text!r} is no decimal number.") from None
