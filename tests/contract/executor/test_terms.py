"""An entry's terms: stops from the fill, fillings, lifetimes, spreads."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.contract.executor.rig import POINT, Rig

DISTANCES = [("points", "150"), ("pips", "15"), ("percent", "0.5")]


@pytest.mark.parametrize(("unit", "value"), DISTANCES)
def test_stop_and_target_count_from_the_fill(rig: Rig, unit: str, value: str) -> None:
    entry = rig.server.hand_out(
        sl=None,
        sl_distance={"unit": unit, "value": value},
        tp_distance={"unit": "points", "value": "300"},
        needs_minor=1,
    )
    rig.until(lambda: "done" in entry.told)
    rig.seconds(3)
    (held,) = rig.positions()
    away = held.price * Decimal(value) / 100 if unit == "percent" else 150 * POINT
    assert held.sl is not None
    assert held.tp is not None
    assert abs(held.price - held.sl - away) <= POINT / 2
    assert held.tp - held.price == 300 * POINT


def test_a_stop_that_the_broker_refuses_to_set_is_set_in_the_end(rig: Rig) -> None:
    """A limit order that fills at a better price than its own needs another stop."""
    order = rig.server.hand_out(
        order_type="limit",
        limit_price="1.09000",
        sl=None,
        sl_distance={"unit": "points", "value": "500"},
        needs_minor=1,
    )
    rig.until(lambda: "working" in order.told)
    assert rig.resting()[0].sl is not None, "it is never without one"
    rig.refuse("stops", 10029, times=2)
    rig.price("1.08900")
    rig.until(lambda: rig.positions())
    rig.seconds(10)
    (held,) = rig.positions()
    assert held.sl is not None
    assert held.price - held.sl == 500 * POINT


@pytest.mark.parametrize(("tif", "known"), [("ioc", "fok"), ("fok", "ioc")])
def test_a_filling_that_was_asked_for_is_never_turned_into_another(
    rig_make: Callable[..., Rig], tif: str, known: str
) -> None:
    rig = rig_make(fillings=(known,))
    entry = rig.server.hand_out(tif=tif, needs_minor=1)
    rig.until(lambda: "rejected" in entry.told)
    rig.seconds(5)
    assert rig.fills(entry.id) == []


@pytest.mark.parametrize("tif", ["ioc", "fok"])
def test_10030_turns_no_ioc_and_no_fok_into_something_else(rig: Rig, tif: str) -> None:
    """Though the symbol says that it knows both."""
    rig.refuse("open", 10030)
    entry = rig.server.hand_out(tif=tif, needs_minor=1)
    rig.seconds(5)
    assert rig.fills(entry.id) == []
    assert entry.told[-1] == "rejected"


def test_without_a_word_the_next_filling_is_tried_after_10030(rig: Rig) -> None:
    rig.refuse("open", 10030)
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    assert len(rig.fills(entry.id)) == 1


@pytest.mark.parametrize("tif", ["ioc", "fok"])
def test_what_is_to_be_filled_at_once_never_rests(rig: Rig, tif: str) -> None:
    terms = {"order_type": "limit", "limit_price": "1.05000", "sl": "1.04000"}
    order = rig.server.hand_out(tif=tif, needs_minor=1, **terms)
    rig.until(lambda: order.is_over)
    assert order.told == ["rejected"]
    assert rig.resting() == []


def test_an_entry_waits_for_its_spread_and_then_goes_out_once(rig: Rig) -> None:
    rig.price("1.10000", spread_points=30)
    entry = rig.server.hand_out(spread_points_max=20, needs_minor=1)
    rig.seconds(8)
    assert rig.fills(entry.id) == []
    rig.price("1.10000", spread_points=15)
    rig.until(lambda: "done" in entry.told)
    assert len(rig.fills(entry.id)) == 1


RESTING = [
    ("limit", {"limit_price": "1.09000"}, "1.08900"),
    ("stop", {"stop_price": "1.11000", "sl": "1.10000"}, "1.11200"),
]


@pytest.mark.parametrize(("kind", "prices", "then"), RESTING, ids=[one[0] for one in RESTING])
def test_a_resting_order_rests_and_fills_at_its_price(
    rig: Rig, kind: str, prices: dict[str, str], then: str
) -> None:
    order = rig.server.hand_out(**{"order_type": kind, "sl": "1.08000", **prices})
    rig.until(lambda: "working" in order.told)
    assert [one.kind for one in rig.resting()] == [kind]
    assert rig.fills(order.id) == []
    rig.price(then)
    rig.until(lambda: "done" in order.told)
    assert len(rig.fills(order.id)) == 1


def test_a_stop_limit_order_becomes_a_limit_order_and_fills_no_worse(rig: Rig) -> None:
    order = rig.server.hand_out(
        order_type="stop_limit", stop_price="1.11000", limit_price="1.10900", sl="1.10000"
    )
    rig.until(lambda: "working" in order.told)
    rig.price("1.11200")
    rig.seconds(3)
    assert rig.fills(order.id) == []
    assert [one.kind for one in rig.resting()] == ["limit"]
    rig.price("1.10850")
    rig.until(lambda: "done" in order.told)
    (fill,) = rig.fills(order.id)
    assert fill.price <= Decimal("1.10900")


@pytest.mark.parametrize("code", [10004, 10020])
def test_a_requote_is_asked_again_and_fills_once(rig: Rig, code: int) -> None:
    rig.refuse("open", code)
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    assert len(rig.fills(entry.id)) == 1


@pytest.mark.parametrize("code", [10006, 10019, 10034, 10042])
def test_a_refusal_for_good_is_told_with_its_code_and_not_tried_again(rig: Rig, code: int) -> None:
    rig.refuse("open", code)
    entry = rig.server.hand_out()
    rig.until(lambda: "rejected" in entry.told)
    rig.seconds(8)
    assert rig.fills(entry.id) == []
    assert [one.retcode for one in entry.reports if one.kind == "rejected"] == [code]
