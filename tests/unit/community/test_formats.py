"""Numbers, spans and times as people read them."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion_project.text import formats

THIN = "\u202f"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1234567.891", f"1{THIN}234{THIN}567.89"),
        ("-0.35", "−0.35"),
        ("0", "0.00"),
        ("-0.001", "0.00"),
        ("999.995", f"1{THIN}000.00"),
    ],
)
def test_money_has_two_decimals_a_thin_space_and_a_true_minus(amount, text) -> None:
    assert formats.money(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("amount", "text"), [("2", "+2.00"), ("-2", "−2.00"), ("0", "0.00"), ("0.001", "0.00")]
)
def test_a_result_prints_its_sign_and_zero_has_none(amount, text) -> None:
    assert formats.signed(Decimal(amount)) == text


def test_what_is_undefined_prints_a_dash_and_never_a_zero() -> None:
    for function in (
        formats.money,
        formats.signed,
        formats.whole,
        formats.plain_number,
        formats.exact_number,
        formats.span,
        formats.clock_text,
        formats.exact_text,
        formats.chance,
    ):
        assert function(None) == "—"


@given(st.decimals(-(10**12), 10**12, places=8))
def test_colour_and_sign_never_disagree(amount) -> None:
    text, tone = formats.signed(amount), formats.tone(amount)
    assert tone == {"+": "gain", "−": "loss"}.get(text[0], "")


@given(st.decimals(-(10**12), 10**12, places=8))
def test_a_ledger_amount_loses_no_digit(amount) -> None:
    text = formats.exact_number(amount).replace(THIN, "").replace("−", "-")
    assert Decimal(text) == amount


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        ("0.4249", f"424{THIN}ms"),
        ("1.239", f"1.24{THIN}s"),
        ("59.9", f"59{THIN}s"),
        ("61", f"1{THIN}min 01{THIN}s"),
        ("3660", f"1{THIN}h 01{THIN}min"),
        ("90000", f"1{THIN}d 1{THIN}h"),
    ],
)
def test_a_span_has_its_two_largest_units(seconds, text) -> None:
    assert formats.span(Decimal(seconds)) == text


@given(st.decimals(max_value=0, allow_nan=False, allow_infinity=False, places=6))
def test_a_span_is_never_negative(seconds) -> None:
    assert formats.span(seconds) == f"0{THIN}ms"


def test_a_moment_is_told_by_the_side_of_now_that_it_lies_on() -> None:
    assert formats.time_to(Decimal(61)) == f"in 1{THIN}min 01{THIN}s"
    assert formats.time_to(Decimal(-5)) == f"5.00{THIN}s ago"
    assert formats.time_to(None) == "—"


@given(st.decimals(-(10**12), 10**12, places=8))
def test_an_exact_result_prints_its_sign_and_loses_no_digit(amount) -> None:
    text = formats.signed_exact(amount)
    assert text.startswith({1: "+", -1: "−", 0: "0"}[(amount > 0) - (amount < 0)])
    assert Decimal(text.replace(THIN, "").replace("−", "-").removeprefix("+")) == amount


def test_a_number_agrees_with_its_noun() -> None:
    assert [formats.counted(n, "trade") for n in (0, 1, 2)] == ["0 trades", "1 trade", "2 trades"]


def test_times_are_printed_in_utc_whatever_zone_they_carry() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=timezone(timedelta(hours=2)))
    assert formats.exact_text(at) == "2026-01-02 01:04:05.678"
    assert formats.clock_text(at) == "01:04:05"
    assert formats.iso(at) == "2026-01-02T01:04:05.678901Z"


def test_seconds_between_is_exact_to_the_microsecond() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    later = start + timedelta(days=1, seconds=2, microseconds=3)
    assert formats.seconds_between(start, later) == Decimal("86402.000003")
    assert formats.seconds_between(later, start) == Decimal("-86402.000003")


@pytest.mark.parametrize(
    ("number", "text"),
    [("70887.360", f"70{THIN}887.36"), ("0.0000", "0"), ("-1000", f"−1{THIN}000"), ("1.10", "1.1")],
)
def test_a_price_or_volume_is_grouped_and_prints_no_idle_zeros(number, text) -> None:
    assert formats.plain_number(Decimal(number)) == text


def test_shares_and_ratios_have_one_form() -> None:
    assert formats.percent(Decimal("33.50")) == f"33.5{THIN}%"
    assert formats.percent(Decimal("33.5"), places=2) == f"33.50{THIN}%"
    assert formats.chance(Decimal("0.62")) == f"62.0{THIN}%"
    assert formats.ratio(Decimal("2.7")) == "2.70 : 1"
    assert formats.ratio(None) == formats.percent(None) == "—"


def test_scripts_read_seconds_as_a_plain_decimal() -> None:
    assert formats.seconds(Decimal("1234.56789")) == "1234.568"
    assert formats.seconds(None) == ""
