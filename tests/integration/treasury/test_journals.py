"""An export holds the whole book; programs of others accept it and refuse it damaged."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.builders.converting import conversion_made, pools_make, price_told
from tests.builders.treasury import (
    broker_account_make,
    deal_make,
    deposit_make,
    entry_taken_back,
    ledger_accounts_make,
    ledger_start,
)
from tests.drills.ledger import PROGRAMS, judged, program_of, refusal
from tests.factories.treasury import draft_of
from treasury.models import Entry, Line
from treasury.services.deals import deals_post
from treasury.services.ledger import currency_ensure, post

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def book() -> None:
    """Deals, units with 18 digits, a reversal with an odd note, a conversion, another book."""
    account = broker_account_make(server="Odd Server (1)", login="77")
    deals = [deposit_make(account), *(deal_make(account) for _ in range(4))]
    deals_post(deal_ids=[deal.pk for deal in deals])
    ledger_accounts_make("Equity:Units", "Liabilities:Pool", currency="X1")
    least = ("Equity:Units", "X1", "0.00000001"), ("Liabilities:Pool", "X1", "-0.00000001")
    post(drafts=[draft_of("least", *least)])
    entry_taken_back(ledger_start().id, reason='odd "note" \\ ; with\nall | of, it: é')
    ledger_accounts_make("Assets:Alpha", "Income:Beta", book="live")
    pools_make()
    price_told("1.081234567890123456")
    assert conversion_made("123.45").state == "done"
    currency_ensure(code="X2")
    price_told("0.000000000000000001", base="X2", quote="USD")


def exported(folder: Path, name: str, book: str = "paper") -> Path:
    file = folder / f"{book}.{name}"
    call_command("export_ledger", format=name, book=book, output=file, stdout=io.StringIO())
    return file


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_program_accepts_the_book_and_refuses_every_damage(book, tmp_path, name):
    if program_of(name) is None:
        pytest.skip(f"{name} is not installed")
    for asked, is_so, words in judged(name, exported(tmp_path, name)):
        assert is_so, f"{asked}: {words}"


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_program_accepts_an_empty_book(tmp_path, name):
    if program_of(name) is None:
        pytest.skip(f"{name} is not installed")
    assert refusal(name, exported(tmp_path, name, "live")) == ""


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("beancount", ("price EUR 1.081234567890123456 USD", "price X2 0.000000000000000001 USD")),
        ("hledger", ("EUR 1.081234567890123456 USD", '"X2" 0.000000000000000001 USD')),
    ],
)
def test_prices_are_in_the_journals_of_their_book_alone(book, tmp_path, name, lines):
    text = exported(tmp_path, name).read_text(encoding="utf-8")
    for line in lines:
        assert line in text
    assert "1.0812" not in exported(tmp_path, name, "live").read_text(encoding="utf-8")


def test_the_table_holds_every_line_of_the_book_and_no_other(book, tmp_path):
    rows = list(csv.DictReader(exported(tmp_path, "csv").open(encoding="utf-8")))
    lines = Line.objects.filter(entry__book="paper")
    assert len(rows) == lines.count()
    assert sum(Decimal(row["amount"]) for row in rows if row["currency"] == "USD") == 0
    told = {(row["entry"], row["sha256"]) for row in rows}
    stored = Entry.objects.filter(book="paper").values_list("id", "leaf__sha256")
    assert told == {(str(number), sha256) for number, sha256 in stored}


def test_what_cannot_be_written_leaves_no_half_file(book, tmp_path):
    with pytest.raises(CommandError, match="cannot be written"):
        exported(tmp_path / "nowhere", "csv")
    target = tmp_path / "paper.csv"
    target.mkdir()
    with pytest.raises(CommandError, match="cannot be written"):
        exported(tmp_path, "csv")
    assert [one.name for one in tmp_path.iterdir()] == ["paper.csv"]
