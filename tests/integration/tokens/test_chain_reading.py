"""The reader against a real loopback server, well-behaved or not: unknown and why, never zero."""

import asyncio
import datetime as dt
import re
import time

import pytest
from django.db import transaction

from fusion_project.local.chain import MARKET, MASTER, SUPPLY, TREASURY, ChainServer
from fusion_project.local.chain_manners import MANNERS
from tests.builders.chain import distribution, paper_bound, server_started
from tests.builders.treasury import ledger_accounts_make
from tokens.chain.reader import Question
from tokens.chain.ton import TonReader
from tokens.errors import ChainUnknown
from tokens.selectors.chain import chain_rows
from tokens.services.bindings import loopback_bind
from tokens.services.watching import binding_watch, chain_watch_due
from treasury.errors import EntryHeldBack
from treasury.models import Entry
from treasury.services.ledger import post

QUESTION = Question(master=MASTER, owner=TREASURY, is_loopback=True)


@pytest.fixture
def server():
    one = server_started()
    yield one
    one.stop()


def reader_of(server: ChainServer, seconds_max: float = 2.0) -> TonReader:
    return TonReader(f"{server.base_url}/api/v2", f"{server.base_url}/api/v3", "", seconds_max)


def read(server: ChainServer, question: Question = QUESTION):
    return asyncio.run(reader_of(server).read(question))


def test_supply_and_balance_are_read_at_one_block(server):
    found = read(server)
    assert (found.supply, found.balance) == (SUPPLY, SUPPLY)
    assert (found.mintable, found.admin) == (True, TREASURY.raw)
    server.act("payout", 5, MARKET.raw)
    server.act("burn", 7)
    found = read(server)
    assert (found.supply, found.balance) == (SUPPLY - 7, SUPPLY - 12)


REASONS = {
    "hangs": "no whole answer within",
    "drips": "no whole answer within",
    "breaks_off": "cannot be asked",
    "not_json": "cannot be read",
    "too_much": "too much",
    "answers_429": "answers 429",
    "answers_500": "answers 500",
    "empty_list": "0 wallets of this owner and this jetton",
    "another_owner": "0 wallets of this owner and this jetton",
    "another_master": "0 wallets of this owner and this jetton",
    "another_owner_at_the_node": "another owner or another jetton",
    "another_wallet": "another wallet of this owner",
    "another_block": "the node answers at 7",
    "huge_number": "where a number should be",
    "beyond_coins": "out of range",
    "below_zero": "out of range",
    "wrong_checksum": "checksum is wrong",
    "not_deployed": "exit code -13",
    "other_code": "other code",
    "index_disagrees": "disagree about the wallet",
    "index_lags": "has not seen the last change of the wallet",
    "index_ahead": "has changed since the node's block",
    "no_loopback": "says that it is no loopback server",
    "deep_answer": "cannot be read|left 1 items",
}
# These are read well; what they say is refused by what was seen before, or by the clock.
JUDGED_LATER = {
    "older_block": "was seen already",
    "stale_block": "the node's newest block is of",
}


def test_each_manner_is_tried():
    assert {*REASONS, *JUDGED_LATER} == set(MANNERS)


@pytest.mark.parametrize("manner", sorted(REASONS))
def test_whatever_a_source_does_the_reader_says_why_it_does_not_know(server, manner):
    server.manner = manner
    began = time.monotonic()
    with pytest.raises(ChainUnknown, match=REASONS[manner]):
        read(server)
    assert time.monotonic() - began < 10


def test_a_server_that_is_not_there_is_said_so():
    with pytest.raises(ChainUnknown, match="cannot be asked"):
        asyncio.run(TonReader("http://127.0.0.1:9/v2", "http://127.0.0.1:9/v3").read(QUESTION))


def test_a_loopback_server_passes_for_no_chain(server):
    with pytest.raises(ChainUnknown, match="a loopback server, no chain"):
        read(server, Question(master=MASTER, owner=TREASURY, is_loopback=False))


def test_the_wallet_of_somebody_else_is_not_taken_for_ours(server):
    with pytest.raises(ChainUnknown):
        read(server, Question(master=MASTER, owner=MARKET, is_loopback=True))
    with pytest.raises(ChainUnknown):
        read(server, Question(master=TREASURY, owner=TREASURY, is_loopback=True))


def test_transactions_that_do_not_end_are_unknown_and_not_cut_off(server):
    for _ in range(2_001):
        server.chain.act("burn", 1)
    since = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    asked = Question(master=MASTER, owner=TREASURY, is_loopback=True, since=since)
    with pytest.raises(ChainUnknown, match="more has moved since than can be read"):
        read(server, asked)
    server.chain.transactions = server.chain.transactions[:150]
    assert len(read(server, asked).moved) == 150


@pytest.mark.django_db
class TestWatching:
    def watch(self, bound, server):
        found = binding_watch(binding_id=bound.pk, reader=reader_of(server), at_once=True)
        bound.refresh_from_db()
        return found

    def test_the_first_reading_takes_the_chain_over_and_is_green(self, server):
        bound = paper_bound(server.base_url, opening=SUPPLY)
        self.watch(bound, server)
        assert (bound.state, bound.reason) == ("green", "")
        assert bound.observation.ledger_supply == bound.observation.supply == SUPPLY

    @pytest.mark.parametrize("manner", MANNERS)
    def test_whatever_a_source_does_it_is_unknown_never_zero_and_nothing_is_paid(
        self, server, manner
    ):
        ledger_accounts_make("Equity:Retained", "Liabilities:Pool:Reward")
        bound = paper_bound(server.base_url, opening=SUPPLY)
        self.watch(bound, server)
        assert bound.state == "green"
        server.manner = manner
        self.watch(bound, server)
        assert bound.state == "unknown"
        assert re.search((REASONS | JUDGED_LATER)[manner], bound.reason)
        assert (bound.observation.supply, bound.observation.balance) == (None, None)
        (row,) = chain_rows(book="paper")
        assert (row.supply, row.balance) == (row.ledger_supply, row.ledger_balance)
        assert row.supply == SUPPLY // 10**9
        with pytest.raises(EntryHeldBack, match="DCT is unknown"), transaction.atomic():
            post(drafts=[distribution("dist:paper:2026-03:1", "paper")])

    @pytest.mark.parametrize(
        ("facts", "words"),
        [
            ({"master": MARKET.raw}, "get_jetton_data ended with exit code"),
            ({"owner": MARKET.raw}, "get_wallet_data ended with exit code"),
        ],
    )
    def test_an_address_that_is_not_this_jettons_is_said_so_and_nothing_is_taken_over(
        self, server, facts, words
    ):
        told = {"master": MASTER.raw, "owner": TREASURY.raw} | facts
        bound = loopback_bind(
            token_code="DCT", base_url=server.base_url, opening=SUPPLY, actor="system", **told
        )
        self.watch(bound, server)
        assert (bound.state, words in bound.reason) == ("unknown", True)
        assert not Entry.objects.exists()

    def test_who_watches_reads_what_is_due_and_waits_longer_after_each_failure(self, server, clock):
        bound = paper_bound(server.base_url, opening=SUPPLY)
        assert chain_watch_due(reader=reader_of(server)) == 1
        assert chain_watch_due(reader=reader_of(server)) == 0
        server.manner = "answers_429"
        waits = []
        for _ in range(6):
            bound.refresh_from_db()
            clock.set(bound.due_at)
            assert chain_watch_due(reader=reader_of(server)) == 1
            bound.refresh_from_db()
            waits.append((bound.due_at - bound.observation.at).total_seconds())
        assert waits == [60, 120, 240, 480, 960, 960]
