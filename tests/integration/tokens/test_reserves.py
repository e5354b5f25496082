"""Epochs of reserves: what is in them, who takes them, and what the table refuses."""

import hashlib
import json
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from fusion_project.incidents.models import Incident
from tests.builders.reserves import owed_make
from tests.builders.treasury import ledger_accounts_make
from tests.factories.treasury import draft_of
from tokens.errors import NothingOwed, ReservesRefused
from tokens.models import ReserveLeaf, ReserveSnapshot
from tokens.services.reserves import reserves_snapshot, reserves_take_due
from treasury.services.ledger import post

pytestmark = pytest.mark.django_db


def take(book: str = "paper") -> ReserveSnapshot:
    snapshot = reserves_snapshot(book=book, actor="system")
    connection.check_constraints()
    return snapshot


def told(snapshot: ReserveSnapshot) -> dict:
    return json.loads(snapshot.statement)


def epoch_like(
    one: ReserveSnapshot, says: dict | None = None, is_committed: bool = False, **change: Any
) -> None:
    """The next epoch as somebody may write it beside the service; `says`: changes of its text."""
    statement = json.dumps(told(one) | {"epoch": 2, "previous": one.sha256} | (says or {}))
    values = {
        "book": one.book,
        "epoch": 2,
        "at": one.at,
        "previous": one.sha256,
        "statement": statement,
        "sha256": hashlib.sha256(statement.encode()).hexdigest(),
    }
    with transaction.atomic():
        ReserveSnapshot.objects.create(**(values | change))
        if is_committed:
            connection.check_constraints()


def odd_make(amount: str) -> None:
    """So much taken from a pool that has no floor and nothing in it."""
    ledger_accounts_make("Liabilities:Pool:Odd", "Equity:Retained")
    lines = ("Liabilities:Pool:Odd", "USD", amount), ("Equity:Retained", "USD", f"{-int(amount)}")
    post(drafts=[draft_of(f"odd:{amount}", *lines)])


def test_all_that_a_book_owes_is_in_a_tree_and_what_a_broker_lent_is_not():
    owed_make()
    credit = ("Assets:Broker:X:Cash", "Assets:Broker:X:Credit", "Liabilities:Broker:X:Credit")
    ledger_accounts_make(*credit, "Equity:Retained", "Liabilities:Pool:Reward")
    lines = ("Assets:Broker:X:Cash", "USD", "100"), ("Equity:Retained", "USD", "-99.5")
    lent = ("Assets:Broker:X:Credit", "USD", "7"), ("Liabilities:Broker:X:Credit", "USD", "-7")
    post(drafts=[draft_of("x", *lines, ("Liabilities:Pool:Reward", "USD", "-0.5"), *lent)])
    says = told(take())
    assert [(one["unit"], one["leaves"]) for one in says["owed"]] == [("DAI", 5), ("USD", 1)]
    usd = says["owed"][1]
    assert int(usd["sum"]) * 2 == 10 ** usd["scale"]
    assert says["assets"] == [{"unit": "USD", "amount": "100"}]
    assert ReserveLeaf.objects.filter(unit="USD").get().holder == "Liabilities:Pool:Reward"


def test_every_leaf_has_a_salt_of_its_own_in_each_epoch():
    owed_make()
    take()
    take()
    salts = set(ReserveLeaf.objects.values_list("salt", flat=True))
    assert len(salts) == 10
    assert {len(one) for one in salts} == {32}


def test_a_book_that_owes_nothing_or_less_than_nothing_has_no_epoch():
    with pytest.raises(NothingOwed):
        take()
    owed_make()
    odd_make("1")
    with pytest.raises(ReservesRefused, match="Liabilities:Pool:Odd of the paper book is below"):
        take()
    assert not ReserveSnapshot.objects.exists()


def test_one_is_taken_each_day_of_each_book_that_owes_something(clock):
    reserves_take_due()
    assert not ReserveSnapshot.objects.exists()
    owed_make()
    for _ in range(2):
        reserves_take_due()
        clock.advance(seconds=60)
    assert ReserveSnapshot.objects.get().epoch == 1
    clock.advance(seconds=86_400)
    reserves_take_due()
    newest = ReserveSnapshot.objects.latest("id")
    assert (newest.epoch, newest.previous) == (2, ReserveSnapshot.objects.get(epoch=1).sha256)


def test_a_sum_that_cannot_be_told_opens_an_incident_that_the_next_epoch_closes():
    owed_make()
    odd_make("1")
    reserves_take_due()
    incident = Incident.objects.get(kind="reserves.refused", closed_at=None)
    assert "Liabilities:Pool:Odd" in incident.note
    odd_make("-1")
    reserves_take_due()
    assert not Incident.objects.filter(kind="reserves.refused", closed_at=None).exists()


@pytest.mark.parametrize(
    "change",
    [
        {"epoch": 3, "says": {"epoch": 3}},
        {"epoch": 1, "says": {"epoch": 1}},
        {"previous": "0" * 64, "says": {"previous": "0" * 64}},
        {"says": {"previous": "0" * 64}},
        {"says": {"previous": None}},
        {"says": {"book": "live"}},
        {"says": {"epoch": 7}},
        {"says": {"epoch": None}},
        {"says": {"at": "2020-01-01T00:00:00.000000Z"}},
        {"sha256": "0" * 64},
        {"signature": "00"},
    ],
    ids=str,
)
def test_the_table_refuses_a_gap_a_second_of_one_number_and_what_its_text_does_not_say(change):
    owed_make()
    one = take()
    with pytest.raises(DatabaseError):
        epoch_like(one, **change)
    assert ReserveSnapshot.objects.count() == 1


def test_the_table_refuses_an_epoch_whose_leaves_are_not_what_it_says():
    owed_make()
    one = take()
    for says in ({}, {"owed": []}):
        with pytest.raises(DatabaseError, match="leaves of epoch 2"), transaction.atomic():
            epoch_like(one, says=says, is_committed=True)


def test_no_leaf_comes_later_and_none_that_the_epoch_does_not_count():
    owed_make()
    one = take()
    for change in ({"place": 5}, {"place": 0, "unit": "USD"}):
        leaf = {"snapshot": one, "unit": "DAI", "holder": "X", "amount": 1, "salt": "0" * 32}
        with pytest.raises(DatabaseError, match="not among those"), transaction.atomic():
            ReserveLeaf.objects.create(**(leaf | change))


def test_an_epoch_and_its_leaves_never_change():
    owed_make()
    one = take()
    for change in (
        lambda: ReserveSnapshot.objects.update(signature=""),
        lambda: ReserveSnapshot.objects.all()._raw_delete("default"),
        lambda: one.leaves.update(amount=0),
        lambda: one.leaves.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
