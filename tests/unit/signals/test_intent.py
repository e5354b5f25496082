"""`df.intent`: canonical both ways, and nothing that cannot be meant may exist."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion_project.text.canonical import canonical_json
from signals.intents.intent import Intent
from signals.intents.invalid import IntentInvalid
from signals.intents.legs import BarPrices, Leg, Size, Target

D = Decimal
BAR = BarPrices(symbol_raw="EURUSD", open=D(2), high=D(3), low=D(1), close=D(2))


def entry(**members: Any) -> Leg:
    return Leg(**{"verb": "entry", "side": "buy", "symbol_raw": "OANDA:EURUSD", **members})


def intent(*legs: Leg, **members: Any) -> Intent:
    return Intent(**{"kind": "trade", "legs": legs, **members})


def code_of(*legs: Leg, **members: Any) -> str:
    with pytest.raises(IntentInvalid) as refused:
        intent(*legs, **members)
    return refused.value.code


def test_an_intent_reads_back_from_its_own_text() -> None:
    first = intent(
        Leg(verb="exit", side="any", symbol_raw="EURUSD"),
        entry(
            order_type="stop_limit",
            limit_price=D("1.0900"),
            stop_price=D("1.0890"),
            size=Size("risk_pct", D("1.00")),
            sl=Target("pips", D("20")),
            tp=Target("price", D(2)),
        ),
        sender_id="a",
        trade_ref="b",
        ref_id="c",
        timeframe="15",
        ref_price=D("1.0842"),
        bar_time=datetime(2026, 3, 2, 14, 30, tzinfo=UTC),
        expires_at=datetime(2026, 3, 2, 14, 31, 0, 250000, tzinfo=UTC),
        sources={"legs.1.size": "default"},
    )
    assert Intent.from_json(first.to_json()) == first
    assert Intent.from_json(first.to_json()).to_json() == first.to_json()


def test_a_bar_reads_back_from_its_own_text() -> None:
    prices = {name: D("1.08400") for name in ("open", "high", "low", "close")}
    for volume in (None, D(0), D("12.5")):
        first = intent(kind="bar", bar=BarPrices(symbol_raw="EURUSD", volume=volume, **prices))
        assert Intent.from_json(first.to_json()) == first


def test_the_text_is_canonical_whatever_the_digits_were() -> None:
    assert intent(entry(sl=Target("price", D("1.10"))), ref_price=D("2.00")).to_json() == (
        '{"bar_time":null,"expires_at":null,"kind":"trade","legs":[{"event":"entry",'
        '"order_type":"market","side":"buy","size":null,"sl":{"kind":"price","value":"1.1"},'
        '"symbol_raw":"OANDA:EURUSD"}],"ref_id":null,"ref_price":"2","schema":"df.intent",'
        '"sender_id":null,"sources":{},"timeframe":null,"trade_ref":null,"v":1}'
    )


def test_only_an_entry_adds_risk() -> None:
    assert intent(entry()).has_entry
    assert not intent(entry()).lowers_risk
    reversal = intent(Leg(verb="exit", side="sell", symbol_raw="EURUSD"), entry())
    assert reversal.has_entry
    assert reversal.lowers_risk


@pytest.mark.parametrize(
    ("leg", "code"),
    [
        ({"side": "any"}, "side_required"),
        ({"side": "long"}, "unknown_side"),
        ({"verb": "open"}, "unknown_event"),
        ({"symbol_raw": ""}, "no_symbol"),
        ({"symbol_raw": "x" * 65}, "symbol_too_long"),
        ({"order_type": "trailing"}, "unknown_order_type"),
        ({"order_type": "limit"}, "limit_price_mismatch"),
        ({"limit_price": D(1)}, "limit_price_mismatch"),
        ({"order_type": "stop"}, "stop_price_mismatch"),
        ({"order_type": "stop_limit", "limit_price": D(1)}, "stop_price_mismatch"),
        ({"size": Size("units", D(1))}, "unknown_size_mode"),
        ({"size": Size("lots", D(0))}, "not_positive"),
        ({"size": Size("lots", D("NaN"))}, "not_a_decimal"),
        ({"size": Size("lots", D("Infinity"))}, "not_a_decimal"),
        ({"size": Size("lots", D("1e14"))}, "number_range"),
        ({"size": Size("lots", D("1e-11"))}, "number_range"),
        ({"sl": Target("price", D(-1))}, "not_positive"),
        ({"sl": Target("price")}, "missing_field"),
        ({"sl": Target("atr", D(1))}, "unknown_target_kind"),
        ({"sl": Target("remove")}, "nothing_to_remove"),
        ({"sl": Target("percent", D(100))}, "percent_range"),
        ({"close_pct": D(50)}, "close_pct_misplaced"),
        ({"verb": "partial_exit"}, "close_pct_required"),
        ({"verb": "partial_exit", "close_pct": D("100.1")}, "close_pct_range"),
        ({"verb": "exit", "close_pct": D(50)}, "close_pct_misplaced"),
        ({"verb": "amend"}, "nothing_to_amend"),
        ({"verb": "amend", "sl": Target("remove", D(1))}, "remove_has_value"),
    ],
)
def test_a_leg_that_cannot_be_meant_is_refused(leg: dict[str, Any], code: str) -> None:
    assert code_of(entry(**leg)) == code


@pytest.mark.parametrize(
    ("side", "sl", "tp", "ref"),
    [
        ("buy", "1.1", None, "1.0"),
        ("buy", None, "0.9", "1.0"),
        ("buy", "1.0", None, "1.0"),
        ("buy", "1.2", "1.1", None),
        ("sell", "0.9", None, "1.0"),
        ("sell", None, "1.1", "1.0"),
        ("sell", "1.1", "1.2", None),
    ],
)
def test_stop_and_target_must_lie_on_their_sides(
    side: str, sl: str | None, tp: str | None, ref: str | None
) -> None:
    leg = entry(
        side=side,
        sl=Target("price", D(sl)) if sl else None,
        tp=Target("price", D(tp)) if tp else None,
    )
    assert code_of(leg, ref_price=D(ref) if ref else None) == "bracket_wrong_side"


def test_the_bracket_is_measured_from_the_limit_price_when_there_is_one() -> None:
    leg = entry(order_type="limit", limit_price=D("1.05"), sl=Target("price", D("1.01")))
    assert intent(leg, ref_price=D("1.00"))


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"kind": "order"}, "unknown_kind"),
        ({"kind": "test"}, "unexpected_legs"),
        ({"kind": "bar", "legs": ()}, "no_bar"),
        ({"bar": BAR}, "unexpected_bar"),
        ({"kind": "bar", "legs": (), "bar": replace(BAR, symbol_raw="")}, "no_symbol"),
        ({"kind": "bar", "legs": (), "bar": replace(BAR, low=D(3))}, "bar_prices"),
        ({"kind": "bar", "legs": (), "bar": replace(BAR, volume=D(-1))}, "not_positive"),
        ({"sender_id": ""}, "ref_length"),
        ({"trade_ref": "x" * 161}, "ref_length"),
        ({"bar_time": datetime(2026, 1, 1)}, "not_a_time"),  # noqa: DTZ001
        ({"ref_price": D(0)}, "not_positive"),
        ({"legs": ()}, "no_legs"),
        ({"legs": (entry(),) * 9}, "too_many_legs"),
    ],
)
def test_an_intent_that_cannot_be_meant_is_refused(members: dict[str, Any], code: str) -> None:
    assert code_of(entry(), **members) == code


def test_a_close_all_needs_no_symbol() -> None:
    assert intent(Leg(verb="close_all", side="any", symbol_raw=""))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"schema":"df.intent","v":2,"kind":"test"}', "wrong_schema"),
        ('{"schema":"df.intent","v":1,"kind":"test","color":1}', "unknown_field"),
        ('{"schema":"df.intent","v":1}', "missing_field"),
        ('{"schema":"df.intent","v":1,"kind":"test","ref_price":1.5}', "not_a_decimal"),
        ('{"schema":"df.intent","v":1,"kind":"test","bar_time":"noon"}', "not_a_time"),
        ('{"schema":"df.intent","v":1,"kind":"test","env":"test"}', "wrong_env"),
        ("[]", "wrong_type"),
    ],
)
def test_text_that_is_no_intent_is_refused(text: str, code: str) -> None:
    with pytest.raises(IntentInvalid) as refused:
        Intent.from_json(text)
    assert refused.value.code == code


prices = st.decimals(min_value=D("0.0000000001"), max_value=D("99999999999999"), places=10)
targets = st.builds(Target, st.sampled_from(["points", "pips"]), prices)


@given(
    leg=st.builds(
        Leg,
        verb=st.just("entry"),
        side=st.sampled_from(["buy", "sell"]),
        symbol_raw=st.sampled_from(["EURUSD", "BINANCE:BTCUSDT"]),
        size=st.none() | st.builds(Size, st.sampled_from(["lots", "risk_pct"]), prices),
        sl=st.none() | targets,
        tp=st.none() | targets,
    ),
    moment=st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1)),  # noqa: DTZ001
    price=prices,
    env=st.sampled_from([None, "live", "paper"]),
)
def test_every_intent_survives_its_own_text(
    leg: Leg, moment: datetime, price: Decimal, env: str | None
) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    first = intent(leg, bar_time=moment, ref_price=price, env=env)
    assert Intent.from_json(first.to_json()) == first
    assert first.to_json() == canonical_json(first.to_dict())
