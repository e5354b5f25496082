"""Lists what is intended on a chain; asks for more, names its transaction, withdraws it."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from fusion_project.events.clock import now
from fusion_project.text.formats import plain_number, second_text
from tokens.models import ChainIntent
from tokens.rules.intents import KINDS, PENDING
from tokens.services.bindings import tokens_of
from tokens.services.intents import intent_ask, intent_tell, intent_withdraw
from tokens.services.playing import intent_play
from treasury.models import BOOKS

LISTED_MAX = 50


class Command(BaseCommand):
    help = (
        "What is to happen on a token's chain: asked here, confirmed by a second person "
        "(./manage.py second_person), then carried out by hand in a wallet until its deadline. "
        "The reader finds the transaction by itself; tell names its hash where several would fit. "
        "Only what was seen on the chain is booked. play carries one out on the loopback server "
        "of a paper book."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, help="what to do")
        listing = verbs.add_parser("list", help="what is open")
        listing.add_argument("--all", action="store_true", help="also what has ended")
        asking = verbs.add_parser("ask", help="ask a second person for a new one")
        asking.add_argument("kind", choices=KINDS, help="what is done")
        asking.add_argument("token", help="its code, such as DCT")
        asking.add_argument("amount", help="whole tokens; a buyback brings at least so many")
        asking.add_argument("--book", required=True, choices=BOOKS, help="whose ledger")
        asking.add_argument("--to", default="", metavar="ADDRESS", help="who gets a payout")
        asking.add_argument(
            "--from", dest="seller", default="", metavar="ADDRESS", help="who sells"
        )
        asking.add_argument(
            "--hours", type=int, default=24, help="until its deadline (default 24, at most 336)"
        )
        asking.add_argument("--reason", required=True, help="why")
        telling = verbs.add_parser("tell", help="name the transaction that did it")
        telling.add_argument("--transaction", required=True, metavar="HASH", help="64 hex digits")
        withdrawing = verbs.add_parser("withdraw", help="end one that nobody has carried out")
        withdrawing.add_argument("--reason", default="", help="why")
        playing = verbs.add_parser("play", help="carry one out on the loopback server")
        for one in (telling, withdrawing, playing):
            one.add_argument("number", type=int, help="the intent's number")
        for one in (asking, telling, withdrawing, playing):
            as_user_add(one)

    def handle(self, **options: Any) -> None:
        if options["verb"] == "list":
            self._list(everything=options["all"])
            return
        actor = acting_user(options["as_user"])
        try:
            getattr(self, f"_{options['verb']}")(actor, options)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _ask(self, actor: str, options: dict[str, Any]) -> None:
        try:
            amount = Decimal(options["amount"])
        except InvalidOperation:
            raise CommandError(f"{options['amount']!r} is no number") from None
        if not amount.is_finite():
            raise CommandError(f"{options['amount']!r} is no number")
        request = intent_ask(
            token_code=options["token"],
            book=options["book"],
            kind=options["kind"],
            amount=amount,
            other=options["to"] or options["seller"],
            deadline=now() + dt.timedelta(hours=options["hours"]),
            reason=options["reason"],
            actor=actor,
        )
        self.stdout.write(f"Request {request.pk} waits for a second person: {request.words}")

    def _tell(self, actor: str, options: dict[str, Any]) -> None:
        number = options["number"]
        intent_tell(intent_id=number, transaction_hash=options["transaction"], actor=actor)
        self.stdout.write(f"Intent {number} waits for that transaction.")

    def _withdraw(self, actor: str, options: dict[str, Any]) -> None:
        intent_withdraw(intent_id=options["number"], reason=options["reason"], actor=actor)
        self.stdout.write(f"Intent {options['number']} is withdrawn.")

    def _play(self, actor: str, options: dict[str, Any]) -> None:
        told = intent_play(intent_id=options["number"])
        self.stdout.write(f"Done on the loopback server, no chain: transaction {told}")

    def _list(self, *, everything: bool) -> None:
        rows = ChainIntent.objects.select_related("binding__token", "transaction").order_by("-id")
        found = list((rows if everything else rows.filter(state__in=PENDING))[:LISTED_MAX])
        for row in found:
            amount = plain_number(tokens_of(row.binding.token, int(row.units)))
            seen = row.transaction.sha256 if row.transaction else "not seen on the chain"
            self.stdout.write(
                f"{row.pk}\t{row.state}\t{row.kind} {amount} {row.binding.token.code}\t"
                f"{row.binding.book}\tuntil {second_text(row.deadline)} UTC\t{seen}"
                + (f"\t{row.other}" if row.other else "")
            )
        if not found:
            self.stdout.write("Nothing is intended on any chain.")
