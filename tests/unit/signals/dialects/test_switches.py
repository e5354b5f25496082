"""Members that change what a whole message means are carried out or refused, never left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from signals.dialects.registry import dialect_of
from signals.intake.parsing import Unreadable, read_content
from tests.unit.signals.dialects.reading import ALL, asked, read


def _generic(**members: Any) -> str:
    return json.dumps({"symbol": "EURUSD", **members})


def _dialect(body: str) -> str:
    content = read_content(body.encode())
    return next(dialect.name for dialect in ALL if dialect.claims(content))


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"side": "sell", "reduceOnly": True}, "exit sell EURUSD"),
        ({"side": "long", "reduce_only": "true"}, "exit any EURUSD"),
        ({"side": "long", "reduce_only": True, "positionSide": "LONG"}, "exit sell EURUSD"),
        (
            {"side": "sell", "reduceOnly": True, "qty": "50%"},
            "partial_exit sell EURUSD close_pct=50",
        ),
        ({"side": "sell", "reduceOnly": True, "qty": 1}, "partial_exit sell EURUSD qty=1"),
        ({"side": "sell", "reduceOnly": True, "risk": 1}, "close_pct_required"),
        ({"side": "sell", "reduceOnly": True, "type": "limit", "price": 1.2}, "unsupported_order"),
        ({"action": "openlong", "reduceOnly": True}, "conflicting_fields"),
        ({"side": "sell", "reduceOnly": False, "qty": 1}, "entry sell EURUSD qty=1"),
        ({"side": "SELL", "positionSide": "LONG"}, "exit sell EURUSD"),
        ({"side": "BUY", "positionSide": "SHORT"}, "exit buy EURUSD"),
        ({"side": "SELL", "positionSide": "SHORT", "qty": 1}, "entry sell EURUSD qty=1"),
        ({"side": "SELL", "positionSide": "BOTH", "qty": 1}, "entry sell EURUSD qty=1"),
        ({"side": "BUY", "positionSide": "LONG", "reduceOnly": True}, "conflicting_sides"),
        ({"action": "close", "positionSide": "SHORT"}, "exit buy EURUSD"),
        ({"action": "close", "side": "sell", "positionSide": "LONG"}, "exit sell EURUSD"),
        ({"action": "close", "side": "buy", "positionSide": "LONG"}, "conflicting_sides"),
        ({"action": "flat", "close_side": "long"}, "exit sell EURUSD"),
        ({"action": "long", "positionSide": "SHORT"}, "conflicting_sides"),
        ({"action": "buy", "positionSide": "up"}, "unknown_side"),
        ({"side": "sell", "tradeSide": "close"}, "exit any EURUSD"),
        ({"side": "sell", "position_effect": "open", "qty": 1}, "entry sell EURUSD qty=1"),
        ({"isClose": True, "closeLong": True}, "exit sell EURUSD"),
        ({"closeCurrentPosition": True}, "exit any EURUSD"),
        ({"closeCurrentPosition": True, "isBuy": True}, "unsupported_option"),
        ({"cancelAll": True}, "cancel_all any EURUSD"),
        (
            {"closeCurrentPosition": True, "cancelAllOrders": True},
            "cancel_all any EURUSD; exit any EURUSD",
        ),
    ],
)
def test_what_only_closes_never_opens(members: dict[str, Any], expected: str) -> None:
    assert asked(_generic(**members)) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"action": "flat", "qty": 2}, "exit any EURUSD"),
        (
            {"action": "exit", "side": "long", "qty": 2, "market_position": "flat"},
            "exit sell EURUSD",
        ),
        ({"action": "close", "qty": 2, "position_size": 0}, "exit any EURUSD"),
        ({"action": "close", "qty": 2, "position_size": 1}, "partial_exit any EURUSD qty=2"),
        ({"action": "flat", "qty": 2, "position_size": 1}, "partial_exit any EURUSD qty=2"),
        ({"action": "flat", "percent": 50}, "conflicting_fields"),
        ({"action": "flat", "percent": 100}, "exit any EURUSD"),
        ({"action": "close", "qty_percent": 50}, "partial_exit any EURUSD close_pct=50"),
        ({"action": "reduce", "percentage": 25}, "partial_exit any EURUSD close_pct=25"),
        ({"action": "close", "close_qty": 2}, "partial_exit any EURUSD qty=2"),
        ({"action": "close", "close_lots": "0.1"}, "partial_exit any EURUSD lots=0.1"),
        ({"action": "close", "size": 2}, "close_pct_required"),
        ({"action": "close", "size": 2, "size_type": "lots"}, "partial_exit any EURUSD lots=2"),
        ({"action": "close", "fraction": 0.5}, "close_pct_required"),
        ({"action": "close", "order_type": "limit", "price": 1.2}, "unsupported_order"),
        ({"action": "close", "type": "stop", "price": 1.2}, "unsupported_order"),
        ({"action": "close", "type": "stop"}, "exit any EURUSD"),
        ({"action": "close", "type": "take_profit", "price": 1.2}, "exit any EURUSD"),
        ({"action": "sell", "target_position": "0", "qty": 5}, "exit sell EURUSD"),
        ({"action": "sell", "position_size_after": "0", "qty": 5}, "exit sell EURUSD"),
        ({"action": "sell", "target_position": "-1", "qty": 5}, "unknown_member"),
    ],
)
def test_how_much_is_closed_is_never_left_out(members: dict[str, Any], expected: str) -> None:
    assert asked(_generic(**members)) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"paper": True}, "unsupported_option"),
        ({"demo": "true"}, "unsupported_option"),
        ({"demo": "no"}, "entry buy EURUSD"),
        ({"mode": "paper"}, "unsupported_option"),
        ({"mode": "reverse"}, "unsupported_option"),
        ({"mode": "swing"}, "unknown_member"),
        ({"mode": "live"}, "entry buy EURUSD"),
        ({"live": False}, "unsupported_option"),
        ({"live": True}, "entry buy EURUSD"),
        ({"env": "test"}, "unsupported_option"),
        ({"env": "live"}, "entry buy EURUSD"),
        ({"trade_type": "inverse"}, "unsupported_option"),
        ({"inverse": True}, "unsupported_option"),
        ({"enabled": False}, "unsupported_option"),
        ({"enabled": True}, "entry buy EURUSD"),
        ({"preventPyramiding": True}, "unsupported_option"),
        ({"delay": 30}, "unsupported_option"),
        ({"delay": "0"}, "entry buy EURUSD"),
        ({"orders": [{"side": "sell"}]}, "several_commands"),
        ({"orders": []}, "entry buy EURUSD"),
        ({"type": "trailing_stop"}, "unsupported_order"),
        ({"type": "TAKE_PROFIT_MARKET", "stopPrice": 1.2}, "unsupported_order"),
        ({"limit": 1.05}, "limit_price_mismatch"),
        ({"break": "20:10"}, "unsupported_option"),
        ({"risk": {"sl": 1.05}}, "unknown_member"),
        ({"order": {"lots": 2}}, "unknown_member"),
        ({"indicators": {"sl": 1.05}}, "entry buy EURUSD"),
        ({"t1": 1.2, "t2": 1.3}, "unknown_member"),
        ({"percent": -1.2}, "entry buy EURUSD"),
        ({"market_position": "long", "position_size": 0}, "position_mismatch"),
        ({"close_opposite": True}, "exit buy EURUSD; entry buy EURUSD"),
        ({"close_opposite": True, "market_position": "flat"}, "exit buy EURUSD"),
    ],
)
def test_what_would_change_an_entry_is_never_left_out(
    members: dict[str, Any], expected: str
) -> None:
    assert asked(_generic(action="buy", **members)) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"side": "buy", "qty": 2}, "exit buy EURUSD; entry buy EURUSD qty=2"),
        (
            {"side": "buy", "contracts": 2, "position_size": 1},
            "exit buy EURUSD; entry buy EURUSD qty=1",
        ),
        (
            {"side": "buy", "market_position": "long", "prev_market_position": "short"},
            "exit buy EURUSD; entry buy EURUSD",
        ),
        ({"side": "buy", "market_position": "short"}, "position_mismatch"),
        ({"side": "buy", "position_size": -1}, "position_mismatch"),
        ({"side": "buy", "prev_market_position": "long"}, "position_mismatch"),
        ({}, "side_required"),
    ],
)
def test_a_reversal_fits_the_position_and_opens_what_is_left(
    members: dict[str, Any], expected: str
) -> None:
    assert asked(_generic(action="reverse", **members)) == expected


@pytest.mark.parametrize(("name", "value"), [("paper", True), ("enabled", False), ("env", "demo")])
def test_a_message_that_is_not_for_us_does_not_close_either(name: str, value: Any) -> None:
    assert asked(_generic(action="close", **{name: value})) == "unsupported_option"


def test_an_exit_may_come_earlier_than_it_says() -> None:
    assert asked(_generic(action="close", delay=30)) == "exit any EURUSD"


@pytest.mark.parametrize("value", ["2026-03-02T14:40:00Z", 1772462400, "1772462400000"])
def test_an_entry_may_say_when_it_expires(value: Any) -> None:
    reading = read(_generic(action="buy", expires_at=value))
    assert str(reading.intent.expires_at) == "2026-03-02 14:40:00+00:00"


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"sl": 20, "sl_type": "pips"}, "sl=pips:20"),
        (
            {"sl": 1.5, "sl_type": "percent", "tp": 3, "tp_unit": "percent"},
            "sl=percent:1.5 tp=percent:3",
        ),
        ({"stop_loss": {"type": "percent", "value": 2}}, "sl=percent:2"),
        ({"stopLoss": {"type": "stop", "stopPrice": 1.05}, "price": 1.08}, "sl=price:1.05"),
        ({"sl": 20, "sl_type": "trailing"}, "unsupported_order"),
    ],
)
def test_a_type_beside_a_stop_names_its_unit(members: dict[str, Any], expected: str) -> None:
    assert asked(_generic(action="buy", **members)).removeprefix("entry buy EURUSD ") == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"sl": "1.0800"}, "entry buy EURUSD sl=price:1.08"),
        ({"stoploss": {"percent": 1}}, "entry buy EURUSD sl=percent:1"),
        ({"qty": "3"}, "entry buy EURUSD qty=3"),
        ({"quantity": "1", "qty": "3"}, "conflicting_sizes"),
        ({"side": "sell"}, "conflicting_sides"),
        ({"symbol": "GBPUSD"}, "conflicting_fields"),
        ({"market_position": "flat"}, "position_mismatch"),
    ],
)
def test_members_of_other_formats_in_a_traderspost_message_count(
    members: dict[str, Any], expected: str
) -> None:
    body = json.dumps({"ticker": "EURUSD", "action": "buy", "sentiment": "long", **members})
    assert (_dialect(body), asked(body)) == ("generic_json", expected)


@pytest.mark.parametrize("name", ["timenow", "timestamp", "Time"])
def test_the_age_of_a_traderspost_message_counts_in_any_spelling(name: str) -> None:
    body = {"ticker": "EURUSD", "action": "buy", "sentiment": "long", name: "2026-03-02T12:00:00Z"}
    assert str(read(json.dumps(body)).sent_at) == "2026-03-02 12:00:00+00:00"


def test_a_cancel_is_traderspost_whatever_stands_beside_it() -> None:
    body = json.dumps({"ticker": "EURUSD", "action": "cancel", "sentiment": None, "side": "buy"})
    assert (_dialect(body), asked(body)) == ("traderspost", "cancel_all any EURUSD")


def test_a_percentage_of_an_entry_is_undeclared() -> None:
    reading = read(_generic(action="buy", percent=50), {"size_unit": "risk_pct"})
    assert reading.intent.legs[0].size is None
    assert reading.intent.sources == {"legs.0.size": "undeclared"}


@pytest.mark.parametrize("name", ["exchange", "strategy", "pnl", "comment"])
def test_members_that_only_inform_leave_a_message_to_traderspost(name: str) -> None:
    body = json.dumps({"ticker": "EURUSD", "action": "buy", "sentiment": "long", name: "12"})
    assert (_dialect(body), asked(body)) == ("traderspost", "entry buy EURUSD")


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"stoploss": "600"}, "unit_unclear"),
        ({"stoploss": ""}, "entry buy NSE:SBIN qty=100"),
        ({"reduceOnly": True}, "partial_exit buy NSE:SBIN qty=100"),
        ({"side": "SELL"}, "conflicting_sides"),
        ({"test": True}, "test"),
        ({"paper": True}, "unsupported_option"),
        ({"disclosed_quantity": "0", "order_id": "7"}, "entry buy NSE:SBIN qty=100"),
    ],
)
def test_members_of_other_formats_in_an_openalgo_message_count(
    members: dict[str, Any], expected: str
) -> None:
    body = {
        "apikey": "K",
        "symbol": "SBIN",
        "exchange": "NSE",
        "action": "BUY",
        "quantity": "100",
        "pricetype": "MARKET",
        **members,
    }
    assert asked(json.dumps(body)) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"stop_loss": {"enabled": False}}, "entry buy BINANCE:BTCUSDT"),
        ({"stop_loss": {"enabled": True}}, "unsupported_option"),
        (
            {"stop_loss": {"enabled": True, "trigger_price_percent": "-1.5"}},
            "entry buy BINANCE:BTCUSDT sl=percent:1.5",
        ),
        (
            {"stop_loss": {"enabled": True, "trigger_price_percent": 1, "delay": 5}},
            "unsupported_option",
        ),
        ({"stop_loss": {"enabled": True, "trigger_price_percent": 0}}, "not_positive"),
        (
            {"take_profit": {"enabled": True, "steps": [{"price_percent": 2}]}},
            "entry buy BINANCE:BTCUSDT tp=percent:2",
        ),
        (
            {
                "take_profit": {
                    "enabled": True,
                    "steps": [{"price_percent": 2, "volume_percent": 50}],
                }
            },
            "several_targets",
        ),
        ({"take_profit": {"enabled": True, "steps": []}}, "unsupported_option"),
        ({"take_profit": {"enabled": True, "price": 2}}, "unsupported_option"),
        ({"trailing": {"enabled": True}}, "unsupported_option"),
        ({"action": "exit_long", "stop_loss": {"enabled": True}}, "exit sell BINANCE:BTCUSDT"),
        ({"sl": "1"}, "unknown_member"),
        ({"reduceOnly": True}, "unknown_member"),
        ({"order": {"amount": "1", "currency_type": "base", "x": 1}}, "unknown_member"),
        ({"paper": True}, "unsupported_option"),
        ({"note": "x"}, "entry buy BINANCE:BTCUSDT"),
    ],
)
def test_stops_and_foreign_members_of_a_3commas_message_count(
    members: dict[str, Any], expected: str
) -> None:
    body = {"tv_exchange": "BINANCE", "tv_instrument": "BTCUSDT", "action": "enter_long", **members}
    assert asked(json.dumps(body)) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, "entry buy EURUSD qty=1"),
        ({"username": "bot", "embeds": []}, "entry buy EURUSD qty=1"),
        ({"sl": 1.07}, "unknown_member"),
        ({"side": "sell"}, "unknown_member"),
        ({"test": True}, "test"),
        ({"paper": True}, "unsupported_option"),
    ],
)
def test_what_stands_beside_the_sentence_counts(members: dict[str, Any], expected: str) -> None:
    sentence = "T: order buy @ 1 filled on EURUSD. New strategy position is 1"
    assert asked(json.dumps({"message": sentence, **members})) == expected


def test_the_time_beside_the_sentence_is_its_age() -> None:
    sentence = "T: order buy @ 1 filled on EURUSD. New strategy position is 1"
    reading = read(json.dumps({"message": sentence, "timenow": "2026-03-02T12:00:00Z"}))
    assert str(reading.sent_at) == "2026-03-02 12:00:00+00:00"


def test_the_sentence_may_be_broken_into_lines_but_not_followed_by_others() -> None:
    sentence = "T: order buy @ 1 filled on EURUSD.\r\nNew strategy position is 1"
    assert asked(sentence) == "entry buy EURUSD qty=1"
    assert asked(sentence + "\nsl=1.07") == "malformed_text"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("60123456789,closelong,EURUSD,pct=50", "close_pct_misplaced"),
        ("60123456789,closelong,EURUSD,risk=50", "exit sell EURUSD"),
        ("60123456789,buy,EURUSD,vol_lots=1,partial_close_pct=50", "close_pct_misplaced"),
        ("LICENCE,EURUSD,closebuy,pct=0.5", "close_pct_misplaced"),
        ("LICENCE,sell,closesell", "several_commands"),
        ("60123456789,buy,EURUSD,vol_lots=.5", "entry buy EURUSD lots=0.5"),
        ("60123456789,buy,EURUSD,lots=0.1", "entry buy EURUSD lots=0.1"),
        ("60123456789,buy,EURUSD,lots=0.1,risk=1", "conflicting_sizes"),
        ("\ufeff60123456789,buy,EURUSD,vol_lots=1", "entry buy EURUSD lots=1"),
    ],
)
def test_small_print_of_the_texts(body: str, expected: str) -> None:
    assert asked(body) == expected


@pytest.mark.parametrize(
    "body", ["{{strategy.order.alert_message}}", '{"symbol": "EURUSD", "qty": {{plot_0}}}']
)
def test_a_text_that_is_only_a_placeholder_says_so(body: str) -> None:
    with pytest.raises(Unreadable) as refused:
        dialect_of(read_content(body.encode()))
    assert refused.value.code == "unresolved_placeholder"


@pytest.mark.parametrize("text", ["null", "undefined", "None", "NaN", "N/A"])
def test_what_programs_print_without_a_symbol_is_none(text: str) -> None:
    assert asked(json.dumps({"symbol": text, "action": "buy"})) == "no_symbol"


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"market": "BTC_USD"}, "entry buy BTC_USD"),
        ({"market": "BTC-USD", "reverse": True}, "unsupported_option"),
        ({"market": "futures"}, "no_symbol"),
        ({"market": "futures", "symbol": "BTCUSDT"}, "entry buy BTCUSDT"),
    ],
)
def test_a_market_names_a_symbol_only_where_it_is_a_pair(
    members: dict[str, Any], expected: str
) -> None:
    assert asked(json.dumps({"order": "buy", "position": "long", **members})) == expected


def test_a_plain_type_beside_a_traderspost_target_says_nothing_more() -> None:
    body = {"ticker": "MESU2026", "action": "buy", "sentiment": "bullish"}
    target = {"type": "limit", "limitPrice": 5030.0}
    assert asked(json.dumps({**body, "takeProfit": target})) == "entry buy MESU2026 tp=price:5030"
    target["type"] = "trailing"
    assert asked(json.dumps({**body, "takeProfit": target})) == "unsupported_order"
