"""What foreign alerts mean: sides and positions, sizes, stops, defaults, and their sources."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from signals.intents.legs import Size, Target
from tests.unit.signals.dialects.reading import asked, read


def _generic(**members: Any) -> str:
    return json.dumps({"symbol": "EURUSD", **members})


def _openalgo(action: str, quantity: str, after: str) -> str:
    return json.dumps(
        {
            "apikey": "K",
            "strategy": "s",
            "symbol": "EURUSD",
            "exchange": "OANDA",
            "action": action,
            "quantity": quantity,
            "position_size": after,
            "pricetype": "MARKET",
        }
    )


@pytest.mark.parametrize(
    ("action", "quantity", "after", "expected"),
    [
        ("BUY", "10", "10", "entry buy OANDA:EURUSD qty=10"),
        ("BUY", "5", "15", "entry buy OANDA:EURUSD qty=5"),
        ("SELL", "10", "0", "exit sell OANDA:EURUSD"),
        ("SELL", "4", "6", "partial_exit sell OANDA:EURUSD close_pct=40"),
        ("SELL", "30", "-10", "exit sell OANDA:EURUSD; entry sell OANDA:EURUSD qty=10"),
        ("BUY", "30", "10", "exit buy OANDA:EURUSD; entry buy OANDA:EURUSD qty=10"),
        ("BUY", "3", "-6", "partial_exit buy OANDA:EURUSD close_pct=33.3333333333"),
        ("BUY", "10", "-0.0000001", "partial_exit buy OANDA:EURUSD close_pct=99.999999"),
        ("BUY", "0", "10", "entry buy OANDA:EURUSD"),
        ("BUY", "0", "0", "exit buy OANDA:EURUSD"),
    ],
)
def test_order_and_position_afterwards_tell_what_happened(
    action: str, quantity: str, after: str, expected: str
) -> None:
    assert asked(_openalgo(action, quantity, after)) == expected


def test_a_float_rest_of_a_chart_is_no_position() -> None:
    said = asked("T: order buy @ 0.3 filled on BTCUSD. New strategy position is 0.30000000004")
    assert said == "entry buy BTCUSD qty=0.3"


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"prev_market_position": "flat", "market_position": "long"}, "entry buy EURUSD"),
        (
            {"prev_market_position": "long", "market_position": "short"},
            "exit sell EURUSD; entry sell EURUSD",
        ),
        ({"prev_market_position": "short", "market_position": "flat"}, "exit buy EURUSD"),
        ({"market_position": "flat"}, "exit any EURUSD"),
        ({"market_position": "long"}, "side_required"),
        ({"action": "sell", "market_position": "flat"}, "exit sell EURUSD"),
        ({"action": "sell", "market_position": "long"}, "close_pct_required"),
        (
            {
                "action": "buy",
                "market_position": "long",
                "prev_market_position": "long",
                "contracts": 2,
            },
            "entry buy EURUSD qty=2",
        ),
        ({"action": "buy", "prev_market_position": "short"}, "position_mismatch"),
        ({"action": "buy", "prev_market_position": "flat", "qty": 3}, "entry buy EURUSD qty=3"),
        (
            {"action": "buy", "market_position": "flat", "prev_market_position": "long"},
            "position_mismatch",
        ),
        (
            {
                "action": "sell",
                "market_position": "short",
                "market_position_size": 2,
                "prev_market_position": "long",
                "prev_market_position_size": 1,
                "contracts": 3,
            },
            "exit sell EURUSD; entry sell EURUSD qty=2",
        ),
        (
            {
                "action": "sell",
                "market_position": "long",
                "market_position_size": 3,
                "prev_market_position": "long",
                "prev_market_position_size": 4,
            },
            "partial_exit sell EURUSD close_pct=25",
        ),
    ],
)
def test_the_position_before_and_after_decides(members: dict[str, Any], expected: str) -> None:
    assert asked(_generic(**members)) == expected


def test_a_reversal_says_that_its_size_is_derived() -> None:
    reading = read(_openalgo("SELL", "20000", "-10000"))
    assert reading.intent.sources == {"legs.1.size": "derived"}


def test_a_size_without_a_unit_stays_out_and_says_so() -> None:
    reading = read("60123456789,buy,EURUSD,risk=1")
    assert reading.intent.legs[0].size is None
    assert reading.intent.sources == {"legs.0.size": "undeclared"}


def test_a_strategy_declares_what_a_bare_size_means() -> None:
    reading = read("60123456789,buy,EURUSD,risk=1", {"size_unit": "risk_pct"})
    assert reading.intent.legs[0].size == Size("risk_pct", Decimal(1))
    assert reading.intent.sources == {}


def test_a_strategy_supplies_size_stop_and_target() -> None:
    defaults = {
        "size": {"mode": "lots", "value": "0.1"},
        "sl": {"kind": "pips", "value": "30"},
        "tp": {"kind": "percent", "value": 2},
    }
    reading = read(_generic(side="buy"), defaults)
    leg = reading.intent.legs[0]
    assert (leg.size, leg.sl, leg.tp) == (
        Size("lots", Decimal("0.1")),
        Target("pips", Decimal(30)),
        Target("percent", Decimal(2)),
    )
    assert set(reading.intent.sources.values()) == {"default"}
    assert set(reading.intent.sources) == {"legs.0.size", "legs.0.sl", "legs.0.tp"}


def test_what_the_alert_says_goes_before_the_defaults() -> None:
    defaults = {"size": {"mode": "lots", "value": "9"}, "sl": {"kind": "pips", "value": "9"}}
    assert asked(_generic(side="buy", lots="0.2", sl_pips="25"), defaults) == (
        "entry buy EURUSD lots=0.2 sl=pips:25"
    )


def test_defaults_never_reach_an_exit() -> None:
    reading = read(_generic(action="close"), {"size": {"mode": "lots", "value": "1"}})
    assert reading.intent.legs[0].size is None
    assert reading.intent.sources == {}


@pytest.mark.parametrize(
    "defaults",
    [
        {"size": {"mode": "lots", "value": 0.1}},
        {"size": {"mode": "all", "value": "1"}},
        {"size": "1"},
        {"sl": {"kind": "price", "value": "1.05"}},
        {"sl": {"kind": "pips", "value": "-3"}},
    ],
)
def test_defaults_that_cannot_be_read_refuse_entries(defaults: dict[str, Any]) -> None:
    assert asked(_generic(side="buy"), defaults) == "wrong_defaults"
    assert asked(_generic(action="close"), defaults) == "exit any EURUSD"


@pytest.mark.parametrize(
    ("stop", "price", "expected"),
    [
        (1.0800, 1.0842, "sl=price:1.08"),
        ("1.0800", None, "sl=price:1.08"),
        ("150.25", None, "sl=price:150.25"),
        (50, None, "unit_unclear"),
        (50, 1.0842, "unit_unclear"),
        ("1.5", None, "unit_unclear"),
        ("1.5%", None, "sl=percent:1.5"),
        (0, 1.0842, "unit_unclear"),
        ("NaN", 1.0842, "not_a_decimal"),
        ("", None, "not_a_decimal"),
        (2.0, 1.0842, "bracket_wrong_side"),
    ],
)
def test_a_bare_stop_is_a_price_only_where_that_is_plausible(
    stop: Any, price: float | None, expected: str
) -> None:
    members = {"side": "buy", "stop_loss": stop} | ({"price": price} if price else {})
    assert asked(_generic(**members)).removeprefix("entry buy EURUSD ") == expected


def test_a_strategy_declares_what_a_bare_stop_means() -> None:
    assert asked(_generic(side="buy", sl=50), {"target_unit": "points"}) == (
        "entry buy EURUSD sl=points:50"
    )
    assert asked("60123456789,buy,EURUSD,sl=1.2012", {"target_unit": "price"}) == (
        "entry buy EURUSD sl=price:1.2012"
    )


@pytest.mark.parametrize("stop", ["1", "4.9", "1.25"])
def test_a_stop_that_may_be_a_percentage_is_not_read_as_pips(stop: str) -> None:
    assert asked(f"60123456789,buy,EURUSD,sl={stop}") == "unit_unclear"


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"action": "buy", "side": "sell"}, "conflicting_sides"),
        ({"action": "closelong", "side": "short"}, "conflicting_sides"),
        ({"action": "closelong", "side": "sell"}, "exit sell EURUSD"),
        ({"action": "exit", "side": "long"}, "exit sell EURUSD"),
        ({"action": "close", "type": "entry", "side": "long"}, "conflicting_fields"),
        ({"side": "buy", "qty": 1, "contracts": 1}, "entry buy EURUSD qty=1"),
        ({"side": "buy", "qty": 1, "contracts": 2}, "conflicting_sizes"),
        ({"side": "buy", "qty": 1, "volume": 88123}, "entry buy EURUSD qty=1"),
        (
            {"side": "buy", "open": 1.1, "high": 1.2, "low": 1.0, "close": 1.1, "volume": 88123},
            "entry buy EURUSD",
        ),
        ({"side": "buy", "stop_price": 1.09}, "stop_price_mismatch"),
        (
            {"action": "buy", "order_type": "stop", "price": 1.09},
            "entry buy EURUSD stop stop_price=1.09",
        ),
        ({"action": "reverse"}, "side_required"),
        ({"action": "reverse", "side": "short"}, "exit sell EURUSD; entry sell EURUSD"),
        ({"action": "buy", "optionType": "call"}, "unsupported_order"),
        ({"action": "sell", "signal": "RSI overbought"}, "entry sell EURUSD"),
        ({"signal": "RSI overbought"}, "unknown_event"),
        ({"side": "buy", "trailing_stop": 20, "sl_pips": 30}, "entry buy EURUSD sl=pips:30"),
        ({"side": "buy", "cancel": True}, "cancel_all any EURUSD; entry buy EURUSD"),
        ({"action": "modify", "side": "long"}, "nothing_to_amend"),
        ({"Action": "buy", "action": "sell"}, "conflicting_fields"),
        ({"side": "buy", "symbol": "EUR USD"}, "unknown_symbol"),
        ({"action": "close", "qty": 0}, "exit any EURUSD"),
        ({"is_buy": True}, "entry buy EURUSD"),
        ({"action": "exit", "market_position": "long"}, "close_pct_required"),
        ({"action": "exit", "market_position": "flat"}, "exit any EURUSD"),
        ({"action": "close", "position": "long"}, "exit sell EURUSD"),
        ({"action": "sell", "position": 0}, "exit sell EURUSD"),
        (
            {"action": "sell", "position": "-2", "qty": 4},
            "exit sell EURUSD; entry sell EURUSD qty=2",
        ),
        ({"action": "buylimit", "signal": "buystop", "price": 1.08}, "conflicting_fields"),
        ({"action": "buy", "sl-offset": 0.002}, "unknown_member"),
        ({"action": "buy", "slippage": 3}, "unknown_member"),
        (
            {"type": "ORDER_TYPE_BUY_LIMIT", "openPrice": 1.0825, "volume": 0.1},
            "entry buy EURUSD limit limit_price=1.0825",
        ),
        ({"type": "POSITION_TYPE_SELL", "stopLoss": 1.0912}, "entry sell EURUSD sl=price:1.0912"),
        ({"transaction_type": "SELL", "order_type": "MARKET"}, "entry sell EURUSD"),
        ({"action": "buy", "schema": "df.signals"}, "unknown_dialect"),
        ({"action": "buy", "script_ver": "1.0.0"}, "unknown_dialect"),
        ({"close": True}, "exit any EURUSD"),
        ({"action": "buy", "dry_run": True}, "test"),
    ],
)
def test_generic_words_and_fields(members: dict[str, Any], expected: str) -> None:
    assert asked(_generic(**members)) == expected


def test_two_spellings_of_one_name_must_agree() -> None:
    assert asked('{"symbol": "EURUSD", "Symbol": "GBPUSD", "side": "buy"}') == "conflicting_fields"
    assert asked('{"symbol": "EURUSD", "ticker": "EURUSD", "side": "buy"}') == "entry buy EURUSD"


def test_closing_everything_needs_no_symbol() -> None:
    assert asked('{"action": "close_all"}') == "close_all any every symbol"
    assert asked('{"action": "close"}') == "no_symbol"


def test_the_exit_whose_side_is_unclear_closes_either_and_says_so() -> None:
    assert read(_generic(action="close", side="buy")).intent.sources == {
        "legs.0.side": "undeclared"
    }


def test_letting_a_trailing_stop_go_is_named() -> None:
    reading = read("60123456789,buy,EURUSD,sl_pips=20,trailtrig=10,traildist=5")
    assert reading.intent.sources == {"legs.0.trailing": "ignored"}


@pytest.mark.parametrize("name", ["symbol", "ticker"])
@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("CLOSE", "exit any EURUSD"),
        ("short", "entry sell EURUSD"),
        ("cover", "exit buy EURUSD"),
        ("flatten", "exit any EURUSD"),
    ],
)
def test_a_word_means_the_same_beside_ticker_and_symbol(
    name: str, action: str, expected: str
) -> None:
    assert asked(json.dumps({name: "EURUSD", "action": action})) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"data": "close", "quantity": 10}, "exit any NQ1!"),
        ({"data": "buy", "quantity": 1, "percentage_sl": 2}, "unknown_member"),
        ({"data": "buy", "quantity": 1, "dollar_sl": 50}, "unknown_member"),
    ],
)
def test_pickmytrade_closes_all_and_opens_with_no_stop_of_an_unsourced_unit(
    members: dict[str, Any], expected: str
) -> None:
    whole = {"symbol": "NQ1!", "date": "2026-03-02T14:30:05Z", "token": "x", **members}
    assert asked(json.dumps(whole)) == expected


def test_a_number_that_was_rounded_is_named_and_noise_elsewhere_is_nothing() -> None:
    noisy = {"side": "buy", "sl_price": "1.0787999999999998", "rsi": 54.320000000000007}
    found = read(_generic(**noisy)).intent
    assert found.legs[0].sl == Target("price", Decimal("1.0788"))
    assert found.sources == {"legs.0.sl": "rounded"}
    assert read(_generic(side="buy", rsi=54.320000000000007)).intent.sources == {}
