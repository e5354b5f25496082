"""Stops and targets as prices."""

from decimal import Decimal

import pytest

from execution.rules.prices import (
    PriceRefused,
    PriceScale,
    check_sides,
    slippage_bps,
    snap_price,
    target_price,
    widens_stop,
)

FX = PriceScale(5, Decimal("0.00001"))
GOLD = PriceScale(2, Decimal("0.01"))
INDEX = PriceScale(1, Decimal("0.5"))


def stop(kind, value, side="buy", is_stop=True, scale=FX, base="1.10000"):
    return target_price(
        kind=kind,
        value=Decimal(value),
        base=Decimal(base) if base else None,
        side=side,
        is_stop=is_stop,
        scale=scale,
    )


@pytest.mark.parametrize(
    ("kind", "value", "price"),
    [
        ("points", "200", "1.098"),
        ("pips", "20", "1.098"),
        ("percent", "1", "1.089"),
        ("price", "1.095004", "1.095"),
    ],
)
def test_every_kind_of_stop_becomes_a_price_below_a_buy(kind, value, price):
    assert stop(kind, value) == Decimal(price)


def test_a_sell_has_its_stop_above_and_its_target_below():
    assert stop("points", "200", side="sell") == Decimal("1.102")
    assert stop("points", "200", side="sell", is_stop=False) == Decimal("1.098")


def test_a_pip_is_a_point_where_the_broker_quotes_two_digits():
    assert stop("pips", "20", scale=GOLD, base="2000") == Decimal("1999.80")


def test_prices_snap_to_the_tick_and_not_only_to_the_digits():
    assert snap_price(Decimal("5010.7"), INDEX) == Decimal("5010.5")


def test_a_distance_needs_a_price_to_count_from():
    with pytest.raises(PriceRefused, match="no_reference_price"):
        stop("points", "200", base=None)


def test_a_stop_below_zero_is_refused():
    with pytest.raises(PriceRefused, match="stop_below_zero"):
        stop("percent", "100")


def test_removing_a_stop_gives_no_price():
    assert (
        target_price(kind="remove", value=None, base=None, side="buy", is_stop=True, scale=FX)
        is None
    )


@pytest.mark.parametrize(
    ("side", "sl", "tp"),
    [
        ("buy", "1.2", None),
        ("buy", None, "1.0"),
        ("sell", "1.0", None),
        ("sell", None, "1.2"),
        ("buy", "1.1", None),
    ],
)
def test_a_stop_or_target_on_the_wrong_side_is_refused(side, sl, tp):
    with pytest.raises(PriceRefused, match="stop_on_wrong_side"):
        check_sides(side=side, base=Decimal("1.1"), sl=sl and Decimal(sl), tp=tp and Decimal(tp))


@pytest.mark.parametrize(
    ("side", "current", "wanted", "widens"),
    [
        ("buy", "1.09", "1.08", True),
        ("buy", "1.09", "1.10", False),
        ("sell", "1.12", "1.13", True),
        ("sell", "1.12", "1.11", False),
        ("buy", "1.09", None, True),
        ("buy", None, "1.0", False),
        ("buy", "1.09", "1.09", False),
    ],
)
def test_taking_a_stop_away_or_farther_widens_it(side, current, wanted, widens):
    assert (
        widens_stop(
            side=side, current=current and Decimal(current), wanted=wanted and Decimal(wanted)
        )
        is widens
    )


def test_slippage_is_positive_when_the_fill_was_worse():
    price = Decimal("1.10000")
    assert slippage_bps(side="buy", wanted=price, got=Decimal("1.10011")) == Decimal("1.0000")
    assert slippage_bps(side="sell", wanted=price, got=Decimal("1.10011")) == Decimal("-1.0000")
    assert slippage_bps(side="buy", wanted=None, got=price) == 0
    below_zero = {"wanted": Decimal("-37.00"), "got": Decimal("-36.63")}
    assert slippage_bps(side="buy", **below_zero) == 100
    assert slippage_bps(side="sell", **below_zero) == -100
