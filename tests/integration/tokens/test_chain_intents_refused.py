"""What cannot be intended, and what the tables refuse of it, whoever writes it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from fusion_project.events.clock import now
from fusion_project.local.chain import MASTER, TREASURY
from tests.builders.chain import (
    JETTON_WALLET,
    live_bound,
    reading_of,
    seen,
)
from tests.builders.intents import BUYER, HOUR, UNIT, ask, dct, done, intended, look
from tests.builders.people import staff_make
from tests.builders.second_person import request_confirmed
from tests.factories.treasury import draft_of
from tokens.chain.address import Address
from tokens.errors import AddressInvalid, BindingNotFound, CapExceeded, IntentInvalid
from tokens.models import ChainIntent, ChainTransaction
from treasury.errors import EntryHeldBack
from treasury.services.ledger import post


@pytest.fixture
def bound(db):
    return seen(live_bound())


@pytest.mark.parametrize(
    ("kind", "amount", "facts"),
    [
        ("burn", "91", {}),
        ("payout", "91", {}),
        ("burn", "0", {}),
        ("burn", "-1", {}),
        ("burn", "0.0000000001", {}),
        ("payout", "1", {"other": ""}),
        ("burn", "1", {"other": BUYER}),
        ("swap", "1", {}),
        ("burn", "1", {"deadline": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}),
        ("burn", "1", {"deadline": dt.datetime(2099, 1, 1, tzinfo=dt.UTC)}),
    ],
)
def test_what_cannot_be_intended_is_refused_before_anybody_confirms(bound, kind, amount, facts):
    with pytest.raises(Exception, match=r".") as refusal, transaction.atomic():
        ask(kind, amount, **facts)
    assert refusal.value.status == 400
    assert isinstance(refusal.value, IntentInvalid) or amount == "0.0000000001"


FRIENDLY = Address(0, bytes(range(32)))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (FRIENDLY.friendly()[:-1] + "A", "wrong checksum"),
        (FRIENDLY.friendly().lower(), "wrong checksum|unknown tag"),
        (FRIENDLY.friendly(test_only=True), "address of the test network"),
        (f"7:{'00' * 32}", "no workchain 7"),
        ("somebody", "is no address"),
        (MASTER.friendly(), "neither our own wallet nor the jetton"),
        (TREASURY.friendly(bounceable=False), "neither our own wallet nor the jetton"),
        # Where our units lie, as the jetton says; who sends there sends to nobody.
        (JETTON_WALLET, "neither our own wallet nor the jetton"),
    ],
)
def test_units_are_paid_to_no_address_that_cannot_be_meant(bound, other, words):
    with pytest.raises((AddressInvalid, IntentInvalid), match=words), transaction.atomic():
        ask("payout", "5", other=other)
    assert not ChainIntent.objects.exists()


def test_the_command_says_in_words_what_is_wrong_with_an_address(bound):
    wrong = FRIENDLY.friendly()[:-1] + "A"
    asked = ["ask", "payout", "DCT", "5", "--book=live", f"--to={wrong}", "--reason=x"]
    with pytest.raises(CommandError, match="wrong checksum: a letter is swapped or altered"):
        call_command("chain_intent", *asked, f"--as={staff_make('ops').username}")


def test_the_wallet_is_not_promised_twice_nor_the_cap_passed_by_two_mints(bound):
    intended("burn", "60")
    with pytest.raises(IntentInvalid, match="has 30 left"), transaction.atomic():
        ask("payout", "31")
    intended("mint", "99999000")
    with pytest.raises(CapExceeded), transaction.atomic():
        ask("mint", "1000")
    with pytest.raises(BindingNotFound), transaction.atomic():
        ask(book="paper")


def test_more_than_the_cap_on_the_chain_is_not_taken_into_the_ledger(bound):
    intent = intended("mint", "99999900")
    look(bound, 100_000_000, 99_999_990, done(intent))
    assert bound.state == "green"
    over = ChainIntent(
        binding=bound,
        kind="mint",
        units=UNIT,
        other="",
        deadline=now() + HOUR,
        trace_id="1" * 32,
        opened_at=now(),
    )
    over.request = request_confirmed(
        "chain.intent",
        token="DCT",
        book="live",
        kind="mint",
        units=str(UNIT),
        other="",
        deadline=over.deadline.isoformat(),
    )
    over.save()
    look(bound, 100_000_001, 99_999_991, done(over))
    assert (bound.state, "below its floor" in bound.reason) == ("frozen", True)
    assert dct("Equity:Issued:DCT") == 100_000_000


def test_an_entry_that_is_not_what_was_seen_is_refused_whoever_writes_it(bound, clock):
    intent, other = intended(), intended("burn", "7")
    seen(bound, reading_of(bound))
    wrong = [
        ("Liabilities:Holders:DCT:Treasury", "DCT", "5"),
        ("Equity:Issued:DCT", "DCT", "-5"),
    ]
    for key in (f"intent:{intent.pk}", f"intent:{other.pk}", "intent:999", "x"):
        with pytest.raises(EntryHeldBack), transaction.atomic():
            post(drafts=[draft_of(key, *wrong, book="live", kind="token.burn")])
    look(bound, 100, 90)
    row = ChainTransaction.objects.create(
        binding=bound,
        sha256="12" * 32,
        lt=1,
        at=now(),
        way="burn",
        units=intent.units,
        other="",
        seen_at=now(),
    )
    ChainIntent.objects.filter(id=intent.pk).update(state="matched", transaction=row)
    own = {"book": "live", "kind": "token.burn"}
    doubled = [(code, unit, str(Decimal(amount) * 2)) for code, unit, amount in wrong]
    with pytest.raises(EntryHeldBack, match="no transaction"), transaction.atomic():
        post(drafts=[draft_of(f"intent:{intent.pk}", *doubled, **own)])
    # In its own amounts too, once nobody has looked at the chain for five minutes.
    clock.advance(seconds=301)
    with pytest.raises(EntryHeldBack, match="no transaction"), transaction.atomic():
        post(drafts=[draft_of(f"intent:{intent.pk}", *wrong, **own)])


def test_the_table_refuses_a_transaction_that_is_not_what_the_intent_wants(bound):
    intent = intended("payout")
    told = {"binding": bound, "lt": 1, "at": now(), "seen_at": now()}
    wrong = (
        {"way": "burn", "units": intent.units, "other": ""},
        {"way": "out", "units": intent.units, "other": "0:" + "dd" * 32},
        {"way": "out", "units": intent.units + 1, "other": BUYER},
        {"way": "in", "units": intent.units, "other": BUYER},
    )
    for number, facts in enumerate(wrong):
        row = ChainTransaction.objects.create(sha256=f"{number:064x}", **told, **facts)
        with pytest.raises(IntegrityError, match="not what it wants"), transaction.atomic():
            ChainIntent.objects.filter(id=intent.pk).update(state="matched", transaction=row)
    for change in ({"state": "posted"}, {"state": "matched"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ChainIntent.objects.filter(id=intent.pk).update(**change)


def test_the_table_asks_for_both_people_and_for_what_they_confirmed(bound):
    deadline = now() + HOUR
    payload = {
        "token": "DCT",
        "book": "live",
        "kind": "burn",
        "units": str(UNIT),
        "other": "",
        "deadline": deadline.isoformat(),
    }
    facts = {
        "binding": bound,
        "kind": "burn",
        "units": UNIT,
        "other": "",
        "deadline": deadline,
        "trace_id": "1" * 32,
        "opened_at": now(),
    }
    for changed in ({"units": 2 * UNIT}, {"kind": "mint"}, {"deadline": deadline + HOUR}):
        request = request_confirmed("chain.intent", **payload)
        with pytest.raises(IntegrityError, match="second person"), transaction.atomic():
            ChainIntent.objects.create(**(facts | changed), request=request)
    with pytest.raises(IntegrityError, match="second person"), transaction.atomic():
        ChainIntent.objects.create(**facts, request=request_confirmed("other", **payload))
