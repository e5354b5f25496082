"""The `df.signal` v1 adapter: exact members in, one intent out, or a documented refusal."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from signals.dialects.base import Reading, StrategyDefaults
from signals.dialects.registry import read_alert
from signals.intake.parsing import Unreadable, read_content
from signals.intake.reasons import UNREADABLE
from signals.intents.legs import BarPrices, Size, Target
from tests.factories.signals import (
    AmendFactory,
    BarFactory,
    CancelFactory,
    EntryFactory,
    ExitFactory,
    PartialExitFactory,
    TestSignalFactory,
    body_of,
)

D = Decimal


def read(message: dict[str, Any]) -> Reading:
    return read_alert(read_content(body_of(message)), StrategyDefaults("ema-cross"))


def refusal(message: dict[str, Any]) -> str:
    with pytest.raises(Unreadable) as refused:
        read(message)
    assert refused.value.code in UNREADABLE
    return refused.value.code


def test_an_entry_becomes_one_entry_leg_with_its_bracket() -> None:
    message = EntryFactory(id="a:1", trade_id="t:1", at=datetime(2026, 3, 2, 14, 45, tzinfo=UTC))
    reading = read(message)
    intent, leg = reading.intent, reading.intent.legs[0]
    assert (leg.verb, leg.side, leg.symbol_raw) == ("entry", "buy", "OANDA:EURUSD")
    assert leg.size == Size("risk_pct", D("1.00"))
    assert (leg.sl, leg.tp) == (Target("price", D("1.08220")), Target("price", D("1.08720")))
    assert (intent.sender_id, intent.trade_ref, intent.timeframe) == ("a:1", "t:1", "15")
    assert intent.bar_time == datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
    assert reading.signalled_at == datetime(2026, 3, 2, 14, 45, tzinfo=UTC)
    assert reading.id_is_deterministic


def test_an_exit_closes_and_carries_its_trade() -> None:
    reading = read(ExitFactory(trade_id="t:1"))
    assert (reading.intent.legs[0].verb, reading.intent.legs[0].side) == ("exit", "sell")
    assert reading.intent.trade_ref == "t:1"


@pytest.mark.parametrize(
    "message", [EntryFactory(env="test"), ExitFactory(env="test"), CancelFactory(env="test")]
)
def test_what_was_made_for_tests_asks_for_nothing(message: dict[str, Any]) -> None:
    reading = read(message)
    assert (reading.intent.kind, reading.intent.legs, reading.position) == ("test", (), None)
    assert reading.intent.sources == {}


def test_a_trade_says_which_money_it_is_meant_for() -> None:
    for env in ("live", "paper"):
        assert read(EntryFactory(env=env)).intent.env == env
        assert read(ExitFactory(env=env)).intent.to_dict()["env"] == env


def test_what_was_made_for_tests_is_checked_all_the_same() -> None:
    assert refusal(EntryFactory(env="test", size="0")) == refusal(EntryFactory(size="0"))


def test_a_bar_carries_its_prices_and_asks_for_nothing() -> None:
    reading = read(BarFactory())
    bar = BarPrices(
        symbol_raw="OANDA:EURUSD",
        open=D("1.08400"),
        high=D("1.08500"),
        low=D("1.08350"),
        close=D("1.08420"),
        volume=D("1200.0000"),
        close_at=reading.signalled_at,
    )
    assert (reading.intent.kind, reading.intent.legs, reading.intent.bar) == ("bar", (), bar)
    assert not reading.intent.lowers_risk
    assert not reading.intent.has_entry


def test_a_bar_without_volume_is_read_too() -> None:
    assert read(BarFactory(volume=None)).intent.bar.volume is None
    assert read(BarFactory(volume="0")).intent.bar.volume == D(0)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"high": "1.08410"}, "bar_prices"),
        ({"low": "1.08410"}, "bar_prices"),
        ({"open": None}, "missing_field"),
        ({"open": "0"}, "not_positive"),
        ({"volume": "-1"}, "not_a_decimal"),
        ({"side": "buy"}, "unknown_field"),
        ({"ref_price": "1.08"}, "unknown_field"),
    ],
)
def test_a_bar_that_cannot_be_is_refused(changes: dict[str, Any], code: str) -> None:
    assert refusal(BarFactory(**changes)) == code


def test_prices_belong_to_bars_alone() -> None:
    assert refusal(TestSignalFactory(close="1.08420")) == "unknown_field"
    assert refusal(EntryFactory(close="1.08420")) == "unknown_field"


def test_a_partial_exit_carries_its_share() -> None:
    assert read(PartialExitFactory(close_pct="33.3")).intent.legs[0].close_pct == D("33.3")


def test_an_amend_replaces_what_it_names_and_null_removes() -> None:
    leg = read(AmendFactory(amend={"sl": "1.1", "tp": None})).intent.legs[0]
    assert (leg.verb, leg.sl, leg.tp) == ("amend", Target("price", D("1.1")), Target("remove"))


def test_a_cancel_has_no_side_and_says_so() -> None:
    intent = read(CancelFactory(ref_id="order:1")).intent
    assert (intent.legs[0].verb, intent.legs[0].side, intent.ref_id) == (
        "cancel",
        "any",
        "order:1",
    )
    assert intent.sources == {"legs.0.side": "default"}


def test_a_test_message_asks_for_nothing() -> None:
    assert read(TestSignalFactory()).intent.kind == "test"
    assert read(TestSignalFactory()).intent.legs == ()


def test_a_delayed_or_unusual_number_form_is_refused_not_repaired() -> None:
    for price in (
        "1e3",
        "-1",
        "+1",
        " 1",
        "1.",
        ".5",
        "1,5",
        "1.12345678901",
        "０.5",
        1.5,
        1,
        True,
    ):
        assert refusal(EntryFactory(ref_price=price)) == "not_a_decimal"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"schema": "df.signals"}, "unknown_dialect"),
        ({"v": 2}, "wrong_schema"),
        ({"v": True}, "wrong_schema"),
        ({"event": "open"}, "unknown_event"),
        ({"event": ["entry"]}, "unknown_event"),
        ({"stoploss": "1"}, "unknown_field"),
        ({"close_pct": "50"}, "unknown_field"),
        ({"side": "long"}, "unknown_side"),
        ({"side": None}, "unknown_side"),
        ({"side": ["buy"]}, "unknown_side"),
        ({"position": "short"}, "position_mismatch"),
        ({"position": None}, "position_mismatch"),
        ({"env": "prod"}, "wrong_env"),
        ({"minor": -1}, "wrong_type"),
        ({"minor": True}, "wrong_type"),
        ({"minor": "0"}, "wrong_type"),
        ({"id": ""}, "wrong_type"),
        ({"id": "x" * 161}, "wrong_type"),
        ({"id": "a b"}, "wrong_type"),
        ({"script_ver": "1.0"}, "wrong_type"),
        ({"tf": "15 min"}, "wrong_type"),
        ({"tags": ["x"] * 9}, "wrong_type"),
        ({"tags": [1]}, "wrong_type"),
        ({"tif": "fill"}, "wrong_type"),
        ({"reason": 7}, "wrong_type"),
        ({"key": 7}, "wrong_type"),
        ({"symbol": ""}, "unknown_symbol"),
        ({"symbol": "EUR USD"}, "unknown_symbol"),
        ({"symbol": "{{ticker}}"}, "unknown_symbol"),
        ({"exchange": ""}, "unknown_symbol"),
        ({"bar_time": 0}, "not_a_time"),
        ({"bar_time": "1735729200000"}, "not_a_time"),
        ({"bar_time": True}, "not_a_time"),
        ({"bar_close": 1}, "not_a_time"),
        ({"sent_at": 10**15}, "not_a_time"),
        ({"expires_at": "soon"}, "not_a_time"),
        ({"order_type": None}, "wrong_type"),
        ({"order_type": "iceberg"}, "unknown_order_type"),
        ({"order_type": "limit"}, "limit_price_mismatch"),
        ({"size_mode": "coins"}, "unknown_size_mode"),
        ({"size": None}, "missing_field"),
        ({"size": "0"}, "not_positive"),
        ({"ref_price": "0"}, "not_positive"),
        ({"sl": "1.09"}, "bracket_wrong_side"),
        ({"tp": "1.08"}, "bracket_wrong_side"),
    ],
)
def test_an_entry_with_one_wrong_member_is_refused(members: dict[str, Any], code: str) -> None:
    assert refusal({**EntryFactory(), **members}) == code


@pytest.mark.parametrize("factory", [EntryFactory, ExitFactory, AmendFactory, CancelFactory])
def test_every_required_member_is_required(factory: Any) -> None:
    optional = {"sl", "tp", "key", "tags", "reason"}
    for name in set(factory()) - optional:
        message = factory()
        del message[name]
        expected = {"schema": "unknown_dialect", "v": "wrong_schema", "event": "unknown_event"}
        assert refusal(message) == expected.get(name, "missing_field"), name


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (ExitFactory(position="long"), "position_mismatch"),
        (PartialExitFactory(position="short"), "position_mismatch"),
        (PartialExitFactory(close_pct="0"), "not_positive"),
        (PartialExitFactory(close_pct="101"), "close_pct_range"),
        (PartialExitFactory(close_pct=None), "close_pct_required"),
        (AmendFactory(amend={}), "nothing_to_amend"),
        (AmendFactory(amend=[]), "wrong_type"),
        (AmendFactory(amend={"size": "1"}), "unknown_field"),
        (AmendFactory(amend={"limit_price": None}), "missing_field"),
        (CancelFactory(side="buy"), "unknown_field"),
        (TestSignalFactory(order_type="market"), "unknown_field"),
    ],
)
def test_other_events_with_a_wrong_member_are_refused(message: dict[str, Any], code: str) -> None:
    assert refusal(message) == code


def test_what_is_json_but_no_object_of_ours_is_an_unknown_dialect() -> None:
    for raw in (b"[]", b'"df.signal"', b"1", b"null", b'{"hello":"world"}'):
        with pytest.raises(Unreadable) as refused:
            read_alert(read_content(raw), StrategyDefaults("x"))
        assert refused.value.code == "unknown_dialect"
