"""Many posters at once: no deadlock, no lost amount, no second entry."""

import threading
from decimal import Decimal

import pytest
from django.db import transaction

from execution.models import Deal
from fusion_project.events.models import Event
from tests.builders.treasury import (
    broker_account_make,
    deal_make,
    entry_taken_back,
    ledger_accounts_make,
)
from tests.factories.treasury import draft_of, transfer
from tests.threads import until_somebody_waits
from treasury.errors import EntryKeyReused, FloorBreached
from treasury.models import Balance, DealPosting, Entry
from treasury.rules.accounts import broker_cash
from treasury.rules.drafts import PostedEntry
from treasury.selectors.balances import account_balance, ledger_is_balanced
from treasury.services.deals import deals_post
from treasury.services.ledger import post

pytestmark = pytest.mark.usefixtures("committed_db")

THREADS = 8


def test_parallel_posts_on_the_same_limited_accounts_never_deadlock(in_threads):
    codes = [f"Assets:Hot{n}" for n in range(4)]
    ledger_accounts_make(*codes, floor=Decimal(-(10**6)))

    def work(number: int) -> int:
        for step in range(10):
            # Each thread names the accounts in another order; locks are taken in one.
            a, b = codes[(number + step) % 4], codes[(number + 3 * step + 1) % 4]
            if a != b:
                post(drafts=[draft_of(f"{number}:{step}", (a, "USD", "1"), (b, "USD", "-1"))])
        return number

    assert in_threads(THREADS, work) == list(range(THREADS))
    kept = dict(Balance.objects.values_list("account__code", "amount"))
    assert kept == {code: account_balance(book="paper", code=code) for code in kept}
    assert sum(kept.values()) == 0
    assert ledger_is_balanced()


def test_the_same_key_in_parallel_is_one_entry(in_threads):
    ledger_accounts_make("Assets:Alpha", "Income:Beta")
    results = in_threads(THREADS, lambda _: post(drafts=[transfer("k")])[0])
    assert all(isinstance(one, PostedEntry) for one in results), results
    assert len({one.id for one in results}) == 1
    assert sum(one.created for one in results) == 1
    assert Event.objects.filter(name="entry.posted").count() == 1


def test_the_same_key_with_other_amounts_in_parallel_has_one_winner(in_threads):
    ledger_accounts_make("Assets:Alpha", "Income:Beta")
    results = in_threads(THREADS, lambda n: post(drafts=[transfer("k", str(n + 1))])[0])
    won = [one for one in results if isinstance(one, PostedEntry)]
    assert len(won) == 1
    assert sum(isinstance(one, EntryKeyReused) for one in results) == THREADS - 1
    assert account_balance(book="paper", code="Assets:Alpha") == results.index(won[0]) + 1


def test_overlapping_batches_in_opposite_order_never_deadlock(in_threads):
    ledger_accounts_make("Assets:Alpha", "Income:Beta", floor=Decimal(-(10**6)))
    keys = [f"k{n:02}" for n in range(20)]

    def work(number: int) -> list[PostedEntry]:
        order = keys if number % 2 else keys[::-1]
        return post(drafts=[transfer(key) for key in order])

    results = in_threads(THREADS, work)
    assert all(isinstance(one, list) for one in results), results
    assert Entry.objects.count() == len(keys)
    assert Balance.objects.get(account__code="Assets:Alpha").amount == 5 * len(keys)


def test_keys_are_locked_in_order_so_a_later_key_is_free_while_an_earlier_one_waits(in_threads):
    ledger_accounts_make("Assets:Alpha", "Income:Beta")
    first_is_in = threading.Event()

    def work(number: int) -> list[PostedEntry]:
        if number == 1:
            first_is_in.wait(10)
            return post(drafts=[transfer("z"), transfer("a"), transfer("m")])
        with transaction.atomic():
            post(drafts=[transfer("m")])
            first_is_in.set()
            until_somebody_waits()
            return post(drafts=[transfer("z")])

    results = in_threads(2, work)
    assert all(isinstance(one, list) for one in results), results
    assert Entry.objects.count() == 3


def test_of_two_takers_only_what_the_floor_allows_gets_through(in_threads):
    ledger_accounts_make("Assets:Alpha", floor=Decimal(0))
    ledger_accounts_make("Income:Beta")
    post(drafts=[transfer("in", "10")])
    results = in_threads(THREADS, lambda n: post(drafts=[transfer(f"out{n}", "-4")])[0])
    assert sum(isinstance(one, PostedEntry) for one in results) == 2
    assert sum(isinstance(one, FloorBreached) for one in results) == THREADS - 2
    assert Balance.objects.get(account__code="Assets:Alpha").amount == 2


def test_an_entry_is_reversed_once_however_many_ask(in_threads):
    ledger_accounts_make("Assets:Alpha", "Income:Beta")
    posted = post(drafts=[transfer("k")])[0]
    results = in_threads(THREADS, lambda n: entry_taken_back(posted.id, reason=f"by {n}"))
    assert sum(isinstance(one, PostedEntry) for one in results) == 1
    assert account_balance(book="paper", code="Assets:Alpha") == 0


def test_revisions_of_one_deal_handled_in_parallel_end_at_the_last(in_threads):
    account = broker_account_make()
    revisions = [
        deal_make(account, ticket=7, revision=n, profit=Decimal(n), commission=Decimal(0))
        for n in range(1, THREADS + 1)
    ]
    results = in_threads(THREADS, lambda n: deals_post(deal_ids=[revisions[n].pk]))
    assert results == [None] * THREADS
    code = broker_cash(account.server, account.login)
    assert account_balance(book="paper", code=code) == THREADS


def test_overlapping_batches_of_deals_post_each_once(in_threads):
    account = broker_account_make()
    deals = [deal_make(account) for _ in range(24)]

    def work(number: int) -> None:
        mine = deals[number * 2 : number * 2 + 10]
        deals_post(deal_ids=[deal.pk for deal in (mine if number % 2 else mine[::-1])])

    assert in_threads(THREADS, work) == [None] * THREADS
    assert DealPosting.objects.filter(state="posted").count() == 24
    assert Entry.objects.count() == 24
    total = sum(deal.profit + deal.commission for deal in Deal.objects.all())
    code = broker_cash(account.server, account.login)
    assert account_balance(book="paper", code=code) == total
