"""Deals → entries through the handler: any order, restated, quarantined, and never lost."""

import random
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from execution.models import BrokerAccount, Deal
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.models import Event, Handling
from fusion_project.incidents.models import Incident
from tests.builders.execution import account_set
from tests.builders.treasury import broker_account_make, deal_make, deposit_make
from treasury.models import DealPosting, Entry, LedgerAccount
from treasury.rules import posting as posting_rules
from treasury.rules import states
from treasury.rules.accounts import broker_cash
from treasury.selectors.balances import (
    account_balance,
    ledger_is_balanced,
    trial_balance,
)
from treasury.services.deals import deals_post, deals_post_again

pytestmark = pytest.mark.django_db


def cash(account: BrokerAccount) -> Decimal:
    return account_balance(book=account.book, code=broker_cash(account.server, account.login))


def post_all(run_handlers) -> None:
    run_handlers.only("treasury.post_deals")
    assert not Handling.objects.filter(handler="treasury.post_deals", done_at=None).exists()


def test_a_deposit_and_a_closed_trade_become_entries(run_handlers):
    account = broker_account_make()
    deposit_make(account)
    opening = deal_make(account, entry="in", profit=Decimal(0), commission=Decimal("-0.35"))
    closing = deal_make(account, swap=Decimal("-1.10"), commission=Decimal("-0.35"))
    post_all(run_handlers)
    assert cash(account) == Decimal("10010.70")
    key = f"mt5:{account.server}:{account.login}:deal:{closing.ticket}:1"
    entry = Entry.objects.get(idem_key=key)
    assert (entry.kind, entry.book, entry.source) == (
        "deal",
        "paper",
        f"execution.deal:{closing.pk}",
    )
    assert entry.trace_id == closing.trace_id
    assert DealPosting.objects.get(deal=opening).state == states.POSTED
    assert sum(row.balance for row in trial_balance(book="paper")) == 0


def test_entries_and_their_events_stand_on_the_deals_trace(run_handlers):
    account = broker_account_make()
    deal = deal_make(account, trace_id="ab" * 16)
    post_all(run_handlers)
    event = Event.objects.get(name=names.ENTRY_POSTED)
    assert event.trace_id == "ab" * 16
    assert event.actor == "handler:treasury.post_deals"
    assert '"kind":"deal"' in event.detail
    assert deal.treasury_posting.entry_id == int(event.subject.rpartition(":")[2])


def test_a_batch_of_deals_is_posted_in_one_call(run_handlers, django_assert_max_num_queries):
    account = broker_account_make()
    deals = [deal_make(account) for _ in range(50)]
    with django_assert_max_num_queries(20):
        deals_post(deal_ids=[deal.pk for deal in deals])
    assert Entry.objects.count() == 50


def test_a_deal_posted_twice_is_one_entry(run_handlers):
    account = broker_account_make()
    deal = deal_make(account)
    post_all(run_handlers)
    deals_post(deal_ids=[deal.pk])
    assert Entry.objects.count() == 1
    assert Event.objects.filter(name=names.ENTRY_POSTED).count() == 1


def test_a_deal_without_money_is_a_recorded_nothing(run_handlers):
    account = broker_account_make()
    deal = deal_make(account, entry="in", profit=Decimal(0), commission=Decimal(0))
    post_all(run_handlers)
    posting = DealPosting.objects.get(deal=deal)
    assert (posting.state, posting.entry) == (states.NOTHING, None)
    assert posting.reason
    assert not Incident.objects.exists()


def test_an_unknown_deal_is_quarantined_with_an_incident_and_the_others_flow_on(run_handlers):
    account = broker_account_make()
    odd = deal_make(account, kind="unknown", entry="")
    good = deal_make(account)
    post_all(run_handlers)
    assert DealPosting.objects.get(deal=odd).state == states.QUARANTINED
    assert DealPosting.objects.get(deal=good).state == states.POSTED
    incident = Incident.objects.get()
    assert (incident.kind, incident.subject) == ("deal.quarantined", f"execution.deal:{odd.pk}")


def test_a_deal_that_the_ledger_refuses_is_quarantined_alone(run_handlers):
    account = broker_account_make(currency="USD")
    deal_make(account)
    post_all(run_handlers)
    account_set(account, currency="EUR")
    other = broker_account_make()
    odd, good = deal_make(account), deal_make(other)
    post_all(run_handlers)
    posting = DealPosting.objects.get(deal=odd)
    assert posting.state == states.QUARANTINED
    assert "AccountMismatch" in posting.reason
    assert DealPosting.objects.get(deal=good).state == states.POSTED
    assert Incident.objects.filter(subject=f"execution.deal:{odd.pk}", closed_at=None).exists()


def test_digits_beyond_the_currency_are_quarantined_not_rounded(run_handlers):
    account = broker_account_make()
    deal = deal_make(account, swap=Decimal("-0.000000001"))
    post_all(run_handlers)
    assert DealPosting.objects.get(deal=deal).state == states.QUARANTINED
    assert cash(account) == 0


def test_a_quarantined_deal_is_posted_once_there_is_a_rule(run_handlers, monkeypatch):
    account = broker_account_make()
    deal = deal_make(account)
    rule = posting_rules._counter_accounts
    monkeypatch.setattr(posting_rules, "_counter_accounts", lambda _: None)
    post_all(run_handlers)
    assert DealPosting.objects.get(deal=deal).state == states.QUARANTINED
    monkeypatch.setattr(posting_rules, "_counter_accounts", rule)
    assert deals_post_again() == 0
    posting = DealPosting.objects.get(deal=deal)
    assert posting.state == states.POSTED
    assert Entry.objects.get(deal_posting=posting).source == f"execution.deal:{deal.pk}"
    assert not Incident.objects.filter(closed_at=None).exists()


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
def test_a_restated_deal_ends_at_its_last_revision_whatever_came_first(run_handlers, order):
    account = broker_account_make()
    profits = {1: Decimal("10"), 2: Decimal("-4"), 3: Decimal("7.77")}
    for revision in order:
        deal_make(
            account,
            ticket=777,
            revision=revision,
            profit=profits[revision],
            commission=Decimal(0),
        )
        post_all(run_handlers)
    assert cash(account) == Decimal("7.77")
    assert Entry.objects.exclude(reverses=None).count() == 2
    standing = Entry.objects.filter(reverses=None, reversed_by=None).get()
    assert standing.idem_key.endswith(":deal:777:3")
    assert ledger_is_balanced()


def test_all_revisions_in_one_batch_give_the_same(run_handlers):
    account = broker_account_make()
    for revision, profit in ((1, "10"), (2, "-4"), (3, "7.77")):
        deal_make(
            account, ticket=777, revision=revision, profit=Decimal(profit), commission=Decimal(0)
        )
    post_all(run_handlers)
    assert cash(account) == Decimal("7.77")


def test_the_same_ticket_on_two_accounts_is_two_deals(run_handlers):
    one, other = broker_account_make(), broker_account_make()
    for account in (one, other):
        deal_make(account, ticket=42)
    post_all(run_handlers)
    assert cash(one) == cash(other) == Decimal("11.80")


def test_paper_and_live_accounts_post_into_their_own_books(run_handlers):
    paper, live = broker_account_make(), broker_account_make(book="live")
    deal_make(paper)
    deal_make(live, profit=Decimal(99))
    post_all(run_handlers)
    assert {row.balance for row in trial_balance(book="paper") if ":Cash" in row.code} == {
        Decimal("11.80")
    }
    assert cash(live) == Decimal("98.30")


@pytest.mark.parametrize("seed", range(5))
def test_any_order_of_deals_gives_the_same_balances(run_handlers, seed):
    chance = random.Random(seed)
    account = broker_account_make(server=f"S{seed}")
    deals: list[Deal] = []
    for ticket in range(1, 13):
        for revision in range(1, chance.choice([2, 2, 3])):
            deals.append(
                deal_make(
                    account,
                    ticket=ticket,
                    revision=revision,
                    kind=chance.choice(["buy", "sell", "balance", "charge"]),
                    profit=Decimal(chance.randrange(-10_000, 10_000)).scaleb(-2),
                    swap=Decimal(chance.randrange(-100, 100)).scaleb(-2),
                )
            )
    latest = {deal.ticket: deal for deal in deals}
    expected = sum(one.profit + one.swap + one.commission for one in latest.values())
    chance.shuffle(deals)
    while deals:
        size = chance.randrange(1, 6)
        deals_post(deal_ids=[deal.pk for deal in deals[:size]])
        del deals[:size]
    assert cash(account) == expected
    assert ledger_is_balanced()


def test_sums_of_the_ledger_can_be_asked_as_they_stood(run_handlers, clock):
    account = broker_account_make()
    deposit_make(account, "100")
    post_all(run_handlers)
    before = now()
    clock.advance(seconds=1)
    deposit_make(account, "50")
    post_all(run_handlers)
    code = broker_cash(account.server, account.login)
    stood = account_balance(book="paper", code=code, recorded_until=before)
    assert (stood, cash(account)) == (100, 150)


@pytest.mark.parametrize("after", [states.QUARANTINED, states.NOTHING])
def test_a_posted_deal_stays_posted_in_the_database(run_handlers, after):
    deal = deal_make(broker_account_make())
    post_all(run_handlers)
    with pytest.raises(IntegrityError), transaction.atomic():
        DealPosting.objects.filter(deal=deal).update(state=after, entry=None, reason="x")


def test_the_states_table_and_the_trigger_hold_the_same_edges(run_handlers):
    legal = set()
    for before in states.DEAL_POSTING_EDGES:
        for after in states.DEAL_POSTING_EDGES:
            if _edge_passes(run_handlers, before, after):
                legal.add((before, after))
    assert legal == {
        (before, after) for before, ends in states.DEAL_POSTING_EDGES.items() for after in ends
    }


def _edge_passes(run_handlers, before: str, after: str) -> bool:
    facts: dict[str, dict[str, Any]] = {
        states.POSTED: {},
        states.NOTHING: {"profit": Decimal(0), "commission": Decimal(0)},
        states.QUARANTINED: {"kind": "unknown"},
    }
    account = broker_account_make()
    deal, lender = deal_make(account, **facts[before]), deal_make(account)
    post_all(run_handlers)
    held = DealPosting.objects.get(deal=lender).entry_id
    entry = None
    if after == states.POSTED:
        entry = held if before != states.POSTED else DealPosting.objects.get(deal=deal).entry_id
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if after == states.POSTED and before != states.POSTED:
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
                entry = _entry_unused(account)
            cursor.execute(
                "UPDATE treasury_dealposting SET state = %s, entry_id = %s, reason = %s "
                "WHERE deal_id = %s",
                [after, entry, "" if after == states.POSTED else "x", deal.pk],
            )
    except IntegrityError:
        return False
    return True


def _entry_unused(account: BrokerAccount) -> int:
    """An entry that no deal posting holds yet."""
    from tests.builders.treasury import ledger_accounts_make
    from tests.factories.treasury import transfer
    from treasury.services.ledger import post

    ledger_accounts_make("Assets:Alpha", "Income:Beta")
    return post(drafts=[transfer(f"unused {account.pk}")])[0].id


def test_accounts_are_made_with_the_kinds_of_their_codes(run_handlers):
    deal_make(broker_account_make(), swap=Decimal("-1"))
    post_all(run_handlers)
    kinds = dict(LedgerAccount.objects.values_list("code", "kind"))
    assert {code.split(":")[0]: kind for code, kind in kinds.items()} == {
        "Assets": "asset",
        "Income": "income",
        "Expenses": "expense",
    }
