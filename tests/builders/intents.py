"""Intents on a chain and the transactions that carry them out, by the real services."""

import datetime as dt
from decimal import Decimal

from fusion_project.events.clock import now
from tests.builders.chain import (
    reading_of,
    seen,
)
from tests.builders.people import staff_make
from tests.builders.second_person import confirm
from tokens.chain.answers import Moved
from tokens.models import ChainIntent
from tokens.services.intents import intent_ask
from treasury.selectors.balances import account_balance

UNIT = 10**9
HOUR = dt.timedelta(hours=1)
BUYER = "0:" + "bb" * 32


def ask(kind: str = "burn", amount: str = "5", book: str = "live", **facts):
    told = {"other": BUYER if kind == "payout" else "", "deadline": now() + HOUR} | facts
    return intent_ask(
        token_code="DCT",
        book=book,
        kind=kind,
        amount=Decimal(amount),
        reason="vote 9",
        actor=f"user:{staff_make('ops').pk}",
        **told,
    )


def intended(kind: str = "burn", amount: str = "5", book: str = "live", **facts) -> ChainIntent:
    request = confirm(ask(kind, amount, book, **facts))
    assert request.state == "done", request.outcome
    return request.chain_intent


def done(intent: ChainIntent, **facts) -> Moved:
    """The transaction that carries it out."""
    way, other = {
        "burn": ("burn", ""),
        "mint": ("in", intent.binding.master),
        "payout": ("out", intent.other),
        "buyback": ("in", "0:" + "cc" * 32),
    }[intent.kind]
    told = {
        "transaction": f"{intent.pk:064x}",
        "lt": intent.pk,
        "at": now(),
        "kind": way,
        "units": int(intent.units),
        "other": other,
    } | facts
    return Moved(**told)


def reading_with(bound, supply: int, balance: int, *moved: Moved, **facts):
    """A reading of so many whole tokens, with these transactions."""
    since = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    return reading_of(bound, supply * UNIT, balance * UNIT, moved=moved, since=since, **facts)


def look(bound, supply: int, balance: int, *moved: Moved, **facts):
    """The binding after such a reading."""
    return seen(bound, reading_with(bound, supply, balance, *moved, **facts))


def lagging(bound):
    """Green, with an intent open that was seen by the reader and not yet done."""
    seen(bound)
    intended()
    return look(bound, 100, 90)


def dct(code: str, book: str = "live") -> Decimal:
    return account_balance(book=book, code=code)
