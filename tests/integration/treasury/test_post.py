"""`post` and `entry_reverse`: one road in, idempotent, and refusals that name the fact."""

from decimal import Decimal

import pytest
from django.db import connection, transaction

from fusion_project.events import names
from fusion_project.events.models import Event
from fusion_project.events.subjects import subject_of
from fusion_project.second_person.models import Request
from tests.builders.second_person import request_confirmed
from tests.builders.treasury import entry_taken_back, ledger_accounts_make, ledger_start
from tests.factories.treasury import draft_of, transfer
from treasury import errors
from treasury.models import Balance, Entry, LedgerAccount, Line
from treasury.rules.canonical import request_sha256
from treasury.selectors.balances import account_balance, ledger_is_balanced, trial_balance
from treasury.services.ledger import account_ensure, entry_reverse, post

pytestmark = pytest.mark.django_db


def test_an_entry_is_posted_with_its_lines_hash_and_event():
    posted = ledger_start()
    assert posted.created
    entry = Entry.objects.get(id=posted.id)
    assert [(line.account.code, line.amount) for line in entry.lines.all()] == [
        ("Assets:Alpha", Decimal(5)),
        ("Income:Beta", Decimal(-5)),
    ]
    assert entry.request_sha256 == request_sha256(transfer("start"))
    assert len(entry.leaf.sha256) == 64
    event = Event.objects.get(name=names.ENTRY_POSTED)
    assert event.subject == f"treasury.entry:{entry.id}"
    assert event.detail == '{"book":"paper","idem_key":"start","kind":"test"}'
    assert event.trace_id == entry.trace_id


def test_the_same_draft_again_answers_with_the_entry_that_is_there():
    first = ledger_start()
    again = post(drafts=[transfer("start")])[0]
    assert (again.id, again.created) == (first.id, False)
    assert Entry.objects.count() == 1
    assert Event.objects.filter(name=names.ENTRY_POSTED).count() == 1


def test_the_same_amount_written_differently_is_the_same_request():
    first = ledger_start()
    assert post(drafts=[transfer("start", "5.000")])[0].id == first.id


def test_the_same_key_with_another_amount_is_refused_and_names_both_hashes():
    ledger_start()
    with pytest.raises(errors.EntryKeyReused) as refusal:
        post(drafts=[transfer("start", "6")])
    assert request_sha256(transfer("start", "5")) in str(refusal.value)
    assert request_sha256(transfer("start", "6")) in str(refusal.value)
    assert account_balance(book="paper", code="Assets:Alpha") == 5


def test_a_batch_answers_in_the_order_of_its_drafts():
    ledger_start()
    keys = ["z", "start", "a", "m"]
    posted = post(drafts=[transfer(key) for key in keys])
    assert [one.idem_key for one in posted] == keys
    assert [one.created for one in posted] == [True, False, True, True]
    ids = [one.id for one in posted if one.created]
    assert ids == sorted(ids)


def test_one_bad_draft_refuses_the_whole_batch():
    ledger_start()
    bad = draft_of("bad", ("Assets:None", "USD", "1"), ("Income:Beta", "USD", "-1"))
    with pytest.raises(errors.AccountUnknown):
        post(drafts=[transfer("good"), bad])
    assert not Entry.objects.filter(idem_key="good").exists()


def test_the_same_key_twice_in_one_batch_is_refused():
    ledger_start()
    with pytest.raises(Exception, match="twice in one batch"):
        post(drafts=[transfer("k"), transfer("k", "6")])


def test_an_empty_batch_does_nothing():
    assert post(drafts=[]) == []


def test_a_batch_costs_one_round_trip(django_assert_num_queries):
    ledger_start()
    drafts = [transfer(f"k{n}") for n in range(50)]
    with django_assert_num_queries(3):  # savepoint, treasury_post, release
        post(drafts=drafts)


def test_digits_beyond_the_currency_are_refused():
    ledger_accounts_make("Assets:Alpha", "Income:Beta")
    with pytest.raises(errors.AmountNotExact):
        post(drafts=[transfer("k", "0.000000000000000001")])
    with pytest.raises(errors.AmountNotExact):
        post(drafts=[transfer("k", "1.000000001")])
    assert post(drafts=[transfer("k", "1.00000001")])[0].created


def test_a_nineteenth_digit_is_refused_inside_the_database_too():
    ledger_start()
    drafts = """[{"idem_key":"k","kind":"test","book":"paper","event_at":"2026-03-02T10:00:00Z",
        "source":"s","trace_id":"00000000000000000000000000000001","reverses_key":null,"note":"",
        "lines":[["Assets:Alpha","USD","1.0000000000000000015"],
                 ["Income:Beta","USD","-1.0000000000000000015"]]}]"""
    with (
        pytest.raises(Exception, match="more than 18 digits"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT * FROM treasury_post(%s, 'test', '{}')", [drafts])


def test_a_line_in_a_currency_that_is_not_its_accounts_is_refused():
    ledger_accounts_make("Assets:Alpha", "Income:Beta")
    ledger_accounts_make("Assets:Euro", currency="EUR")
    with pytest.raises(errors.AccountMismatch):
        post(drafts=[draft_of("k", ("Assets:Euro", "USD", "1"), ("Income:Beta", "USD", "-1"))])


def test_paper_and_live_never_meet_in_an_entry():
    ledger_accounts_make("Assets:Alpha", "Income:Beta")
    ledger_accounts_make("Assets:Live", book="live")
    with pytest.raises(errors.AccountUnknown):
        post(drafts=[draft_of("k", ("Assets:Live", "USD", "1"), ("Income:Beta", "USD", "-1"))])


def test_the_same_code_in_two_books_is_two_accounts():
    ledger_start()
    ledger_accounts_make("Assets:Alpha", "Income:Beta", book="live")
    post(drafts=[transfer("live", "7", book="live")])
    assert account_balance(book="paper", code="Assets:Alpha") == 5
    assert account_balance(book="live", code="Assets:Alpha") == 7
    assert ledger_is_balanced()


def test_an_account_with_a_floor_keeps_its_balance_and_stops_at_it():
    ledger_accounts_make("Liabilities:Pool", floor=Decimal(0))
    ledger_accounts_make("Equity:Issued")
    put = draft_of("put", ("Equity:Issued", "USD", "5"), ("Liabilities:Pool", "USD", "-5"))
    post(drafts=[put])
    with pytest.raises(errors.FloorBreached):
        post(drafts=[pool_take("6")])
    assert Balance.objects.get(account__code="Liabilities:Pool").amount == -5
    post(drafts=[pool_take("5")])
    assert Balance.objects.get(account__code="Liabilities:Pool").amount == 0


def pool_take(amount: str):
    return draft_of(
        "take", ("Equity:Issued", "USD", f"-{amount}"), ("Liabilities:Pool", "USD", amount)
    )


def test_an_asset_with_a_floor_stops_on_its_own_side():
    ledger_accounts_make("Assets:Alpha", floor=Decimal(2))
    ledger_accounts_make("Income:Beta")
    post(drafts=[transfer("in", "5")])
    with pytest.raises(errors.FloorBreached):
        post(drafts=[transfer("out", "-3.5")])


def test_an_account_is_ensured_once_and_refuses_to_become_another():
    first = account_ensure_alpha()
    assert account_ensure_alpha().pk == first.pk
    with pytest.raises(errors.AccountMismatch):
        account_ensure_alpha(floor=Decimal(0))
    assert LedgerAccount.objects.filter(code="Assets:Alpha").count() == 1


def account_ensure_alpha(**facts):
    ledger_accounts_make("Assets:Other")
    wanted = {"code": "Assets:Alpha", "book": "paper", "currency": "USD", "kind": "asset"}
    return account_ensure(**(wanted | facts))


def wanted(entry_id: int) -> str:
    """The source of a reversal that two people want."""
    return subject_of(Request, request_confirmed("entry.reverse", entry_id=entry_id).pk)


@pytest.mark.parametrize(
    "source", ["test:1", "execution.deal:1", "execution.position:1", "second_person.request:999"]
)
def test_nobody_takes_an_entry_back_for_no_reason_of_its_own(source):
    ledger_start()
    mirror = draft_of(
        "m",
        ("Assets:Alpha", "USD", "-5"),
        ("Income:Beta", "USD", "5"),
        reverses_key="start",
        source=source,
    )
    with pytest.raises(errors.ReversalUnwanted):
        post(drafts=[mirror])


def test_a_request_takes_back_only_the_entry_that_it_names():
    posted = ledger_start()
    other = post(drafts=[transfer("other")])[0]
    request = request_confirmed("entry.reverse", entry_id=other.id)
    with pytest.raises(errors.ReversalUnwanted):
        entry_reverse(entry_id=posted.id, request=request)


def test_a_reversal_undoes_its_entry_to_the_last_digit():
    posted = ledger_start()
    reversal = entry_taken_back(posted.id, reason="duplicate broker report")
    entry = Entry.objects.get(id=reversal.id)
    assert entry.reverses_id == posted.id
    assert entry.note == "duplicate broker report"
    assert account_balance(book="paper", code="Assets:Alpha") == 0
    assert all(row.balance == 0 for row in trial_balance(book="paper"))


def test_an_entry_is_reversed_once():
    posted = ledger_start()
    request = request_confirmed("entry.reverse", entry_id=posted.id)
    first = entry_reverse(entry_id=posted.id, request=request)
    assert entry_reverse(entry_id=posted.id, request=request).id == first.id
    with pytest.raises(errors.EntryAlreadyReversed):
        entry_taken_back(posted.id, reason="another reason")
    with pytest.raises(errors.EntryAlreadyReversed):
        entry_taken_back(first.id, reason="back again")


def test_a_reversal_is_not_reversed_by_a_draft_either():
    posted = ledger_start()
    reversal = entry_taken_back(posted.id, reason="why")
    back = draft_of(
        "back",
        ("Assets:Alpha", "USD", "5"),
        ("Income:Beta", "USD", "-5"),
        reverses_key=reversal.idem_key,
        source=wanted(reversal.id),
    )
    with pytest.raises(errors.EntryAlreadyReversed):
        post(drafts=[back])


def test_a_reversal_that_is_no_mirror_is_refused():
    posted = ledger_start()
    ledger_accounts_make("Income:Gamma")
    odd = draft_of(
        "odd",
        ("Assets:Alpha", "USD", "-5"),
        ("Income:Gamma", "USD", "5"),
        reverses_key="start",
        source=wanted(posted.id),
    )
    with pytest.raises(errors.EntryAlreadyReversed, match="mirror"):
        post(drafts=[odd])


def test_reversing_what_is_not_there_is_refused():
    ledger_start()
    with pytest.raises(errors.EntryNotFound):
        entry_taken_back(10**9, reason="why")
    mirror = draft_of(
        "m", ("Assets:Alpha", "USD", "-5"), ("Income:Beta", "USD", "5"), reverses_key="none"
    )
    with pytest.raises(errors.EntryNotFound):
        post(drafts=[mirror])


def test_an_entry_and_its_reversal_fit_in_one_batch():
    ledger_accounts_make("Assets:Alpha", "Income:Beta")
    first, folded_anew = (
        draft_of(key, *lines, reverses_key=reverses, source="execution.position:1")
        for key, reverses, lines in (
            ("b", None, (("Assets:Alpha", "USD", "5"), ("Income:Beta", "USD", "-5"))),
            ("a", "b", (("Assets:Alpha", "USD", "-5"), ("Income:Beta", "USD", "5"))),
        )
    )
    post(drafts=[first, folded_anew])
    assert Entry.objects.get(reverses__idem_key="b").idem_key == "a"
    assert Line.objects.count() == 4
