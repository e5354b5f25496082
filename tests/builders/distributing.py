"""Accounts that earn, are told and are sealed, for what is paid."""

import threading
from decimal import Decimal

from execution.models import BrokerAccount, Deal
from fusion_project.events.clock import now
from fusion_project.second_person.models import Request
from tests.builders.people import staff_make
from tests.builders.seals import seal_all
from tests.builders.second_person import confirm
from tests.builders.treasury import broker_account_make, deal_make
from treasury.models import Entry
from treasury.rules.accounts import broker_cash
from treasury.selectors.balances import account_balance
from treasury.selectors.distributions import sealed_cutoff
from treasury.services.control import account_check
from treasury.services.deals import deals_post
from treasury.services.distributing import distribution_propose
from treasury.services.policies import bind_ask

PERIOD = "2026-01"


def person_make() -> str:
    return f"user:{staff_make('ops').pk}"


def earned(account: BrokerAccount, amount: str, **facts: object) -> Deal:
    """A closing deal that brought this much, posted."""
    deal = deal_make(account, profit=Decimal(amount), commission=Decimal(0), **facts)
    deals_post(deal_ids=[deal.pk])
    return deal


def restated(deal: Deal, amount: str) -> Deal:
    """The same ticket with another profit, posted."""
    return earned(deal.account, amount, ticket=deal.ticket, revision=deal.revision + 1)


def moved(account: BrokerAccount, amount: str) -> Deal:
    """A deposit, or below zero a withdrawal, posted."""
    return earned(account, amount, kind="balance", entry="", position_ticket=0)


def told(account: BrokerAccount, *, floating: str = "0") -> None:
    """A heartbeat that agrees with the ledger, compared with it."""
    newest = Deal.objects.filter(account=account).order_by("-time_msc", "-ticket").first()
    balance = account_balance(book=account.book, code=broker_cash(account.server, account.login))
    BrokerAccount.objects.filter(id=account.pk).update(
        balance=balance,
        equity=balance + Decimal(floating),
        floating=Decimal(floating),
        heartbeat_at=now(),
        watermark_time_msc=newest.time_msc if newest else 0,
        watermark_ticket=newest.ticket if newest else 0,
    )
    account_check(account_id=account.pk)


def sealed() -> None:
    """Until all entries are sealed; a sealer waits for older transactions of the whole server."""
    pause = threading.Event()
    for _ in range(1_500):
        seal_all()
        books = Entry.objects.order_by("book").values_list("book", flat=True).distinct()
        newest = {book: Entry.objects.filter(book=book).latest("id") for book in books}
        if all(sealed_cutoff(book=book) == entry for book, entry in newest.items()):
            return
        pause.wait(0.02)
    raise AssertionError("some transaction stayed open")


def account_earning(amount: str = "100", **facts: object) -> BrokerAccount:
    """A paper account with a result of `amount`, told and sealed."""
    account = broker_account_make(**facts)
    moved(account, "1000")
    earned(account, amount)
    told(account)
    sealed()
    return account


def bound(account: BrokerAccount, policy: str) -> None:
    """Brought under the policy by two people."""
    request = confirm(
        bind_ask(
            policy_code=policy,
            source=account.name,
            book=account.book,
            reason="test",
            actor=person_make(),
        )
    )
    assert request.state == "done", request.outcome


def proposed(policy: str = "house", period: str = PERIOD) -> Request:
    return distribution_propose(
        book="paper", policy_code=policy, period=period, reason="month", actor=person_make()
    )


def distributed(policy: str = "house", period: str = PERIOD) -> Entry:
    """Proposed, confirmed and made."""
    request = confirm(proposed(policy, period))
    assert request.state == "done", request.outcome
    return request.distribution.entry
