"""Prices from a file, what an amount comes to at one, and the entry of a conversion."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.treasury import MOMENT, TRACE
from treasury.rules.conversions import Leg, conversion_account, conversion_draft, is_convertible
from treasury.rules.drafts import EXACT, draft_check
from treasury.rules.prices import COLUMNS, converted, faults_of, prices_read

HEADER = ",".join(COLUMNS)
GOOD = "EUR,USD,1.0825,2026-03-02T10:00:00Z,ECB"
AMOUNTS = st.decimals("0.01", "99999999", places=2)
PRICES = st.decimals("0.000001", "99999", places=6)


def test_a_file_is_read_to_the_last_digit():
    rows, faults = prices_read(
        f"\ufeff{HEADER}\n{GOOD}\nUSD,JPY,151.123456789012345678,{_at(1)},x\n"
    )
    assert faults == []
    assert [row.line for row in rows] == [2, 3]
    first, second = rows[0].told, rows[1].told
    assert (first.base, first.quote, first.price) == ("EUR", "USD", Decimal("1.0825"))
    assert (first.at, first.source) == (MOMENT, "import:ECB")
    assert second.price == Decimal("151.123456789012345678")


def _at(hour: int) -> str:
    return f"2026-03-02T{hour:02}:00:00Z"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("EUR,USD,1.0825,2026-03-02T10:00:00Z", "expected 5 values, was 4"),
        ("EUR,EUR,1,2026-03-02T10:00:00Z,x", "no price in itself"),
        ("EUR,USD,1e-3,2026-03-02T10:00:00Z,x", "'1e-3' is no decimal"),
        ("EUR,USD,-1,2026-03-02T10:00:00Z,x", "'-1' is no decimal"),
        ("EUR,USD,0.000,2026-03-02T10:00:00Z,x", "'0.000' is no decimal"),
        ("EUR,USD,1.0000000000000000001,2026-03-02T10:00:00Z,x", "at most 18 places"),
        ("EUR,USD,NaN,2026-03-02T10:00:00Z,x", "'NaN' is no decimal"),
        ('EUR,USD,"1,08",2026-03-02T10:00:00Z,x', "'1,08' is no decimal"),
        ("EUR,USD,1,2026-03-02 10:00:00,x", "is not like 2026-03-02T10:00:00Z"),
        ("EUR,USD,1,2026-3-2T10:00:00Z,x", "is not like 2026-03-02T10:00:00Z"),
        ("EUR,USD,1,2026-03-02T10:00:00+01:00,x", "is not like 2026-03-02T10:00:00Z"),
        ("EUR,USD,1,2026-03-02T10:00:00Z,", "source '' is no name"),
        ("EUR,USD,1,2026-03-02T10:00:00Z,\u00e9", "is no name"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_line(line, words):
    _, faults = prices_read(f"{HEADER}\n{GOOD}\n{line}\n")
    assert [one.line for one in faults] == [3]
    assert words in faults[0].words


@pytest.mark.parametrize("text", ["", "base,quote\n", f"{HEADER},more\n{GOOD},1\n", f"{HEADER}\n"])
def test_a_file_with_other_columns_or_without_prices_is_none(text):
    rows, faults = prices_read(text)
    assert rows == []
    assert [one.line for one in faults] == [1]


def test_unknown_currencies_the_future_and_repetitions_are_faults():
    lines = [GOOD, GOOD, f"EUR,XYZ,1,{_at(9)},a", "EUR,USD,1,2026-03-02T10:00:01Z,a"]
    rows, _ = prices_read("\n".join([HEADER, *lines]))
    faults = faults_of(rows, currencies={"EUR", "USD"}, now=MOMENT)
    assert [(one.line, one.words) for one in faults] == [
        (3, "the same source, pair and time come twice"),
        (4, "the ledger has no currency XYZ"),
        (5, "2026-03-02T10:00:01Z is yet to come"),
    ]


@given(AMOUNTS, PRICES, st.booleans(), st.integers(0, 8))
def test_what_is_received_is_the_most_whole_coins_a_price_gives(amount, price, inverse, digits):
    received = converted(amount, price, is_inverse=inverse, digits=digits)
    coin = Decimal(1).scaleb(-digits)
    if inverse:
        assert EXACT.multiply(received, price) <= amount
        assert EXACT.multiply(received + coin, price) > amount
    else:
        assert received <= EXACT.multiply(amount, price) < received + coin


@given(AMOUNTS, AMOUNTS, st.sampled_from(["Assets:Revenue:S", "Liabilities:Pool:House:Reward:X"]))
def test_each_currency_of_a_conversion_sums_to_zero_by_itself(amount, received, code):
    draft = conversion_draft(
        number=7,
        book="paper",
        taken=Leg(code, "EUR", amount),
        brought=Leg(f"{code}1", "USD", received),
        at=MOMENT + dt.timedelta(days=1),
        source="treasury.conversion:7",
        trace_id=TRACE,
    )
    draft_check(draft)
    by_code = {line.account_code: line.amount for line in draft.lines}
    sign = 1 if code.startswith("Assets") else -1
    assert by_code[code] == -sign * amount
    assert by_code[f"{code}1"] == sign * received
    assert by_code[conversion_account("EUR")] == sign * amount
    assert by_code[conversion_account("USD")] == -sign * received


@pytest.mark.parametrize(
    ("code", "may"),
    [
        ("Assets:Revenue:Subscriptions", True),
        ("Assets:Treasury:USD", True),
        ("Liabilities:Pool:House:Reward:EUR", True),
        ("Equity:Retained:Subscription:Invest:EUR", True),
        ("Assets:Broker:Demo-5001:Cash", False),
        ("Assets:Transit:Demo-5001", False),
        ("Liabilities:Pool:Investor:Demo-5001:Payout:S1:USD", False),
        ("Liabilities:Holders:DCT:Treasury", False),
        ("Liabilities:Units:Demo-5001:S1", False),
        ("Equity:Conversion:EUR", False),
        ("Equity:Issued:DCT", False),
        ("Assets:Revenue", False),
    ],
)
def test_what_follows_deals_units_or_a_chain_is_never_converted(code, may):
    assert is_convertible(code) is may
