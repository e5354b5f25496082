"""Epochs of reserves that several take at once: each follows another, and none fails."""

import hashlib
import itertools

import pytest
from django.db import connection

from tests.builders.reserves import HOLDERS, owed_make, owed_more
from tokens.models import ReserveSnapshot
from tokens.selectors.reserves import reserves_unlike_leaves
from tokens.services.reserves import reserves_snapshot

pytestmark = pytest.mark.usefixtures("committed_db")

THREADS = 6


def test_epochs_taken_at_once_follow_each_other(in_threads):
    owed_make()
    epochs = in_threads(THREADS, lambda _: reserves_snapshot(book="paper", actor="system").epoch)
    assert sorted(epochs) == list(range(1, THREADS + 1))
    told = list(ReserveSnapshot.objects.order_by("epoch"))
    assert all(after.previous == one.sha256 for one, after in itertools.pairwise(told))
    assert all(hashlib.sha256(one.statement.encode()).hexdigest() == one.sha256 for one in told)
    assert reserves_unlike_leaves() == []


def test_a_statement_beside_postings_has_all_of_an_entry_or_none(in_threads):
    """What moves from one holder to another is never in the sum twice, or not at all."""
    owed_make()
    connection.close()

    def work(number: int) -> None:
        for turn in range(5):
            if number == 0:
                reserves_snapshot(book="paper", actor="system")
            else:
                owed_more(HOLDERS[number - 1], str(turn + 10), book="paper")

    assert in_threads(4, work) == [None] * 4
    assert ReserveSnapshot.objects.count() == 5
    assert reserves_unlike_leaves() == []
