"""Whoever reads, confirms, withdraws and pays at once: one burn is one entry, and none is lost."""

import threading

import pytest
from django.db import transaction

from fusion_project.second_person.models import Request
from fusion_project.second_person.services import request_carry_out, request_confirm
from tests.builders.chain import distribution, live_bound, seen
from tests.builders.intents import UNIT, ask, dct, done, intended, look, reading_with
from tests.builders.people import staff_make
from tests.builders.treasury import ledger_accounts_make
from tests.threads import until_somebody_waits
from tokens.chain.reader import Reading
from tokens.errors import IntentEnded
from tokens.models import ChainBinding, ChainIntent, ChainObservation, ChainTransaction
from tokens.services.intents import intent_withdraw
from tokens.services.watching import failure_store, reading_store
from treasury.errors import EntryHeldBack
from treasury.models import Entry
from treasury.selectors.balances import ledger_is_balanced
from treasury.services.ledger import post

pytestmark = pytest.mark.usefixtures("committed_db")

THREADS = 4


@pytest.fixture
def bound() -> ChainBinding:
    """Green; 90 of 100 whole tokens are ours."""
    return seen(live_bound())


def stored(bound: ChainBinding, reading: Reading) -> ChainObservation | None:
    """As a process does that began to read when `bound` was loaded."""
    return reading_store(binding_id=bound.pk, reading=reading, seen=bound.observation_id)


def burns() -> int:
    return Entry.objects.filter(kind="token.burn").count()


def confirmed(request: Request) -> Request:
    """Confirmed by another and not carried out yet."""
    return request_confirm(
        request_id=request.pk,
        payload_sha256=request.payload_sha256,
        actor=f"user:{staff_make('ops').pk}",
    )


def test_closers_of_one_intent_book_it_once(bound, in_threads):
    intent = intended()
    look(bound, 100, 90)
    reading = reading_with(bound, 95, 85, done(intent))
    results = in_threads(THREADS, lambda _: stored(bound, reading))
    assert [one for one in results if isinstance(one, Exception)] == []
    assert sum(one is not None for one in results) == 1
    bound.refresh_from_db()
    intent.refresh_from_db()
    assert (bound.state, intent.state, burns()) == ("green", "posted", 1)
    assert (dct("Equity:Issued:DCT"), ChainTransaction.objects.count()) == (95, 1)
    assert ledger_is_balanced()


def test_whoever_saw_less_beside_a_closer_changes_nothing_that_it_booked(bound, in_threads):
    """One has seen the burn, one looked before it, two sources failed."""
    intent = intended()
    look(bound, 100, 90)
    did, before = reading_with(bound, 95, 85, done(intent)), reading_with(bound, 100, 90)

    def work(number: int) -> ChainObservation | None:
        if number < 2:
            return stored(bound, (did, before)[number])
        return failure_store(binding_id=bound.pk, reason="it hangs", seen=bound.observation_id)

    results = in_threads(THREADS, work)
    assert [one for one in results if isinstance(one, Exception)] == []
    assert sum(one is not None for one in results) == 1
    bound.refresh_from_db()
    assert (bound.state, burns()) in {("green", 1), ("lagging", 0), ("unknown", 0)}
    look(bound, 95, 85, done(intent))
    assert (bound.state, burns(), dct("Equity:Issued:DCT")) == ("green", 1, 95)
    # What was read before the burn is stored no more, whoever comes late with it.
    assert stored(ChainBinding(pk=bound.pk, observation_id=1), before) is None


def test_one_request_carried_out_by_many_opens_one_intent(bound, in_threads):
    request = confirmed(ask())
    results = in_threads(
        THREADS, lambda _: request_carry_out(request_id=request.pk, actor="system")
    )
    assert sorted(map(str, results)) == ["False"] * (THREADS - 1) + ["True"]
    assert ChainIntent.objects.count() == 1


def test_two_confirmations_at_once_do_not_promise_the_wallet_twice(bound, in_threads):
    requests = [confirmed(ask("burn", "60")), confirmed(ask("payout", "60"))]
    results = in_threads(
        2, lambda number: request_carry_out(request_id=requests[number].pk, actor="system")
    )
    assert sorted(map(str, results)) == ["False", "True"]
    for one in requests:
        one.refresh_from_db()
    assert sorted(one.state for one in requests) == ["done", "refused"]
    assert "has 30 left" in "".join(one.outcome for one in requests)
    assert ChainIntent.objects.get().units == 60 * UNIT


def test_an_intent_lapses_or_is_matched_and_never_both(bound, in_threads, clock):
    intent = intended()
    look(bound, 100, 90)
    in_time = done(intent)
    clock.advance(hours=2)
    with_it, without = reading_with(bound, 95, 85, in_time), reading_with(bound, 100, 90)
    results = in_threads(2, lambda number: stored(bound, (with_it, without)[number]))
    assert sum(one is not None for one in results) == 1, results
    bound.refresh_from_db()
    intent.refresh_from_db()
    assert (intent.state, bound.state, burns()) in {
        ("posted", "green", 1),
        ("lapsed", "green", 0),
    }
    # Who looks next finds what was lapsed done all the same: a difference that stays one.
    look(bound, 95, 85, in_time)
    states = {"posted": ("green", 95), "lapsed": ("drift", 100)}
    assert (bound.state, dct("Equity:Issued:DCT")) == states[intent.state]


def test_an_intent_is_withdrawn_or_booked_and_never_both(bound, in_threads):
    intent = intended()
    look(bound, 100, 90)
    reading = reading_with(bound, 95, 85, done(intent))
    actor = f"user:{staff_make('ops').pk}"

    def work(number: int) -> object:
        if number == 0:
            return intent_withdraw(intent_id=intent.pk, reason="not now", actor=actor)
        return stored(bound, reading)

    withdrawn, observed = in_threads(2, work)
    assert observed is not None
    intent.refresh_from_db()
    bound.refresh_from_db()
    if intent.state == "withdrawn":
        assert (withdrawn, burns(), bound.state) == (None, 0, "drift")
    else:
        assert isinstance(withdrawn, IntentEnded)
        assert (intent.state, burns(), bound.state) == ("posted", 1, "green")


def opened(bound: ChainBinding, request: Request) -> None:
    assert request_carry_out(request_id=request.pk, actor="system")


def froze(bound: ChainBinding, request: Request) -> None:
    seen(bound, admin="")


@pytest.mark.parametrize(
    ("change", "words"), [(opened, "open intent"), (froze, "frozen")], ids=["intent", "freeze"]
)
def test_a_distribution_waits_for_what_is_about_to_hold_it_back(bound, in_threads, change, words):
    ledger_accounts_make("Equity:Retained", "Liabilities:Pool:Reward", book="live")
    draft, request = distribution(), confirmed(ask())
    is_half_done, is_done = threading.Event(), threading.Event()

    def work(number: int) -> object:
        if number == 0:
            with transaction.atomic():
                change(bound, request)
                is_half_done.set()
                until_somebody_waits(or_done=is_done)
            return None
        assert is_half_done.wait(30)
        try:
            return post(drafts=[draft])
        finally:
            is_done.set()

    changed, paid = in_threads(2, work)
    assert changed is None
    assert isinstance(paid, EntryHeldBack), paid
    assert words in str(paid)
    assert not Entry.objects.filter(kind="distribution").exists()
