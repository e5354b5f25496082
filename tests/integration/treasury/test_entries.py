"""The audit list: filters, order, and a fixed number of queries."""

import pytest

from tests.builders.treasury import entry_taken_back, ledger_accounts_make, ledger_start
from tests.factories.treasury import TRACE, transfer
from treasury.selectors.balances import trial_balance
from treasury.selectors.entries import entry_as_draft, entry_list
from treasury.services.ledger import post

pytestmark = pytest.mark.django_db


def test_the_list_costs_two_queries_however_long(django_assert_num_queries):
    ledger_start()
    entry_taken_back(post(drafts=[transfer("other")])[0].id, reason="why")
    post(drafts=[transfer(f"k{n}") for n in range(30)])
    with django_assert_num_queries(2):
        for entry in entry_list():
            assert [line.account.code for line in entry.lines.all()]
            assert entry.reverses is None or entry.reverses.idem_key
            assert getattr(entry, "reversed_by", None) is None or entry.reversed_by.idem_key


def test_newest_come_first_and_older_ones_on_request():
    first = ledger_start()
    second = post(drafts=[transfer("second")])[0]
    assert [entry.id for entry in entry_list()] == [second.id, first.id]
    assert [entry.id for entry in entry_list(before_id=second.id)] == [first.id]
    assert [entry.id for entry in entry_list(limit=1)] == [second.id]


def test_filters_narrow_the_list():
    first = ledger_start()
    ledger_accounts_make("Assets:Alpha", "Income:Beta", book="live")
    live = post(drafts=[transfer("live", book="live")])[0]
    assert [entry.id for entry in entry_list(book="live")] == [live.id]
    assert [entry.id for entry in entry_list(book="paper", kind="test")] == [first.id]
    assert list(entry_list(kind="none")) == []
    assert [entry.id for entry in entry_list(trace_id=TRACE, book="paper")] == [first.id]
    assert [entry.id for entry in entry_list(account_code="Income:Beta")] == [live.id, first.id]
    assert list(entry_list(account_code="Income:None")) == []


def test_a_stored_entry_gives_the_draft_it_came_from():
    ledger_start()
    assert entry_as_draft(entry_list()[0]) == transfer("start")


def test_the_trial_balance_shows_both_sides_and_unused_accounts():
    ledger_start()
    ledger_accounts_make("Assets:Unused")
    entry_taken_back(post(drafts=[transfer("o", "2")])[0].id, reason="why")
    rows = {row.code: (row.debit, row.credit, row.balance) for row in trial_balance(book="paper")}
    assert rows == {
        "Assets:Alpha": (7, 2, 5),
        "Assets:Unused": (0, 0, 0),
        "Income:Beta": (2, 7, -5),
    }
