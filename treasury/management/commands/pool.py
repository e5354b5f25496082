"""Lists what is set aside for whom, and asks a second person to book a payment out of it."""

from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.models import BrokerAccount
from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from fusion_project.text.formats import plain_number
from treasury.models import BOOKS, RevenueStream
from treasury.selectors.policies import Source
from treasury.selectors.pools import pool_list
from treasury.services.pool_paying import pool_pay_ask


class Command(BaseCommand):
    help = (
        "list shows what distributions have set aside. pay asks a second person (./manage.py "
        "second_person) to book money that was withdrawn from an account, or taken from a stream's "
        "revenue, as paid out of a pool; never more than the pool holds. A purchase of tokens is "
        "paid so too: name its intent in the reason."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, help="what to do")
        listing = verbs.add_parser("list", help="what is set aside, and what of it is held")
        paying = verbs.add_parser("pay", help="ask to book a payment")
        for verb in (listing, paying):
            verb.add_argument("--book", required=True, choices=BOOKS, help="of which book")
        paying.add_argument("pool", metavar="CODE", help="as list shows it")
        whose = paying.add_mutually_exclusive_group(required=True)
        whose.add_argument("--account", metavar="NAME", help="from which it was withdrawn")
        whose.add_argument("--stream", metavar="NAME", help="whose revenue it was")
        paying.add_argument("--amount", required=True, help="in the pool's currency")
        paying.add_argument("--reason", required=True, help="to whom, and what shows it")
        as_user_add(paying)

    def handle(self, *, verb: str, **options: Any) -> None:
        try:
            {"list": self._list, "pay": self._pay}[verb](options)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _list(self, options: dict[str, Any]) -> None:
        rows = pool_list(book=options["book"])
        for one in rows:
            held = f"\t{plain_number(one.held)} held" if one.held else ""
            self.stdout.write(f"{one.code}\t{plain_number(one.amount)} {one.currency}{held}")
        if not rows:
            self.stdout.write("Nothing was ever set aside in this book.")

    def _pay(self, options: dict[str, Any]) -> None:
        try:
            amount = Decimal(options["amount"])
        except InvalidOperation:
            raise CommandError(f"{options['amount']!r} is no decimal number.") from None
        request = pool_pay_ask(
            pool=options["pool"],
            source=_source(options),
            amount=amount,
            reason=options["reason"],
            actor=acting_user(options["as_user"]),
        )
        self.stdout.write(f"Request {request.pk} waits for a second person: {request.words}")


def _source(options: dict[str, Any]) -> Source:
    name, book = options["account"] or options["stream"], options["book"]
    source: Source | None = RevenueStream.objects.filter(book=book, name=name).first()
    if options["account"]:
        source = BrokerAccount.objects.filter(book=book, name=name).first()
    if source is None:
        raise CommandError(f"There is nothing named {name!r} in the {book} book.")
    return source
