"""An intent is closed by just the transaction that is what it wants, and each serves one."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokens.chain.answers import Moved
from tokens.rules.chain_states import Held
from tokens.rules.intents import (
    BURN,
    BUYBACK,
    INTENT_EDGES,
    KINDS,
    MATCHED,
    MINT,
    PAYOUT,
    POSTED,
    Wanted,
    change_of,
    fits,
    matched,
    pending_of,
)

AT = dt.datetime(2026, 3, 2, 10, 0, 0, 500_000, tzinfo=dt.UTC)
MASTER, BUYER, OTHER = "0:master", "0:buyer", "0:other"
WAYS = {
    BURN: ("burn", ""),
    MINT: ("in", MASTER),
    PAYOUT: ("out", BUYER),
    BUYBACK: ("in", OTHER),
}


def wanted(number: int = 1, kind: str = BURN, units: int = 5, told: str = "", **facts) -> Wanted:
    other = BUYER if kind == PAYOUT else ""
    values = {
        "other": other,
        "opened_at": AT,
        "deadline": AT + dt.timedelta(hours=1),
    } | facts
    return Wanted(id=number, kind=kind, units=units, told=told, **values)


def moved(kind: str = BURN, units: int = 5, name: str = "a", **facts) -> Moved:
    way, other = WAYS[kind]
    values = {"lt": 1, "at": AT, "kind": way, "units": units, "other": other} | facts
    return Moved(transaction=name, **values)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_wanted_fits_and_nothing_else_of_the_same_amount(kind):
    assert fits(wanted(kind=kind), moved(kind), master=MASTER)
    for other in set(KINDS) - {kind}:
        assert not fits(wanted(kind=kind), moved(other), master=MASTER)


@pytest.mark.parametrize(
    "facts",
    [
        {"units": 4},
        {"units": 6},
        {"at": AT - dt.timedelta(seconds=1)},
        {"at": AT + dt.timedelta(hours=1, seconds=1)},
        {"other": OTHER},
    ],
)
def test_a_payout_of_another_amount_to_somebody_else_or_at_another_time_does_not_fit(facts):
    assert fits(wanted(kind=PAYOUT), moved(PAYOUT), master=MASTER)
    assert not fits(wanted(kind=PAYOUT), moved(PAYOUT, **facts), master=MASTER)


def test_the_second_in_which_it_was_opened_counts():
    assert fits(wanted(), moved(at=AT.replace(microsecond=0)), master=MASTER)


def test_a_purchase_may_bring_more_and_from_anybody_unless_somebody_is_named():
    assert fits(wanted(kind=BUYBACK), moved(BUYBACK, units=9), master=MASTER)
    assert not fits(wanted(kind=BUYBACK), moved(BUYBACK, units=4), master=MASTER)
    assert not fits(wanted(kind=BUYBACK, other=BUYER), moved(BUYBACK), master=MASTER)


def test_equal_intents_are_served_in_turn_and_a_told_hash_first():
    rows = [moved(name="a", lt=1), moved(name="b", lt=2)]
    found = matched([wanted(1), wanted(2)], rows, master=MASTER, used=())
    assert {number: row.transaction for number, row in found.items()} == {1: "a", 2: "b"}
    found = matched([wanted(1), wanted(2, told="a")], rows, master=MASTER, used=())
    assert {number: row.transaction for number, row in found.items()} == {1: "b", 2: "a"}
    assert matched([wanted(1, told="c")], rows, master=MASTER, used=()) == {}
    assert matched([wanted(1)], rows, master=MASTER, used=("a", "b")) == {}


@given(
    st.lists(st.builds(wanted, st.integers(1, 99), st.sampled_from(KINDS), st.integers(1, 3))),
    st.lists(
        st.builds(
            moved,
            st.sampled_from(KINDS),
            st.integers(1, 3),
            st.sampled_from("abcdefgh"),
            lt=st.integers(0, 9),
        )
    ),
)
def test_no_transaction_serves_two_intents_and_each_fits(intents, rows):
    by_number = {one.id: one for one in intents}
    found = matched(list(by_number.values()), rows, master=MASTER, used=("h",))
    names = [row.transaction for row in found.values()]
    assert len(set(names)) == len(names)
    assert "h" not in names
    assert all(fits(by_number[number], row, master=MASTER) for number, row in found.items())


def test_what_a_purchase_brings_explains_nothing_before_it_was_seen():
    assert pending_of(BUYBACK, 5, matched_units=None).change == Held(0, 0)
    assert pending_of(BUYBACK, 5, matched_units=7).change == Held(0, 7)
    assert change_of(PAYOUT, 5) == Held(0, -5)


def test_what_was_seen_on_the_chain_is_only_posted():
    assert INTENT_EDGES[MATCHED] == {POSTED}
