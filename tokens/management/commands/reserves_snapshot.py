"""Takes the next epoch of a book's reserves."""

import json
from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from fusion_project.text.formats import plain_number
from tokens.services.reserves import reserves_snapshot
from treasury.models import BOOKS


class Command(BaseCommand):
    help = (
        "Take the next epoch of a book's reserves: what it owes to pools and holders as a tree for "
        "each unit, the ledger's assets, what its chains hold, all in one statement that is "
        "hashed, signed with SIGNING_KEY (said where there is none) and holds the hash of the "
        "epoch before. One is taken by itself each day. export_reserves writes them; the newest "
        "stands on the page /seal/."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--book", required=True, choices=BOOKS, help="books are never mixed")
        as_user_add(parser)

    def handle(self, *, book: str, as_user: str | None, **_: Any) -> None:
        try:
            taken = reserves_snapshot(book=book, actor=acting_user(as_user))
        except DomainError as error:
            raise CommandError(f"{error}.") from error
        signed = f"signed by {taken.public_key}" if taken.public_key else "NOT signed: no key"
        self.stdout.write(f"epoch {taken.epoch} of the {book} book, {signed}")
        for owed in json.loads(taken.statement)["owed"]:
            amount = plain_number(Decimal(owed["sum"]).scaleb(-owed["scale"]))
            self.stdout.write(f"  {amount} {owed['unit']} owed to {owed['leaves']}")
        self.stdout.write(f"head {taken.sha256}")
