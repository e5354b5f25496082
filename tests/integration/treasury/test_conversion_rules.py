"""What the tables take of conversions, whoever writes: as wanted, at its price, once."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from fusion_project.events.clock import now
from tests.builders.converting import POOL_EUR, POOL_USD, conversion_made, pools_make, price_told
from tests.builders.second_person import request_confirmed
from tests.builders.treasury import entry_taken_back, ledger_accounts_make
from tests.database import owner_writes
from tests.factories.treasury import MOMENT, draft_of
from treasury.models import Conversion, PriceSnapshot
from treasury.selectors.balances import account_balance
from treasury.selectors.coins import coin_digits
from treasury.selectors.integrity_of_periods import conversions_damaged
from treasury.services.conversions import conversion_open
from treasury.services.ledger import accounts_ensure, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def pools() -> None:
    pools_make()


def balance(code: str) -> Decimal:
    return account_balance(book="paper", code=code)


def _raw(made: Conversion, **changes: object) -> None:
    """Moved past the service, with what is checked at commit."""
    with transaction.atomic():
        Conversion.objects.filter(id=made.pk).update(**changes)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _entry_of(made: Conversion, *lines: tuple[str, str, str], key: str = "") -> int:
    draft = draft_of(key or f"conversion:{made.pk}", *lines, kind="conversion")
    accounts_ensure(drafts=[draft])
    return post(drafts=[draft])[0].id


def _lines(received: str) -> tuple[tuple[str, str, str], ...]:
    return (
        (POOL_EUR, "EUR", "100"),
        ("Equity:Conversion:EUR", "EUR", "-100"),
        ("Equity:Conversion:USD", "USD", received),
        (POOL_USD, "USD", f"-{received}"),
    )


LINES = _lines("108")


@transaction.atomic
def _entry_checked(made: Conversion) -> None:
    """Its entry alone, judged as at commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    _entry_of(made, *LINES)


def _ended(price: PriceSnapshot, entry_id: int, received: str = "108") -> dict[str, object]:
    return {
        "state": "done",
        "price": price,
        "received": Decimal(received),
        "entry_id": entry_id,
        "waits_for": "",
        "ended_by": "system",
        "ended_at": now(),
    }


def test_the_table_takes_the_conversion_that_its_price_and_entry_give(pools):
    made = conversion_made("100")
    price = price_told()
    with transaction.atomic():
        _raw(made, **_ended(price, _entry_of(made, *LINES)))
    made.refresh_from_db()
    assert made.state == "done"


@pytest.mark.parametrize(
    ("price", "lines", "received", "key", "rule"),
    [
        ({}, _lines("107.99"), "107.99", "", "at_its_price"),
        ({}, _lines("108.01"), "108.01", "", "at_its_price"),
        ({"price": "1.0801"}, LINES, "108", "", "at_its_price"),
        ({"hours_ago": 25}, LINES, "108", "", "at_its_price"),
        ({"book": "live"}, LINES, "108", "", "at_its_price"),
        ({"base": "USD", "quote": "EUR"}, LINES, "108", "", "at_its_price"),
        ({}, LINES, "108", "conversion:x", "fits_its_entry"),
        (
            {},
            (*LINES, ("Assets:Paid-USD", "USD", "1"), ("Equity:Conversion:USD", "USD", "-1")),
            "108",
            "",
            "fits_its_entry",
        ),
        (
            {},
            (
                ("Assets:Paid-EUR", "EUR", "100"),
                ("Equity:Conversion:EUR", "EUR", "-100"),
                *LINES[2:],
            ),
            "108",
            "",
            "fits_its_entry",
        ),
    ],
)
def test_the_table_refuses_what_its_price_or_its_entry_does_not_give(
    pools, price, lines, received, key, rule
):
    made = conversion_made("100")
    told = price_told(**price)
    with pytest.raises(IntegrityError, match="conversion") as refused, transaction.atomic():
        _raw(made, **_ended(told, _entry_of(made, *lines, key=key), received))
    assert refused.value.__cause__.diag.constraint_name == f"treasury_conversion_{rule}"


def test_an_entry_of_a_conversion_that_there_is_not_is_refused(pools):
    made = conversion_made("100")
    with pytest.raises(IntegrityError, match="no conversion has made it"):
        _entry_checked(made)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": Decimal(1)},
        {"book": "live"},
        {"state": "withdrawn", "ended_by": "user:1", "ended_at": MOMENT, "amount": Decimal(1)},
    ],
)
def test_what_is_converted_stays(pools, changes):
    made = conversion_made("100")
    with owner_writes(), pytest.raises(IntegrityError):
        _raw(made, **changes)


def test_what_has_ended_stays_ended(pools):
    price_told()
    made = conversion_made("100")
    for changes in ({"waits_for": "x"}, {"state": "waiting"}, {"received": Decimal(1)}):
        with pytest.raises(IntegrityError, match="it ends once"):
            _raw(made, **changes)


@pytest.mark.parametrize(
    "wanted",
    [
        {"amount": "11"},
        {"from": POOL_USD},
        {"to": "Liabilities:Pool:House:Burn:USD"},
        {"book": "live"},
    ],
)
def test_a_conversion_is_the_one_that_two_people_confirmed(pools, wanted):
    payload = {"book": "paper", "from": POOL_EUR, "to": POOL_USD, "currency": "USD", "amount": "10"}
    request = request_confirmed("conversion.make", **(payload | wanted))
    with pytest.raises(IntegrityError, match="second person"):
        conversion_open(payload, request)
    other = request_confirmed("transit.clear", **payload)
    with pytest.raises(IntegrityError, match="second person"), transaction.atomic():
        conversion_open(payload, other)


def test_units_and_tokens_are_no_money_and_so_are_never_converted(pools):
    assert coin_digits("DCT") is None
    ledger_accounts_make("Assets:Treasury:DCT", currency="DCT")
    payload = {"book": "paper", "from": "Assets:Treasury:DCT", "to": "Assets:Treasury:USD"}
    payload |= {"currency": "USD", "amount": "1"}
    (target,) = ledger_accounts_make("Assets:Treasury:USD")
    request = request_confirmed("conversion.make", **payload)
    with pytest.raises(IntegrityError, match="begins waiting"), transaction.atomic():
        Conversion.objects.create(
            book="paper",
            source=ledger_accounts_make("Assets:Treasury:DCT", currency="DCT")[0],
            target=target,
            amount=Decimal(1),
            request=request,
            asked_at=now(),
        )


def test_a_conversion_is_taken_back_by_two_people_and_stays_explained(pools):
    price_told()
    made = conversion_made("100")
    entry_taken_back(made.entry_id)
    assert balance(POOL_EUR) == -1000
    assert balance("Equity:Conversion:USD") == 0
    assert conversions_damaged() == []


def test_a_line_on_a_conversion_account_that_no_conversion_moved_is_named(pools):
    ledger_accounts_make("Equity:Conversion:EUR", currency="EUR")
    post(
        drafts=[
            draft_of("x", ("Assets:Paid-EUR", "EUR", "1"), ("Equity:Conversion:EUR", "EUR", "-1"))
        ]
    )
    assert "moves Equity:Conversion:EUR and is no conversion" in conversions_damaged()[0]
