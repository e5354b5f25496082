"""Lists what tokens are bound to, and asks a second person to bind one or to release it."""

from __future__ import annotations

from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from fusion_project.second_person.models import Request
from tokens.models import ChainBinding
from tokens.models.chain import TON, TON_TEST
from tokens.services.bindings import binding_ask, release_ask
from treasury.models import BOOKS

NODE = "https://toncenter.com/api/v2"
INDEX = "https://toncenter.com/api/v3"


class Command(BaseCommand):
    help = (
        "list shows what each token is bound to. ask asks a second person (./manage.py "
        "second_person) to bind a token of a book to a jetton: its master's address, the "
        "treasury's wallet, and how many whole tokens the chain holds now, in all and in that "
        "wallet; the ledger takes these over once the chain says the same. release asks for one "
        "that is frozen. Only jettons are bound; a live book reads the main network alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, help="what to do")
        verbs.add_parser("list", help="every binding")
        asking = verbs.add_parser("ask", help="ask a second person to bind a token")
        releasing = verbs.add_parser(
            "release", help="ask a second person to release what is frozen"
        )
        for one in (asking, releasing):
            one.add_argument("token", help="its code, such as DCT")
            one.add_argument("--book", required=True, choices=BOOKS, help="whose ledger")
            one.add_argument("--reason", required=True, help="why")
            as_user_add(one)
        asking.add_argument("--network", choices=(TON, TON_TEST), default=TON, help="which chain")
        asking.add_argument("--master", required=True, metavar="ADDRESS", help="the jetton")
        asking.add_argument("--owner", required=True, metavar="ADDRESS", help="our wallet")
        asking.add_argument("--supply", required=True, metavar="AMOUNT", help="tokens in all")
        asking.add_argument("--ours", required=True, metavar="AMOUNT", help="tokens in our wallet")
        asking.add_argument("--node", default=NODE, metavar="URL", help=f"API v2 ({NODE})")
        asking.add_argument("--index", default=INDEX, metavar="URL", help=f"API v3 ({INDEX})")

    def handle(self, **options: Any) -> None:
        if options["verb"] == "list":
            self._list()
            return
        try:
            request = self._ask(acting_user(options["as_user"]), options)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Request {request.pk} waits for a second person: {request.words}")

    def _ask(self, actor: str, options: dict[str, Any]) -> Request:
        shared = {"book": options["book"], "reason": options["reason"], "actor": actor}
        if options["verb"] == "release":
            return release_ask(token_code=options["token"], **shared)
        return binding_ask(
            token_code=options["token"],
            network=options["network"],
            node_url=options["node"],
            index_url=options["index"],
            master=options["master"],
            owner=options["owner"],
            opening=(_amount(options["supply"]), _amount(options["ours"])),
            **shared,
        )

    def _list(self) -> None:
        rows = ChainBinding.objects.select_related("token").order_by("book", "token__code")
        for row in rows:
            where = "loopback server, no chain" if row.is_loopback else row.network
            self.stdout.write(
                f"{row.token.code}\t{row.book}\t{where}\t{row.state.upper()}\tjetton {row.master}\t"
                f"wallet {row.owner}\t{row.node_url}\t{row.index_url}"
            )
        if not rows:
            self.stdout.write("No token is bound to a chain.")


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise CommandError(f"{text!r} is no number") from None
    if not amount.is_finite() or amount < 0:
        raise CommandError(f"{text!r}: expected an amount of at least 0")
    return amount
