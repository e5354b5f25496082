"""Shares are split to the last unit, and units of an account are fair to who stays."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treasury.errors import PolicyInvalid, UnitsRefused
from treasury.rules.allocation import BASIS, rounded_down, shares_check, split
from treasury.rules.units import (
    Series,
    gain_of,
    issue_price,
    money_for,
    unit_price,
    units_cancelled,
    units_for,
)

NAMES = ("burn", "reward", "retained")


@st.composite
def shares(draw: st.DrawFn) -> dict[str, int]:
    first = draw(st.integers(0, BASIS))
    second = draw(st.integers(0, BASIS - first))
    return dict(zip(NAMES, (first, second, BASIS - first - second), strict=True))


cents = st.integers(0, 10**12).map(lambda n: Decimal(n).scaleb(-2))


@settings(deadline=None)
@given(amount=cents, bps=shares())
def test_shares_sum_to_the_amount_and_each_is_within_one_unit_of_its_part(amount, bps):
    parts = split(amount, bps, digits=2)
    assert sum(parts.values()) == amount
    for name, part in parts.items():
        assert abs(part - amount * bps[name] / BASIS) < Decimal("0.01")


@settings(deadline=None)
@given(amount=cents, bps=shares(), order=st.permutations(NAMES))
def test_the_order_of_shares_decides_nothing(amount, bps, order):
    turned = {name: bps[name] for name in order}
    assert split(amount, turned, digits=2) == split(amount, bps, digits=2)


def test_the_largest_remainder_gets_the_last_unit():
    # 0.01 by 20/30/50: parts of 0.002, 0.003, 0.005; the whole cent goes to the largest.
    bps = {"burn": 2_000, "reward": 3_000, "retained": 5_000}
    assert split(Decimal("0.01"), bps, digits=2)["retained"] == Decimal("0.01")
    assert split(Decimal("0.03"), bps, digits=2) == {
        "burn": Decimal("0.01"),
        "reward": Decimal("0.01"),
        "retained": Decimal("0.01"),
    }


@pytest.mark.parametrize("amount", [Decimal("0.001"), Decimal(-1)])
def test_what_has_more_digits_or_is_below_zero_is_not_split(amount):
    with pytest.raises(ValueError, match="digits"):
        split(amount, dict.fromkeys(NAMES, 0) | {"burn": BASIS}, digits=2)


@pytest.mark.parametrize(
    ("bps", "match"),
    [
        ({"burn": 2_000, "reward": 3_000, "retained": 4_999}, "10000"),
        ({"burn": 2_000, "reward": 3_000}, "expected the shares"),
        ({"burn": -1, "reward": 3_001, "retained": 7_000}, "burn"),
        ({"burn": True, "reward": 2_999, "retained": 7_000}, "burn"),
        ({"burn": "2000", "reward": 3_000, "retained": 5_000}, "burn"),
    ],
)
def test_shares_that_are_none_are_refused(bps, match):
    with pytest.raises(PolicyInvalid, match=match):
        shares_check(bps, NAMES)


units = st.integers(1, 10**14).map(lambda n: Decimal(n).scaleb(-8))
navs = st.integers(1, 10**10).map(lambda n: Decimal(n).scaleb(-2))


@settings(deadline=None)
@given(nav=navs, held=units, amount=navs)
def test_who_joins_takes_nothing_from_who_is_there_and_cannot_gain_by_leaving(nav, held, amount):
    if rounded_down(nav / held, 12) <= 0:
        return
    bought = units_for(amount, issue_price(nav, held))
    total, value = held + bought, nav + amount
    # The holder's part of the whole is worth as much as before, or more.
    assert held * value >= nav * total
    if bought:
        back = money_for(bought, unit_price(value, total), digits=2)
        assert back <= amount + Decimal("0.01")


@settings(deadline=None)
@given(nav=navs, held=units, share=st.integers(1, BASIS))
def test_what_is_paid_out_of_a_series_leaves_the_price_of_the_others(nav, held, share):
    if rounded_down(nav / held, 12) <= 0:
        return
    price = unit_price(nav, held)
    paid = rounded_down(nav * share / BASIS / 2, 2)
    gone = units_cancelled(paid, price, held)
    if held > gone:
        assert (nav - paid) / (held - gone) >= price - Decimal("1e-20")


def test_only_what_stands_above_the_mark_is_a_gain():
    series = Series(1, Decimal(100), Decimal("1.10"))
    assert gain_of(series, Decimal("1.10"), digits=2) == 0
    assert gain_of(series, Decimal("0.90"), digits=2) == 0
    assert gain_of(series, Decimal("1.2555"), digits=2) == Decimal("15.55")


def test_units_of_an_account_that_lost_all_have_no_price():
    with pytest.raises(UnitsRefused, match="no price"):
        unit_price(Decimal(-1), Decimal(10))
    with pytest.raises(UnitsRefused, match="no price"):
        issue_price(Decimal(0), Decimal(10))
    assert unit_price(Decimal(500), Decimal(0)) == issue_price(Decimal(500), Decimal(0)) == 1
