"""The plan of an entry: canonical both ways, and nothing that cannot be meant may exist."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.dialects.base import StrategyDefaults
from signals.dialects.registry import read_alert
from signals.intake.parsing import Unreadable, read_content
from signals.intake.reasons import UNREADABLE
from signals.intents.intent import Intent
from signals.intents.invalid import IntentInvalid
from signals.intents.legs import Leg, Target
from signals.intents.plan import Distance, Plan
from signals.intents.summary import summary_of
from signals.intents.words import leg_words
from tests.factories.signals import EntryFactory, ExitFactory, body_of

D = Decimal
STOP = Target("pips", D(20))
WHOLE = {
    "targets": [
        {"kind": "pips", "value": "10", "share": "50"},
        {"kind": "pips", "value": "20.5", "share": "30"},
    ],
    "trailing": {
        "distance": {"kind": "points", "value": "150"},
        "trigger": {"kind": "points", "value": "100"},
        "step": {"kind": "points", "value": "10"},
    },
    "break_even": {
        "trigger": {"kind": "percent", "value": "0.2"},
        "offset": {"kind": "percent", "value": "0.01"},
    },
    "time_exit_seconds": 3600,
    "spread": {"kind": "pips", "value": "1.5"},
    "delay": {"seconds": 5, "expires_seconds": 30},
}


def target(value: str, share: str = "10", kind: str = "pips") -> dict[str, str]:
    return {"kind": kind, "value": value, "share": share}


def away(value: str, kind: str = "pips") -> dict[str, str]:
    return {"kind": kind, "value": value}


def entry(plan: dict[str, Any], **members: Any) -> Intent:
    told = {"side": "buy", "sl": STOP, **members}
    leg = Leg(verb="entry", symbol_raw="EURUSD", plan=Plan.from_dict(plan), **told)
    return Intent(kind="trade", legs=(leg,), ref_price=D("1.1"))


def code_of(plan: dict[str, Any], **members: Any) -> str:
    with pytest.raises(IntentInvalid) as refused:
        entry(plan, **members)
    assert refused.value.code in UNREADABLE
    return refused.value.code


def test_a_plan_reads_back_from_its_own_text() -> None:
    first = entry(WHOLE)
    assert Intent.from_json(first.to_json()) == first
    assert Intent.from_json(first.to_json()).to_json() == first.to_json()
    assert first.to_dict()["legs"][0]["plan"] == WHOLE
    assert first.to_dict()["minor"] == 1


def test_without_a_plan_nothing_is_said_of_one() -> None:
    plain = Intent(kind="trade", legs=(Leg(verb="entry", side="buy", symbol_raw="EURUSD"),))
    assert "plan" not in plain.to_json()
    assert "minor" not in plain.to_dict()


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        ({}, "plan_empty"),
        ({"targets": []}, "plan_empty"),
        ({"targets": [target(str(10 * n)) for n in range(1, 7)]}, "plan_targets"),
        ({"targets": [target("10", "60"), target("20", "50")]}, "plan_shares"),
        ({"targets": [target("10", "100.1")]}, "plan_shares"),
        ({"targets": [target("10", "0")]}, "not_positive"),
        ({"targets": [target("0")]}, "not_positive"),
        ({"targets": [target("-1")]}, "not_positive"),
        ({"targets": [target("10", "1e2")]}, "not_a_decimal"),
        ({"targets": [target("10", kind="miles")]}, "unknown_target_kind"),
        ({"targets": [target("10", kind="remove")]}, "unknown_target_kind"),
        ({"targets": [target("10"), target("10.0")]}, "plan_target_twice"),
        ({"targets": [target("20"), target("10")]}, "plan_target_order"),
        ({"targets": [target("20"), target("1.2", kind="price")]}, "plan_units"),
        ({"targets": [target("1.05", kind="price")]}, "bracket_wrong_side"),
        ({"targets": "all"}, "wrong_type"),
        ({"odd": 1}, "unknown_field"),
        ({"trailing": {}}, "missing_field"),
        ({"trailing": {"distance": away("0")}}, "not_positive"),
        ({"trailing": {"distance": away("10"), "step": away("11")}}, "plan_absurd"),
        ({"trailing": {"distance": away("10"), "step": away("1", "points")}}, "plan_units"),
        ({"trailing": {"distance": away("1.1", "price")}}, "unknown_target_kind"),
        ({"trailing": {"distance": away("100", "percent")}}, "percent_range"),
        ({"break_even": {"trigger": away("10"), "offset": away("10")}}, "plan_break_even"),
        ({"break_even": {"offset": away("10")}}, "missing_field"),
        ({"time_exit_seconds": 0}, "plan_absurd"),
        ({"time_exit_seconds": 2_678_401}, "plan_absurd"),
        ({"time_exit_seconds": True}, "wrong_type"),
        ({"time_exit_seconds": "60"}, "wrong_type"),
        ({"spread": away("1", "percent")}, "unknown_target_kind"),
        ({"delay": {"seconds": 5}}, "missing_field"),
        ({"delay": {"seconds": 3601, "expires_seconds": 5}}, "plan_absurd"),
        ({"entry_distance": away("10")}, "plan_entry_distance"),
    ],
)
def test_a_plan_that_cannot_be_meant_is_refused_with_its_reason(
    plan: dict[str, Any], code: str
) -> None:
    assert code_of(plan) == code


@pytest.mark.parametrize(
    "plan",
    [
        {"targets": [target("10")]},
        {"trailing": {"distance": away("10")}},
        {"break_even": {"trigger": away("10")}},
    ],
)
def test_what_moves_or_takes_parts_needs_a_stop_to_begin_with(plan: dict[str, Any]) -> None:
    assert code_of(plan, sl=None) == "plan_without_stop"
    entry(plan)


def test_the_stop_lies_behind_the_targets_and_the_target_stands_once() -> None:
    stop = Target("price", D("1.09"))
    assert code_of({"targets": [target("1.08", kind="price")]}, sl=stop) == (
        "plan_stop_beyond_target"
    )
    short = {"sl": Target("price", D("1.11")), "side": "sell"}
    assert code_of({"targets": [target("1.12", kind="price")]}, **short) == (
        "plan_stop_beyond_target"
    )
    assert code_of(
        {"targets": [target("1.08", kind="price"), target("1.09", kind="price")]}, **short
    ) == ("plan_target_order")
    entry({"targets": [target("1.09", kind="price"), target("1.08", kind="price")]}, **short)
    assert code_of({"targets": [target("10")]}, tp=Target("pips", D(30))) == "plan_two_targets"


def test_a_plan_belongs_to_an_entry() -> None:
    leg = Leg(
        verb="exit", side="any", symbol_raw="EURUSD", plan=Plan.from_dict({"time_exit_seconds": 5})
    )
    with pytest.raises(IntentInvalid) as refused:
        Intent(kind="trade", legs=(leg,))
    assert refused.value.code == "plan_misplaced"


def test_a_distance_from_the_market_takes_the_place_of_the_price() -> None:
    plan = {"entry_distance": away("10")}
    assert entry(plan, order_type="limit").legs[0].plan == Plan(
        entry_distance=Distance("pips", D(10))
    )
    assert code_of(plan, order_type="limit", limit_price=D("1.09")) == "limit_price_mismatch"
    assert code_of(plan, order_type="stop_limit") == "plan_entry_distance"
    assert code_of(plan, order_type="stop", sl=Target("price", D(1))) == "plan_entry_distance"


def test_what_is_carried_out_near_the_broker_is_told_apart() -> None:
    plan = Plan.from_dict(WHOLE)
    told = plan.carried_out
    assert told is not None
    assert set(told.to_dict()) == {"targets", "trailing", "break_even", "time_exit_seconds"}
    assert Plan.from_dict({"spread": away("1")}).carried_out is None


def test_people_read_each_rule_of_it() -> None:
    (leg,) = entry(WHOLE).legs
    said = leg_words(leg)
    assert "closes 50 % after 10 pips, 30 % after 20.5 pips" in said
    assert "sets the stop to the fill and 0.01 % after 0.2 %" in said
    assert "lets the stop follow at 150 points once it has gained 100 points" in said
    assert "closes what is left 3600 s after the fill" in said
    assert "plan=targets,trailing" in summary_of(entry(WHOLE))


def read(message: dict[str, Any]) -> Intent:
    return read_alert(read_content(body_of(message)), StrategyDefaults("x")).intent


def test_our_own_scripts_may_send_one() -> None:
    intent = read(EntryFactory(tp=None, plan=WHOLE))
    assert intent.legs[0].plan == Plan.from_dict(WHOLE)
    with pytest.raises(Unreadable) as refused:
        read(EntryFactory(plan=WHOLE))
    assert refused.value.code == "plan_two_targets"
    with pytest.raises(Unreadable) as refused:
        read(ExitFactory(plan=WHOLE))
    assert refused.value.code == "unknown_field"


def test_what_comes_before_an_entry_is_a_leg_of_its_own() -> None:
    legs = read(EntryFactory(cancel_first=True, flatten_first=True)).legs
    assert [(leg.verb, leg.side) for leg in legs] == [
        ("cancel_all", "any"),
        ("exit", "any"),
        ("entry", "buy"),
    ]
    assert len({leg.symbol_raw for leg in legs}) == 1
    assert [leg.verb for leg in read(EntryFactory(flatten_first=False)).legs] == ["entry"]
    with pytest.raises(Unreadable):
        read(EntryFactory(cancel_first="yes"))


@pytest.mark.parametrize("mode", ["lots", "risk_money"])
def test_a_size_may_be_lots_or_money_at_risk(mode: str) -> None:
    size = read(EntryFactory(size_mode=mode, size="0.50")).legs[0].size
    assert size is not None
    assert (size.mode, size.value) == (mode, D("0.50"))


_value = st.decimals(min_value="0.0001", max_value="500", places=4)
_kind = st.sampled_from(["points", "pips"])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(_value, st.decimals("0.01", "120", places=2)), min_size=1, max_size=6), _kind
)
def test_shares_and_targets_are_refused_exactly_where_they_cannot_be(
    told: list[tuple[Decimal, Decimal]], kind: str
) -> None:
    plan = {"targets": [target(str(value), str(share), kind) for value, share in told]}
    values = [value for value, _ in told]
    may_be = (
        len(told) <= 5 and sum(share for _, share in told) <= 100 and values == sorted(set(values))
    )
    try:
        entry(plan)
    except IntentInvalid:
        assert not may_be
    else:
        assert may_be


PINE = "60123456789,buy,EURUSD,vol_lots=0.1"


def spoken(text: str) -> Intent:
    return read_alert(read_content(text.encode()), StrategyDefaults("x")).intent


def test_pineconnector_s_rules_become_a_plan_where_all_of_them_is_said() -> None:
    intent = spoken(f"{PINE},sl_pips=20,trailtrig=10,traildist=15,trailstep=5,betrigger=8")
    assert intent.legs[0].plan == Plan.from_dict(
        {
            "trailing": {"distance": away("15"), "trigger": away("10"), "step": away("5")},
            "break_even": {"trigger": away("8")},
        }
    )
    assert intent.sources == {}
    partly = spoken(f"{PINE},sl_pips=20,trailtrig=10,traildist=15")
    assert partly.legs[0].plan is None
    assert partly.sources == {"legs.0.trailing": "ignored"}
    assert spoken(f"{PINE},sl_pips=20,betrigger=8,beoffset=2,atrperiod=14").sources == {
        "legs.0.trailing": "ignored"
    }


def test_pineconnector_s_distance_from_the_market_and_money_at_risk_are_carried_out() -> None:
    (leg,) = spoken("60123456789,selllimit,EURUSD,vol_dollar=50,entry_pips=15,sl_pips=20").legs
    assert leg.plan == Plan(entry_distance=Distance("pips", D(15)))
    assert leg.size is not None
    assert (leg.order_type, leg.size.mode, leg.size.value) == ("limit", "risk_money", D(50))
    with pytest.raises(Unreadable) as refused:
        spoken("60123456789,buystop,EURUSD,vol_lots=1,entry_pips=15,entry_price=1.2,sl_pips=20")
    assert refused.value.code == "conflicting_fields"
    with pytest.raises(Unreadable) as refused:
        spoken(f"{PINE},trailtrig=10,traildist=15,trailstep=5")
    assert refused.value.code == "unsupported_option"
