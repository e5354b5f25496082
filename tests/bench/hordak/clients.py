"""Hordak's side of `make bench-ledger`: one `transfer_to` between two accounts a turn.

Runs in hordak's own environment, which has nothing of ours but the standard library's `turns.py`.
"""

import random
from importlib import import_module
from typing import Any

from tests.bench.turns import Work, serve

ACCOUNTS = 64


def seed() -> int:
    """Its tables, and accounts to move money between."""
    import_module("django.core.management").call_command("migrate", verbosity=0)
    account = import_module("hordak.models").Account
    for number in range(ACCOUNTS):
        account.objects.create(
            name=f"Account {number}",
            code=f"{number:03d}",
            type=account.TYPES.asset,
            currencies=["USD"],
        )
    return int(account.objects.count())


def transferring(number: int) -> Work:
    """A transaction with two legs, in a database transaction of its own."""
    money, account = import_module("moneyed").Money, import_module("hordak.models").Account
    connection: Any = import_module("django.db").connection
    accounts, chance = list(account.objects.order_by("id")), random.Random(number)
    connection.ensure_connection()

    def work() -> int:
        giver, taker = chance.sample(accounts, 2)
        giver.transfer_to(taker, money("12.50", "USD"))
        return 1

    return work


if __name__ == "__main__":
    import_module("django").setup()
    leave = import_module("django.db").connections.close_all
    serve({"transfer": transferring}, once={"seed": seed}, leave=leave)
