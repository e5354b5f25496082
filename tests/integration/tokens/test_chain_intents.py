"""From an intent to its entry: a person does it, the reader sees it, and only then it is booked."""

import datetime as dt
import itertools
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import transaction

from fusion_project.events import names
from fusion_project.events.models import Event
from fusion_project.incidents import kinds
from fusion_project.incidents.models import Incident
from fusion_project.local.chain import SUPPLY, ChainServer
from fusion_project.ops.selectors.life_line import life_line_get
from tests.builders.chain import BALANCE as LIVE_BALANCE
from tests.builders.chain import (
    distribution,
    live_bound,
    paper_bound,
    seen,
    server_started,
    unseen,
)
from tests.builders.intents import BUYER, UNIT, dct, done, intended, look, reading_with
from tests.builders.people import staff_make
from tests.builders.seals import Killed, killed_before
from tests.builders.treasury import ledger_accounts_make
from tokens.errors import IntentEnded, IntentInvalid
from tokens.models import (
    ChainBinding,
    ChainIntent,
    ChainTransaction,
    SupplyPlanItem,
    Token,
)
from tokens.selectors.chain import chains_unready
from tokens.selectors.equation import entries_without_intent, supply_unlike_holders
from tokens.services.intents import intent_tell, intent_withdraw
from tokens.services.playing import intent_play
from tokens.services.watching import binding_watch, reading_store
from treasury.errors import EntryHeldBack
from treasury.models import Entry
from treasury.services.ledger import post


@pytest.fixture
def bound(db):
    return seen(live_bound())


def test_two_intents_open_one_done_its_burn_is_posted_and_the_other_still_waits(bound):
    first, second = intended("burn", "5"), intended("burn", "7")
    assert look(bound, 100, 90).state == "lagging"
    look(bound, 95, 85, done(first))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state, bound.state) == ("posted", "open", "lagging")
    assert first.entry is not None
    assert (first.entry.kind, first.entry.idem_key) == ("token.burn", f"intent:{first.pk}")
    assert dct("Equity:Issued:DCT") == 95
    assert dct("Liabilities:Holders:DCT:Treasury") == -85
    look(bound, 88, 78, done(first), done(second))
    assert bound.state == "green"
    assert dct("Equity:Issued:DCT") == 88
    assert (supply_unlike_holders(), entries_without_intent()) == ([], [])


def test_the_same_reading_again_books_nothing_twice(bound):
    intent = intended()
    for _ in range(2):
        look(bound, 95, 85, done(intent))
    assert Entry.objects.filter(kind="token.burn").count() == 1
    assert ChainTransaction.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "supply", "balance"),
    [("burn", 95, 85), ("mint", 105, 95), ("payout", 100, 85), ("buyback", 100, 95)],
)
def test_each_kind_moves_the_ledger_as_it_moved_the_chain(bound, kind, supply, balance):
    intent = intended(kind)
    assert bound.state == "green"
    look(bound, supply, balance, done(intent))
    assert bound.state == "green"
    assert dct("Equity:Issued:DCT") == supply
    assert -dct("Liabilities:Holders:DCT:Treasury") == balance
    if kind == "payout":
        assert dct(f"Liabilities:Holders:DCT:Holder-{'BB' * 32}") == -5
    assert supply_unlike_holders() == []


def test_a_purchase_that_brings_more_is_booked_as_it_came(bound):
    intent = intended("buyback", "5")
    look(bound, 100, 97, done(intent, units=7 * UNIT))
    assert (bound.state, -dct("Liabilities:Holders:DCT:Treasury")) == ("green", 97)


def test_on_its_life_line_stand_request_intent_transaction_entry_and_state(bound):
    intent = intended()
    look(bound, 100, 90)
    look(bound, 95, 85, done(intent))
    found = Event.objects.filter(trace_id=intent.trace_id).order_by("id")
    assert list(found.values_list("name", flat=True)) == [
        names.REQUEST_ASKED,
        names.REQUEST_CONFIRMED,
        names.INTENT_OPENED,
        names.REQUEST_DONE,
        names.INTENT_MATCHED,
        names.ENTRY_POSTED,
        names.INTENT_ENDED,
    ]
    line = life_line_get(trace_id=intent.trace_id)
    assert line is not None
    hops = [(hop.name, hop.detail.get("to") or hop.detail.get("kind")) for hop in line.hops]
    assert hops == [
        (names.REQUEST_ASKED, "chain.intent"),
        (names.REQUEST_CONFIRMED, "chain.intent"),
        (names.INTENT_OPENED, "burn"),
        (names.REQUEST_DONE, "chain.intent"),
        (names.CHAIN_CHANGED, "lagging"),
        (names.INTENT_MATCHED, "burn"),
        (names.ENTRY_POSTED, "token.burn"),
        (names.INTENT_ENDED, "burn"),
        (names.CHAIN_CHANGED, "green"),
    ]
    # A change that came later is not its own any more.
    unseen(bound)
    assert len(life_line_get(trace_id=intent.trace_id).hops) == len(hops)


def test_done_between_two_looks_its_life_line_is_whole_too(bound):
    intent = intended()
    look(bound, 95, 85, done(intent))
    line = life_line_get(trace_id=intent.trace_id)
    assert line is not None
    changes = [hop.detail["to"] for hop in line.hops if hop.name == names.CHAIN_CHANGED]
    assert changes == ["lagging", "green"]


@pytest.mark.usefixtures("committed_db")
def test_killed_at_any_statement_it_goes_on_and_a_burn_is_booked_once():
    bound = seen(live_bound())
    intent = intended()
    reading = reading_with(bound, 95, 85, done(intent))
    for number in itertools.count():
        try:
            with killed_before(number):
                reading_store(binding_id=bound.pk, reading=reading, seen=bound.observation_id)
        except Killed:
            assert not Entry.objects.filter(kind="token.burn").exists()
            assert not ChainTransaction.objects.exists()
            continue
        break
    assert number > 20
    bound.refresh_from_db()
    seen(bound, reading)
    intent.refresh_from_db()
    assert (intent.state, bound.state, dct("Equity:Issued:DCT")) == ("posted", "green", 95)
    assert Entry.objects.filter(kind="token.burn").count() == ChainTransaction.objects.count() == 1


def test_a_distribution_waits_while_an_intent_is_open_even_before_the_next_look(bound):
    ledger_accounts_make("Equity:Retained", "Liabilities:Pool:Reward", book="live")
    intent = intended()
    assert bound.state == "green"
    for state, words in (("green", "open intent"), ("lagging", "lagging")):
        with pytest.raises(EntryHeldBack, match=words), transaction.atomic():
            post(drafts=[distribution()])
        if state == "green":
            look(bound, 100, 90)
    look(bound, 95, 85, done(intent))
    assert post(drafts=[distribution()])[0].created


@pytest.mark.parametrize(
    "facts",
    [
        {"units": 4 * UNIT},
        {"kind": "out", "other": BUYER},
        {"at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)},
    ],
)
def test_a_transaction_that_is_something_else_closes_nothing(bound, facts):
    intent = intended()
    look(bound, 95, 85, done(intent, **facts))
    intent.refresh_from_db()
    # What is open explains the difference for now; nothing is booked before it was seen.
    assert (intent.state, bound.state) == ("open", "lagging")
    assert not Entry.objects.filter(kind="token.burn").exists()


def test_the_hash_that_somebody_tells_is_the_only_one_that_counts(bound):
    intent = intended()
    actor = f"user:{staff_make('ops').pk}"
    intent_tell(intent_id=intent.pk, transaction_hash="AB" * 32, actor=actor)
    look(bound, 95, 85, done(intent))
    intent.refresh_from_db()
    assert intent.state == "open"
    look(bound, 95, 85, done(intent), done(intent, transaction="ab" * 32, lt=9))
    intent.refresh_from_db()
    assert (intent.state, intent.transaction.sha256) == ("posted", "ab" * 32)
    with pytest.raises(IntentEnded):
        intent_tell(intent_id=intent.pk, transaction_hash="ab" * 32, actor=actor)


def test_what_nobody_did_in_time_lapses_and_opens_an_incident(bound, clock):
    intent = intended()
    look(bound, 100, 90)
    clock.advance(hours=2)
    look(bound, 100, 90)
    intent.refresh_from_db()
    assert (intent.state, bound.state) == ("lapsed", "green")
    assert Incident.objects.filter(kind=kinds.INTENT_LAPSED, closed_at=None).exists()
    # Done all the same, it is a difference that nothing explains.
    assert look(bound, 95, 85, done(intent)).state == "drift"


def test_one_person_withdraws_what_is_not_done_and_nobody_what_is(bound):
    intent, other = intended(), intended("burn", "7")
    actor = f"user:{staff_make('ops').pk}"
    intent_withdraw(intent_id=other.pk, reason="not now", actor=actor)
    look(bound, 95, 85, done(intent))
    assert bound.state == "green"
    for one in (intent, other):
        with pytest.raises(IntentEnded):
            intent_withdraw(intent_id=one.pk, reason="late", actor=actor)


@pytest.fixture
def on_loopback(db) -> Iterator[tuple[ChainServer, ChainBinding]]:
    """The paper book's token, green, bound to a loopback server of its own."""
    server = server_started()
    bound = paper_bound(server.base_url, opening=SUPPLY)
    looked(bound)
    assert bound.state == "green"
    yield server, bound
    server.stop()


def looked(bound: ChainBinding) -> str:
    """The state after a look at the server."""
    binding_watch(binding_id=bound.pk, at_once=True)
    bound.refresh_from_db()
    return bound.state


def test_of_two_burns_on_the_loopback_server_one_is_done_and_booked_and_one_still_waits(
    on_loopback,
):
    _, bound = on_loopback
    first, second = intended("burn", "5", "paper"), intended("burn", "7", "paper")
    assert looked(bound) == "lagging"
    transaction = intent_play(intent_id=first.pk)
    assert looked(bound) == "lagging"
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.transaction.sha256, second.state) == ("posted", transaction, "open")
    whole = SUPPLY // UNIT
    assert dct("Equity:Issued:DCT", "paper") == whole - 5
    (held,) = chains_unready(book="paper")
    assert held == "DCT is lagging: 1 open, of which 0 were seen on the chain"
    intent_play(intent_id=second.pk)
    assert looked(bound) == "green"
    assert dct("Equity:Issued:DCT", "paper") == whole - 12
    assert (supply_unlike_holders(), entries_without_intent()) == ([], [])


def test_the_loopback_server_plays_the_person_and_the_reader_sees_it(on_loopback, capsys):
    server, bound = on_loopback
    for kind, amount in (("burn", "5"), ("payout", "7"), ("mint", "1")):
        intent_play(intent_id=intended(kind, amount, "paper").pk)
    intended("buyback", "2", "paper")
    server.act("buyback", 2 * UNIT, BUYER)
    assert (looked(bound), bound.reason) == ("green", "")
    assert set(ChainIntent.objects.values_list("state", flat=True)) == {"posted"}
    call_command("chain_intent", "list", "--all")
    assert "burn 5 DCT" in capsys.readouterr().out
    call_command("chain_check")
    assert "GREEN" in capsys.readouterr().out


def test_only_a_loopback_server_plays(bound):
    intent = intended()
    with pytest.raises(IntentInvalid, match="loopback"):
        intent_play(intent_id=intent.pk)


@pytest.mark.django_db
def test_the_plan_sums_to_the_cap_and_is_a_plan_alone():
    token = Token.objects.get(code="DCT")
    assert sum(SupplyPlanItem.objects.values_list("amount", flat=True)) == token.cap
    assert LIVE_BALANCE == 90 * UNIT
    assert not Entry.objects.filter(lines__currency="DCT").exists()
