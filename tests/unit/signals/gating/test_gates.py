"""Gates: a factor with a reason each, none a vote; what is not known never counts as good."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.fusion.cuts import risk_cuts
from signals.fusion.engines.fusion_2 import NAME, fuse
from signals.fusion.engines.registry import UnknownEngine
from signals.fusion.gating import names
from signals.fusion.gating.rules import NAME as RULES_NAME
from signals.fusion.gating.rules import GateFact, gated
from signals.fusion.gating.settings import STANDARD, GatesInvalid, settings_read
from signals.fusion.inputs import EngineInputs, Gate, record_text
from signals.fusion.replay import replay
from signals.intake.reasons import DECISION_REASONS
from tests.unit.signals.test_fusion_2 import PRIOR, asked, lobe, taught, world

D = Decimal
RAMP = {"full": 500, "closed": 1500, "absent": "0.5"}
SURE = lobe("base_rate", "0.75")
EVERY: dict[str, Any] = {
    "drawdown": RAMP,
    "exposure": {"full": 20_000, "closed": 50_000},
    "correlation": {"full": 1, "closed": 4},
    "session": {"zone": "Europe/London", "open": ["Mon-Fri 07:00-20:00"], "factor": "0.25"},
    "news": {"calendar": "fx", "minutes_before": 30, "minutes_after": 15},
    "spread": {"full": "0.05", "closed": "0.25"},
    "volatility": {"full": "1.5", "closed": 3, "target_bps": 60, "absent": "0.3"},
    "data_quality": {"full": "0.98", "closed": "0.8"},
    "account_health": {"absent": "0.2", "stale_seconds": 120},
}


def fact(name: str, *values: str | int | None, **members: Any) -> GateFact:
    told = None if values == (None,) else tuple(D(one) for one in values if one is not None)
    return GateFact(name=name, values=told, **members)


def factor(name: str, *values: str | int | None, **members: Any) -> tuple[Decimal, str]:
    """What one gate of the full policy says of a fact."""
    settings = settings_read({name: EVERY[name]})
    (gate,) = gated(settings, [fact(name, *values, **members)]).gates
    return gate.factor, gate.reason


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("drawdown", [500], (1, "")),
        ("drawdown", [1000], (D("0.5"), "drawdown_shrinks")),
        ("drawdown", [1500], (0, "drawdown_closed")),
        ("exposure", [60_000], (0, "exposure_closed")),
        ("correlation", [0], (1, "")),
        ("correlation", ["2.5"], (D("0.5"), "correlation_shrinks")),
        ("session", [7 * 60], (1, "")),
        ("session", [7 * 60 - 1], (D("0.25"), "session_shrinks")),
        ("session", [4 * 1440 + 20 * 60], (D("0.25"), "session_shrinks")),
        ("news", [], (1, "")),
        ("news", [31, -16], (1, "")),
        ("news", [30], (0, "news_closed")),
        ("news", [-15], (0, "news_closed")),
        ("spread", ["0.15"], (D("0.5"), "spread_shrinks")),
        ("volatility", [3, 10], (0, "volatility_closed")),
        ("data_quality", [1], (1, "")),
        ("data_quality", ["0.89"], (D("0.5"), "data_quality_shrinks")),
        ("data_quality", ["0.5"], (0, "data_quality_closed")),
        ("account_health", [1], (1, "")),
        ("account_health", [0], (0, "account_health_closed")),
    ],
)
def test_each_gate_turns_its_fact_into_a_factor_with_a_reason(
    name: str, values: list[Any], expected: tuple[Any, str]
) -> None:
    assert factor(name, *values) == expected


@pytest.mark.parametrize("name", [one for one in names.GATES if one != "session"])
def test_what_is_not_known_never_counts_as_good(name: str) -> None:
    told, reason = factor(name, None)
    assert (told < 1, reason) == (True, f"{name}_absent")
    assert gated(settings_read({name: EVERY[name]}), []).gates[0].reason == f"{name}_absent"


@pytest.mark.parametrize("name", ["drawdown", "exposure", "spread", "account_health"])
def test_what_was_told_too_long_ago_never_counts_as_good(name: str) -> None:
    best = 1 if name == "account_health" else 0
    assert factor(name, best, age_seconds=120) == (1, "")
    told, reason = factor(name, best, age_seconds=181)
    assert (told < 1, reason) == (True, f"{name}_stale")


def test_bars_are_fresh_by_their_own_timeframe_unless_the_policy_says_otherwise() -> None:
    assert factor("data_quality", 1, age_seconds=900, fresh_seconds=2700) == (1, "")
    assert factor("data_quality", 1, age_seconds=2701, fresh_seconds=2700)[1].endswith("_stale")
    settings = settings_read({"data_quality": {**EVERY["data_quality"], "stale_seconds": 60}})
    old = fact("data_quality", 1, age_seconds=61, fresh_seconds=2700)
    assert gated(settings, [old]).gates[0].reason == "data_quality_stale"


def test_a_gate_that_the_policy_does_not_name_is_not_asked() -> None:
    assert gated(settings_read({}), [fact("drawdown", 9999)]).gates == ()


def test_the_standard_gates_can_be_meant() -> None:
    assert set(settings_read(STANDARD)) == set(STANDARD)


def test_every_reason_has_a_sentence() -> None:
    codes = [f"{name}_{code}" for name in names.GATES for code in ("closed", "absent", "stale")]
    assert set(codes) <= set(DECISION_REASONS)


@given(
    values=st.lists(st.decimals(0, 100_000, places=3), min_size=2, max_size=2),
    name=st.sampled_from(["drawdown", "exposure", "spread", "correlation"]),
)
def test_a_worse_fact_never_leaves_more(values: list[Decimal], name: str) -> None:
    better, worse = sorted(values)
    factors = [factor(name, str(one))[0] for one in (better, worse)]
    assert 0 <= factors[1] <= factors[0] <= 1


def share(daily: str | None) -> Decimal | None:
    settings = settings_read({"volatility": EVERY["volatility"]})
    values = (None,) if daily is None else ("1", daily)
    return gated(settings, [fact("volatility", *values)]).risk_share


def test_twice_the_volatility_halves_the_risk() -> None:
    assert (share("60"), share("120"), share("240")) == (1, D("0.5"), D("0.25"))
    assert (share("30"), share(None)) == (1, None)


def inputs_gated(gates: dict[str, Any], *facts: GateFact, **members: Any) -> EngineInputs:
    told = gated(settings_read(gates), facts)
    return replace(asked(SURE, **members), gates=told.gates, risk_share=told.risk_share)


def test_the_smallest_of_risk_percent_target_volatility_and_kelly_counts() -> None:
    target = {"volatility": {"target_bps": 60}}
    calm = fuse(inputs_gated(target, fact("volatility", 1, 30)))
    wild = fuse(inputs_gated(target, fact("volatility", 1, 120)))
    assert (calm.risk_bps, wild.risk_bps) == (50, 25)
    hinted = fuse(inputs_gated(target, fact("volatility", 1, 120), risk_hint_bps=10))
    assert hinted.risk_bps == 10
    text = record_text(NAME, inputs_gated(target, fact("volatility", 1, 120)), wild, {})
    assert [(one.reason, one.after) for one in risk_cuts(text).cuts] == [("volatility", 25)]


def test_gates_multiply_into_the_size_and_a_closed_one_leaves_nothing() -> None:
    gates = {"drawdown": RAMP, "correlation": EVERY["correlation"]}
    half = fuse(inputs_gated(gates, fact("drawdown", 1000), fact("correlation", "2.5")))
    assert (half.verdict, half.size_factor, half.risk_bps) == ("trade", D("0.25"), 50)
    shut = fuse(inputs_gated(gates, fact("drawdown", 1500), fact("correlation", 0)))
    assert (shut.verdict, shut.reason, shut.risk_bps) == ("abstain", "gate_closed", 0)


def test_no_gate_changes_the_chance() -> None:
    free, gated_ = fuse(asked(SURE)), fuse(inputs_gated({"drawdown": RAMP}))
    assert (free.p_final, free.edge_r) == (gated_.p_final, gated_.edge_r)


def recorded(gates: dict[str, Any], *facts: GateFact) -> str:
    inputs = inputs_gated(gates, *facts)
    context = {
        "gates": {
            "rules": RULES_NAME,
            "settings": gates,
            "facts": [one.to_dict() for one in facts],
        }
    }
    return record_text(NAME, inputs, fuse(inputs), context)


def test_a_replay_judges_the_facts_anew_to_the_same_bytes() -> None:
    facts = [
        fact("drawdown", "733.25", age_seconds=12, rows=(4,)),
        fact("session", 700),
        fact("news", "-16.5", "44", age_seconds=3600),
        fact("volatility", "1.9", "97.123"),
        fact("account_health", 1, age_seconds=500),
    ]
    text = recorded(EVERY, *facts)
    assert replay(text)[0] == text
    gates = {one["name"]: one for one in json.loads(text)["inputs"]["gates"]}
    assert gates["account_health"]["reason"] == "account_health_stale"
    assert gates["exposure"]["reason"] == "exposure_absent"
    assert "reason" not in gates["session"]


def test_a_record_whose_factor_was_changed_does_not_replay() -> None:
    text = recorded({"drawdown": RAMP}, fact("drawdown", 1000))
    assert '"factor":"0.5"' in text
    changed = text.replace('"factor":"0.5"', '"factor":"0.9"')
    assert replay(changed)[0] != changed


def test_rules_of_gates_that_are_not_known_are_named() -> None:
    text = recorded({"drawdown": RAMP}, fact("drawdown", 1000)).replace("gates/1", "gates/9")
    with pytest.raises(UnknownEngine, match="gates/9"):
        replay(text)


@pytest.mark.parametrize(
    ("gates", "reason"),
    [
        ([], "an object of gates"),
        ({"mood": {}}, "no gate 'mood'"),
        ({"drawdown": 3}, "drawdown must be an object"),
        ({"drawdown": {"full": 1}}, "drawdown needs closed"),
        ({"drawdown": {**RAMP, "zone": "UTC"}}, "drawdown has no 'zone'"),
        ({"drawdown": {"full": 1500, "closed": 500}}, "must lie above"),
        ({"drawdown": {"full": 5, "closed": 5}}, "must lie above"),
        ({"data_quality": {"full": "0.8", "closed": "0.9"}}, "must lie below"),
        ({"drawdown": {**RAMP, "absent": 1}}, "never counts as good"),
        ({"drawdown": {**RAMP, "absent": "NaN"}}, "is from 0 to"),
        ({"drawdown": {**RAMP, "absent": 0.5}}, "number written as text"),
        ({"drawdown": {**RAMP, "absent": True}}, "number written as text"),
        ({"drawdown": {**RAMP, "stale_seconds": 0}}, "whole number from 1"),
        ({"session": {"open": []}}, "a list of 1 to 50"),
        ({"session": {"open": ["Mon 20:00-07:00"]}}, "write it as two"),
        ({"session": {"open": ["Fri-Mon 07:00-20:00"]}}, "write it as two"),
        ({"session": {"open": ["Mon 07:00-25:00"]}}, "write it as two"),
        ({"session": {"open": ["someday"]}}, "is not like"),
        ({"session": {"open": ["Mon 07:00-20:00"], "zone": "Mars/Base"}}, "no time zone"),
        ({"session": {"open": ["Mon 07:00-20:00"], "zone": "../etc/passwd"}}, "no time zone"),
        ({"session": {"open": ["Mon 07:00-20:00"], "factor": 1}}, "never counts as good"),
        ({"news": {}}, "news needs calendar"),
        ({"news": {"calendar": "a b"}}, "name of an imported calendar"),
        ({"news": {"calendar": "fx", "impact": "huge"}}, "one of low, medium, high"),
        ({"news": {"calendar": "fx", "currencies": {"X": "USD"}}}, "names currencies"),
        ({"volatility": {}}, "full and closed, or target_bps"),
        ({"volatility": {"full": 1}}, "both full and closed"),
        ({"volatility": {"target_bps": 0}}, "is above 0"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_with_their_reason(
    gates: Any, reason: str
) -> None:
    with pytest.raises(GatesInvalid, match=reason):
        settings_read(gates)


def test_a_closed_gate_leaves_nothing_where_labels_decide_either() -> None:
    sure = (PRIOR, lobe("knows", "0.85"), lobe("noise", "0.6"))
    free = asked(*sure, state=taught(*world(120)))
    assert fuse(free).verdict == "trade"
    shut = fuse(replace(free, gates=(Gate(name="drawdown", factor=D(0)),)))
    assert (shut.verdict, shut.reason, shut.risk_bps) == ("abstain", "gate_closed", 0)
