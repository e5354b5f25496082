"""Prices come from a file, whole or not at all, and what is stored stays."""

import datetime as dt
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from fusion_project.events.clock import now
from tests.builders.converting import pools_make
from tests.builders.people import staff_make
from treasury import errors
from treasury.models import PriceSnapshot
from treasury.services.prices import price_record

pytestmark = pytest.mark.django_db

HEADER = "base,quote,price,time,source"


@pytest.fixture
def pools() -> None:
    pools_make()


def imported(folder: Path, *lines: str) -> str:
    file = folder / "prices.csv"
    file.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    out = StringIO()
    user = staff_make("ops")
    call_command("price_import", str(file), "--book=paper", f"--as={user.username}", stdout=out)
    return out.getvalue()


def test_a_file_of_prices_is_stored_once(pools, tmp_path):
    lines = (
        "EUR,USD,1.0825,2026-03-02T10:00:00Z,ECB",
        "EUR,USD,1.083,2026-03-03T10:00:00Z,ECB",
    )
    assert imported(tmp_path, *lines) == "2 prices, 2 added\n"
    assert (
        imported(tmp_path, *lines, "EUR,USD,1.1,2026-03-04T10:00:00Z,ECB") == "3 prices, 1 added\n"
    )
    first = PriceSnapshot.objects.order_by("id").first()
    assert (first.source, first.price) == ("import:ECB", Decimal("1.0825"))
    assert first.age == first.recorded_at - first.priced_at > dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("EUR,CHF,1,2026-03-02T10:00:00Z,x", "line 3: the ledger has no currency CHF"),
        ("EUR,USD,1.5e0,2026-03-02T10:00:00Z,x", "line 3: price '1.5e0' is no decimal"),
        ("EUR,USD,1.5", "line 3: expected 5 values, was 3"),
        ("EUR,USD,1,2999-03-02T10:00:00Z,x", "line 3: 2999-03-02T10:00:00Z is yet to come"),
        ("EUR,USD,2,2026-03-01T10:00:00Z,ECB", "line 3: 1 is stored, told for the same time"),
    ],
)
def test_a_file_with_one_bad_line_changes_nothing(pools, tmp_path, line, words):
    imported(tmp_path, "EUR,USD,1,2026-03-01T10:00:00Z,ECB")
    with pytest.raises(CommandError, match="Nothing was imported") as refused:
        imported(tmp_path, "EUR,USD,1,2026-03-05T10:00:00Z,ECB", line)
    assert words in str(refused.value)
    assert PriceSnapshot.objects.count() == 1


def test_what_is_no_utf_8_is_told_by_its_line(pools, tmp_path):
    file = tmp_path / "prices.csv"
    file.write_bytes(HEADER.encode() + b"\nEUR,USD,\xff\n")
    user = staff_make("ops")
    with pytest.raises(CommandError, match="line 2: this is no UTF-8"):
        call_command("price_import", str(file), "--book=paper", f"--as={user.username}")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("price_import", str(tmp_path), "--book=paper", f"--as={user.username}")


@pytest.mark.parametrize(
    "changed",
    [
        {"base": "CHF"},
        {"quote": "EUR"},
        {"price": Decimal("-1")},
        {"priced_at": dt.datetime(2999, 1, 1, tzinfo=dt.UTC)},
    ],
)
def test_a_price_that_is_none_is_not_recorded(pools, changed):
    wanted = {
        "book": "paper",
        "base": "EUR",
        "quote": "USD",
        "price": Decimal(1),
        "priced_at": now(),
        "source": "import:x",
        "actor": "system",
    }
    with pytest.raises(errors.PriceRefused):
        price_record(**(wanted | changed))


def test_a_price_told_again_is_the_one_that_is_there_and_another_one_is_refused(pools):
    at = now()
    wanted = {"book": "paper", "base": "EUR", "quote": "USD", "priced_at": at, "actor": "system"}
    first = price_record(price=Decimal("1.1"), source="import:x", **wanted)
    assert price_record(price=Decimal("1.10"), source="import:x", **wanted).pk == first.pk
    with pytest.raises(errors.PriceRefused, match=r"told 1.1 USD for a EUR at that time, now 1.2"):
        price_record(price=Decimal("1.2"), source="import:x", **wanted)
