"""Lists conversions between currencies, asks a second person for one, or calls one off."""

from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from fusion_project.text.formats import exact_text, plain_number
from treasury.models import BOOKS, Conversion
from treasury.rules.prices import PRICE_HOURS_MAX
from treasury.selectors.prices import conversion_list
from treasury.services.conversions import conversion_ask, conversion_withdraw

LISTED_MAX = 50


class Command(BaseCommand):
    help = (
        "ask asks a second person (./manage.py second_person) to convert an amount of one account "
        "into another currency on another: of revenue (Assets:Revenue, Assets:Treasury), of pools "
        "or of what is retained. It is booked at the newest stored price, quote or closed bar, at "
        f"most {PRICE_HOURS_MAX} hours old; without one it waits, with an incident, and goes on "
        "by itself. withdraw calls a waiting one off. list shows them, the newest first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, help="what to do")
        listing = verbs.add_parser("list", help="conversions of a book, and what they wait for")
        asking = verbs.add_parser("ask", help="ask for one")
        for verb in (listing, asking):
            verb.add_argument("--book", required=True, choices=BOOKS)
        asking.add_argument("--from", required=True, dest="from_code", metavar="CODE")
        asking.add_argument("--to", required=True, dest="to_code", metavar="CODE")
        asking.add_argument("--currency", required=True, metavar="CCY", help="of --to")
        asking.add_argument("--amount", required=True, help="in the currency of --from")
        asking.add_argument("--reason", required=True, help="why")
        withdrawing = verbs.add_parser("withdraw", help="call one off that waits")
        withdrawing.add_argument("conversion", type=int, metavar="NUMBER")
        for verb in (asking, withdrawing):
            as_user_add(verb)

    def handle(self, *, verb: str, **options: Any) -> None:
        try:
            {"list": self._list, "ask": self._ask, "withdraw": self._withdraw}[verb](options)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _list(self, options: dict[str, Any]) -> None:
        for one in conversion_list(book=options["book"])[:LISTED_MAX]:
            self.stdout.write(_line(one))

    def _ask(self, options: dict[str, Any]) -> None:
        actor = acting_user(options["as_user"])
        try:
            amount = Decimal(options["amount"])
        except InvalidOperation:
            raise CommandError(f"{options['amount']!r} is no decimal number.") from None
        request = conversion_ask(
            book=options["book"],
            from_code=options["from_code"],
            to_code=options["to_code"],
            to_currency=options["currency"],
            amount=amount,
            reason=options["reason"],
            actor=actor,
        )
        self.stdout.write(f"Request {request.pk} waits for a second person: {request.words}")

    def _withdraw(self, options: dict[str, Any]) -> None:
        actor = acting_user(options["as_user"])
        one = conversion_withdraw(conversion_id=options["conversion"], actor=actor)
        self.stdout.write(f"Conversion {one.pk} is withdrawn.")


def _line(one: Conversion) -> str:
    amount = f"{plain_number(one.amount)} {one.source.currency_id}"
    became = one.waits_for or one.state
    if one.price is not None:
        told = f"{one.price}, {one.price.source}, {exact_text(one.price.priced_at)}"
        became = f"{plain_number(one.received)} {one.target.currency_id} at {told}"
    return f"{one.pk}\t{one.state}\t{amount}\t{one.source.code} > {one.target.code}\t{became}"
