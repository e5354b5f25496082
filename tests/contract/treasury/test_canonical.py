"""The bytes that Python hashes are the bytes that the database hashes."""

import datetime as dt
from decimal import Decimal

import pytest

from tests.builders.treasury import entry_taken_back, ledger_accounts_make
from tests.factories.treasury import draft_of, transfer
from treasury.models import Entry
from treasury.rules.canonical import StoredEntry, StoredLine, field, leaf_sha256, request_sha256
from treasury.services.ledger import post


def stored(entry: Entry) -> StoredEntry:
    names = (
        "id",
        "idem_key",
        "request_sha256",
        "kind",
        "book",
        "event_at",
        "recorded_at",
        "source",
        "trace_id",
        "reverses_id",
        "note",
    )
    lines = tuple(
        StoredLine(line.n, line.account.code, line.currency_id, line.amount)
        for line in entry.lines.select_related("account").order_by("n")
    )
    return StoredEntry(**{name: getattr(entry, name) for name in names}, lines=lines)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("note", "amount"),
    [
        ("", "5"),
        ("äöü € 漢字 \N{GRINNING FACE}", "0.00000001"),
        ('quotes " and \\ and\nnewline 5:x-', "99999999999999999999"),
        ("1:2", "-1234567.89"),
    ],
)
def test_python_and_sql_agree_on_request_and_leaf(note, amount):
    ledger_accounts_make("Assets:Alpha", "Income:Beta")
    other = f"{-Decimal(amount):f}"
    draft = draft_of("k", ("Assets:Alpha", "USD", amount), ("Income:Beta", "USD", other), note=note)
    entry = Entry.objects.get(id=post(drafts=[draft])[0].id)
    assert entry.request_sha256 == request_sha256(draft)
    assert entry.leaf.sha256 == leaf_sha256(stored(entry))
    reversal = Entry.objects.get(id=entry_taken_back(entry.id, reason=note or "why").id)
    assert reversal.leaf.sha256 == leaf_sha256(stored(reversal))


@pytest.mark.django_db
def test_microseconds_before_and_after_1970_agree():
    ledger_accounts_make("Assets:Alpha", "Income:Beta")
    moments = ["1969-12-31T23:59:59.999999+00:00", "2038-01-19T03:14:08.000001+05:30"]
    for moment in moments:
        draft = transfer(moment)
        draft = type(draft)(
            **{name: getattr(draft, name) for name in draft.__slots__}
            | {"event_at": dt.datetime.fromisoformat(moment)}
        )
        assert Entry.objects.get(id=post(drafts=[draft])[0].id).request_sha256 == request_sha256(
            draft
        )


def test_fields_cannot_run_into_each_other():
    assert field("a") + field("b") != field("ab") + field("")
    assert field(None) != field("-")


def test_a_known_request_keeps_its_hash():
    assert (
        request_sha256(transfer("golden"))
        == "5b2caaeb92a9da03750962980defd19de8633f157aa844fe6be6d8c916494315"
    )
