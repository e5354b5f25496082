"""Folds of one position and many positions at once: each posted once, none twice."""

from decimal import Decimal

import pytest

from fusion_project.events.models import Handling
from tests.builders.tokens import position_make, position_refold
from tests.builders.treasury import broker_account_make
from tokens.models import PositionAward
from tokens.selectors.supply import accrual_get, supply_list
from tokens.services.positions import position_post
from treasury.models import Entry
from treasury.selectors.balances import ledger_is_balanced

pytestmark = pytest.mark.usefixtures("committed_db")

THREADS = 8


def test_one_position_posted_by_many_is_posted_once(in_threads):
    position = position_make(broker_account_make())
    results = in_threads(THREADS, lambda _: position_post(position_id=position.pk))
    assert sorted(map(len, results)) == [0] * (THREADS - 1) + [3]
    assert Entry.objects.count() == 3


def test_positions_of_one_account_in_parallel_share_pools_without_deadlock(in_threads):
    account = broker_account_make()
    positions = [position_make(account, position_ticket=n) for n in range(1, THREADS * 4 + 1)]

    def work(number: int) -> None:
        for position in positions[number::THREADS]:
            position_post(position_id=position.pk)

    assert in_threads(THREADS, work) == [None] * THREADS
    assert sum(accrual_get(book="paper", currency="USD").values()) == 10 * len(positions)
    assert {one.issued - one.held for one in supply_list(book="paper")} == {0}
    assert ledger_is_balanced()


def test_a_refold_during_posting_leaves_only_the_last_fold_standing(in_threads):
    position = position_make(broker_account_make(), net=Decimal(10))

    def work(number: int) -> None:
        if number == 0:
            position_refold(position, net=Decimal(-4))
        position_post(position_id=position.pk)

    assert in_threads(THREADS, work) == [None] * THREADS
    assert sum(accrual_get(book="paper", currency="USD").values()) == -4
    standing = PositionAward.objects.filter(entry__reversed_by=None)
    assert set(standing.values_list("fold_revision", flat=True)) == {2}
    assert Handling.objects.filter(handler="tokens.post_position").count() == 2
