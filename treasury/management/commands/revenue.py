"""Streams of revenue beside trading: lists and opens them, asks to book what came in."""

from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from fusion_project.text.formats import plain_number
from treasury.models import BOOKS, RevenueStream
from treasury.selectors.balances import account_balance
from treasury.selectors.distributions import revenue_account
from treasury.services.revenue import revenue_ask, stream_open


class Command(BaseCommand):
    help = (
        "open makes a stream, such as Subscriptions; bind it to a policy (./manage.py policy). "
        "record asks a second person to book a payment that came in; its reference counts once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, help="what to do")
        listing = verbs.add_parser("list", help="streams and what they have brought")
        opening = verbs.add_parser("open", help="a further stream")
        opening.add_argument("--currency", required=True, metavar="CODE", help="such as USD")
        opening.add_argument("--digits", type=int, default=2, help="of its coin (default 2)")
        recording = verbs.add_parser("record", help="ask to book a payment")
        recording.add_argument("--amount", required=True, help="in the stream's currency")
        recording.add_argument("--reference", required=True, metavar="REF", help="of the payment")
        recording.add_argument("--reason", required=True, help="why")
        for verb in (listing, opening, recording):
            verb.add_argument("--book", required=True, choices=BOOKS, help="of which book")
        for verb in (opening, recording):
            verb.add_argument("name", metavar="NAME", help="the stream's name")
            as_user_add(verb)

    def handle(self, *, verb: str, **options: Any) -> None:
        try:
            {"list": self._list, "open": self._open, "record": self._record}[verb](options)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _list(self, options: dict[str, Any]) -> None:
        for one in RevenueStream.objects.filter(book=options["book"]).order_by("name"):
            sum_in = -account_balance(book=one.book, code=revenue_account(one))
            self.stdout.write(f"{one.name}\t{plain_number(sum_in)} {one.currency_id}")

    def _open(self, options: dict[str, Any]) -> None:
        stream = stream_open(
            book=options["book"],
            name=options["name"],
            currency=options["currency"],
            digits=options["digits"],
            actor=acting_user(options["as_user"]),
        )
        self.stdout.write(f"{stream.name} is open; it is under the house's policy.")

    def _record(self, options: dict[str, Any]) -> None:
        actor = acting_user(options["as_user"])
        stream = RevenueStream.objects.filter(book=options["book"], name=options["name"]).first()
        if stream is None:
            raise CommandError(f"no stream {options['name']!r} in the {options['book']} book")
        try:
            amount = Decimal(options["amount"])
        except InvalidOperation:
            raise CommandError(f"{options['amount']!r} is no decimal number.") from None
        request = revenue_ask(
            stream=stream,
            amount=amount,
            reference=options["reference"],
            reason=options["reason"],
            actor=actor,
        )
        self.stdout.write(f"Request {request.pk} waits for a second person: {request.words}")
