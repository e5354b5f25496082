"""The broker's refusals that a symbol's sheet foretells."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from execution.risk.reasons import ADVICE
from execution.rules.retcodes import RETCODES
from execution.rules.terms import FORETOLD, EntryWanted, SymbolTerms, broker_refusal

# A Monday, the broker's day 1.
WANTED = EntryWanted(
    side="buy",
    order_type="market",
    tif="",
    price=Decimal("1.10000"),
    sl=Decimal("1.09500"),
    tp=Decimal("1.11000"),
    point=Decimal("0.00001"),
    bid=Decimal("1.09998"),
    ask=Decimal("1.10000"),
    broker_time=datetime(2026, 3, 2, 14, 30, tzinfo=UTC),
)


def refusal(terms: dict, **wanted) -> str:
    return broker_refusal(SymbolTerms(**terms), replace(WANTED, **wanted))


def test_a_sheet_that_says_nothing_foretells_nothing() -> None:
    assert refusal({}) == ""
    assert refusal({}, bid=None, ask=None, price=None, sl=None, tp=None) == ""


@pytest.mark.parametrize(
    ("mode", "side", "reason"),
    [
        ("full", "buy", ""),
        ("disabled", "sell", "trade_disabled"),
        ("longonly", "sell", "only_long"),
        ("longonly", "buy", ""),
        ("shortonly", "buy", "only_short"),
        ("shortonly", "sell", ""),
        ("closeonly", "buy", "only_close"),
        ("closeonly", "sell", "only_close"),
    ],
)
def test_the_trade_mode_says_which_sides_are_taken(mode, side, reason) -> None:
    levels = {"sl": None, "tp": None}
    assert refusal({"trade_mode": mode}, side=side, **levels) == reason


def test_only_types_that_the_sheet_names_are_taken() -> None:
    known = {"order_modes": frozenset({"market", "limit"})}
    assert refusal(known) == ""
    stop = {"order_type": "stop", "price": Decimal("1.101")}
    assert refusal(known, **stop) == "order_type_refused"


@pytest.mark.parametrize(
    ("tif", "order_type", "reason"),
    [
        ("fok", "market", "filling_refused"),
        ("ioc", "market", ""),
        ("", "market", ""),
        ("day", "limit", "expiration_refused"),
        ("gtd", "limit", ""),
        ("", "limit", ""),
    ],
)
def test_a_tif_is_one_that_the_sheet_knows(tif, order_type, reason) -> None:
    terms = {
        "filling_modes": frozenset({"ioc"}),
        "expiration_modes": frozenset({"gtc", "specified"}),
    }
    price = Decimal("1.09900") if order_type == "limit" else WANTED.price
    assert refusal(terms, tif=tif, order_type=order_type, price=price) == reason


def test_outside_of_its_sessions_the_market_is_closed() -> None:
    monday = {"sessions": [(1, 14 * 3600, 15 * 3600)]}
    assert refusal(monday) == ""
    late = WANTED.broker_time.replace(hour=15, minute=0)
    assert refusal(monday, broker_time=late) == "market_closed"
    assert refusal({"sessions": [(2, 0, 86_400)]}) == "market_closed"
    assert refusal({"sessions": []}) == "market_closed"
    sunday = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert refusal({"sessions": [(0, 0, 86_400)]}, broker_time=sunday) == ""


@pytest.mark.parametrize(
    ("side", "order_type", "price", "reason"),
    [
        ("buy", "limit", "1.09990", ""),
        ("buy", "limit", "1.10010", "price_on_wrong_side"),
        ("buy", "stop", "1.10010", ""),
        ("buy", "stop", "1.09990", "price_on_wrong_side"),
        ("sell", "limit", "1.10010", ""),
        ("sell", "limit", "1.09990", "price_on_wrong_side"),
        ("sell", "stop", "1.09990", ""),
        ("sell", "stop", "1.10010", "price_on_wrong_side"),
    ],
)
def test_a_resting_order_waits_on_its_side_of_the_market(side, order_type, price, reason) -> None:
    wanted = {"side": side, "order_type": order_type, "price": Decimal(price)}
    assert refusal({}, **wanted, sl=None, tp=None) == reason
    assert refusal({}, **wanted, sl=None, tp=None, bid=None, ask=None) == ""


def test_a_stop_keeps_the_brokers_distance_from_the_closing_side_of_the_quote() -> None:
    far, near = {"stops_level_points": 498}, {"stops_level_points": 499}
    assert refusal(far) == ""
    assert refusal(near) == "stop_too_near"
    # A resting order is filled at its own price.
    wanted = {"order_type": "limit", "price": Decimal("1.09600")}
    assert refusal({"stops_level_points": 100}, **wanted) == ""
    assert refusal({"stops_level_points": 101}, **wanted) == "stop_too_near"
    near_target = {"tp": Decimal("1.10002"), "sl": None}
    assert refusal({"stops_level_points": 5}, **near_target) == "stop_too_near"


def test_every_foretold_refusal_is_a_return_code_and_has_its_advice() -> None:
    assert set(FORETOLD.values()) <= set(RETCODES)
    assert set(FORETOLD) <= set(ADVICE)
