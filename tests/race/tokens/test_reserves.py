"""Epochs of reserves that several take at once: each follows another, and none fails."""

import hashlib
import itertools
import json

import pytest

from tests.builders.reserves import HOLDERS, owed_make, owed_more
from tests.factories.treasury import draft_of
from tokens.models import ReserveSnapshot
from tokens.selectors.reserves import reserves_unlike_leaves
from tokens.services.reserves import reserves_snapshot
from treasury.services.ledger import post

pytestmark = pytest.mark.usefixtures("committed_db")

THREADS = 3


def test_epochs_taken_at_once_follow_each_other(in_threads):
    owed_make()
    epochs = in_threads(THREADS, lambda _: reserves_snapshot(book="paper", actor="system").epoch)
    assert sorted(epochs) == list(range(1, THREADS + 1))
    told = list(ReserveSnapshot.objects.order_by("epoch"))
    assert all(after.previous == one.sha256 for one, after in itertools.pairwise(told))
    assert all(hashlib.sha256(one.statement.encode()).hexdigest() == one.sha256 for one in told)
    assert reserves_unlike_leaves() == []


def test_what_moves_between_holders_meanwhile_is_in_the_sum_once(in_threads):
    owed_make()
    for holder in HOLDERS:
        owed_more(holder, "50")

    def work(number: int) -> None:
        for turn in range(5):
            if number == 0:
                reserves_snapshot(book="paper", actor="system")
            else:
                given(f"{number}:{turn}", HOLDERS[number], HOLDERS[number - 1])

    assert in_threads(THREADS, work) == [None] * THREADS
    told = [json.loads(one.statement) for one in ReserveSnapshot.objects.all()]
    assert [one["owed"][0]["sum"] for one in told] == [str(265 * 10**9)] * 5
    assert reserves_unlike_leaves() == []


def given(key: str, one: str, other: str) -> None:
    """One DAI from a holder to another."""
    post(drafts=[draft_of(key, (one, "DAI", "1"), (other, "DAI", "-1"))])
