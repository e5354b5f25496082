"""The verdict of a reading: the tolerance is zero, and only what is open explains a difference."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokens.rules.chain_states import (
    CHAIN_EDGES,
    DRIFT,
    FRESH,
    FROZEN,
    GREEN,
    LAGGING,
    UNKNOWN,
    Held,
    Pending,
    Pins,
    changed_words,
    reachable,
    verdict,
)

LEDGER = Held(100, 90)
BURN_5, BURN_7 = Held(-5, -5), Held(-7, -7)


def state(chain: Held, *pending: Pending, was: str = GREEN, drifts: int = 0, changed: str = ""):
    found = verdict(
        chain=chain,
        ledger=LEDGER,
        pending=pending,
        changed=changed,
        drifts_in_row=drifts,
        was=was,
    )
    return found.state


def test_the_same_on_both_sides_is_green():
    assert state(LEDGER) == GREEN


@pytest.mark.parametrize("chain", [Held(99, 90), Held(100, 89), Held(101, 91), Held(0, 0)])
def test_one_unit_off_is_drift_and_the_second_time_frozen(chain):
    assert state(chain) == DRIFT
    assert state(chain, was=DRIFT, drifts=1) == FROZEN
    assert state(chain, was=UNKNOWN, drifts=1) == FROZEN


def test_an_open_intent_lags_whether_it_is_done_or_not():
    waiting = Pending(BURN_5, is_matched=False)
    assert state(LEDGER, waiting) == LAGGING
    assert state(LEDGER + BURN_5, waiting) == LAGGING
    assert state(Held(96, 86), waiting) == DRIFT


def test_one_of_two_intents_done_is_explained():
    done, waiting = Pending(BURN_5, is_matched=True), Pending(BURN_7, is_matched=False)
    assert state(LEDGER + BURN_5, done, waiting) == LAGGING
    assert state(LEDGER + BURN_5 + BURN_7, done, waiting) == LAGGING
    # What was seen done must be there.
    assert state(LEDGER, done, waiting) == DRIFT
    assert state(LEDGER + BURN_7, done, waiting) == DRIFT


def test_what_changed_about_the_contract_freezes_at_once_even_where_amounts_agree():
    assert state(LEDGER, changed="the jetton's admin") == FROZEN


def test_frozen_stays_whatever_is_read():
    assert state(LEDGER, was=FROZEN) == FROZEN


@given(
    st.lists(
        st.builds(
            Pending,
            st.builds(Held, st.integers(-9, 9), st.integers(-9, 9)),
            st.booleans(),
        ),
        max_size=8,
    ),
    st.data(),
)
def test_just_the_subsets_with_all_that_was_seen_are_explained(pending, data):
    done = [one for one in pending if one.is_matched or data.draw(st.booleans())]
    chain = LEDGER
    for one in done:
        chain = chain + one.change
    assert chain in reachable(LEDGER, pending)
    assert len(reachable(LEDGER, pending)) <= 2 ** sum(not one.is_matched for one in pending)


def test_each_pin_is_named_when_it_changes():
    pinned = Pins("a", True, "w", "c")
    assert changed_words(pinned, pinned) == ""
    for other, words in (
        (Pins("", True, "w", "c"), "admin"),
        (Pins("a", False, "w", "c"), "minted"),
        (Pins("a", True, "x", "c"), "wallet"),
        (Pins("a", True, "w", "d"), "code"),
    ):
        assert words in changed_words(pinned, other)


def test_nobody_leaves_frozen_but_to_be_read_anew():
    assert CHAIN_EDGES[FROZEN] == {UNKNOWN}
    assert all(FROZEN in targets for source, targets in CHAIN_EDGES.items() if source != FROZEN)


def test_python_and_sql_mean_the_same_five_minutes():
    folder = Path(__file__).resolve().parents[3] / "tokens" / "sql"
    assert dt.timedelta(minutes=5) == FRESH
    for name in ("chain", "observations"):
        assert "interval '5 minutes'" in (folder / f"{name}.sql").read_text()
