"""The engine: shrinks or abstains, never flips or exceeds, and replays byte for byte."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.fusion.engines.fusion_1 import NAME, fuse
from signals.fusion.engines.registry import UnknownEngine
from signals.fusion.inputs import EngineInputs, EngineOpinion, Gate, Policy, record_text
from signals.fusion.replay import replay

D = Decimal
POLICY = Policy(
    strategy="ema",
    version=1,
    approval="automatic",
    risk_bps=50,
    payoff_r=D(1),
    cost_r=D("0.05"),
    margin_r=D("0.02"),
)


def opinion(p: str | Decimal | None, **members: object) -> EngineOpinion:
    facts = {
        "lobe": "base_rate",
        "version": "1",
        "status": "awake",
        "p": None if p is None else D(p),
        "evidence": D(400),
        "eps": D("0.01"),
        "weight": D(1),
        **members,
    }
    return EngineOpinion(**facts)  # type: ignore[arg-type]


def inputs(*opinions: EngineOpinion, **members: object) -> EngineInputs:
    facts = {
        "policy": POLICY,
        "side": "buy",
        "entry_price": None,
        "stop_price": None,
        "target_price": None,
        "risk_hint_bps": None,
        "opinions": opinions,
        **members,
    }
    return EngineInputs(**facts)  # type: ignore[arg-type]


def test_a_declared_edge_that_clears_cost_trades_at_the_policy_limit() -> None:
    outcome = fuse(inputs(opinion("0.6")))
    assert (outcome.verdict, outcome.reason) == ("trade", "edge_above_margin")
    assert (outcome.risk_bps, outcome.size_factor) == (50, D(1))
    assert outcome.p_final == D("0.6")
    assert outcome.threshold == D("0.535")
    assert outcome.edge_r == D("0.15")


def test_no_edge_abstains_and_risks_nothing() -> None:
    outcome = fuse(inputs(opinion("0.5")))
    assert (outcome.verdict, outcome.reason, outcome.risk_bps) == (
        "abstain",
        "edge_below_margin",
        0,
    )


def test_without_an_awake_lobe_it_abstains() -> None:
    for opinions in ((), (opinion(None, status="asleep"),), (opinion("0.9", weight=D(0)),)):
        assert fuse(inputs(*opinions)).reason == "no_lobe_awake"


def test_an_edge_too_uncertain_to_risk_a_basis_point_abstains() -> None:
    assert fuse(inputs(opinion("0.6", evidence=D(2)))).reason == "size_zero"


def test_the_alerts_own_stop_and_target_give_the_payoff() -> None:
    outcome = fuse(
        inputs(opinion("0.4"), entry_price=D(100), stop_price=D(99), target_price=D(103))
    )
    assert (outcome.payoff_r, outcome.verdict) == (D(3), "trade")


def test_a_closed_gate_stops_the_entry_and_a_half_open_one_halves_it() -> None:
    shut = fuse(inputs(opinion("0.6"), gates=(Gate(name="news", factor=D(0)),)))
    half = fuse(inputs(opinion("0.6"), gates=(Gate(name="spread", factor=D("0.5")),)))
    assert (shut.verdict, shut.reason) == ("abstain", "gate_closed")
    assert (half.verdict, half.size_factor) == ("trade", D("0.5"))


def test_the_sender_may_ask_for_less_and_never_gets_more() -> None:
    assert fuse(inputs(opinion("0.6"), risk_hint_bps=20)).risk_bps == 20
    assert fuse(inputs(opinion("0.6"), risk_hint_bps=500)).risk_bps == 50
    assert fuse(inputs(opinion("0.6"), risk_hint_bps=0)).reason == "size_zero"


def test_an_extreme_lobe_is_clipped() -> None:
    assert fuse(inputs(opinion("0.999999", eps=D("0.05")))).p_final == D("0.95")


def test_a_heavier_lobe_pulls_harder() -> None:
    low, high = opinion("0.4"), opinion("0.7", lobe="other")
    even = fuse(inputs(low, high)).p_final
    assert fuse(inputs(replace(low, weight=D("0.1")), high)).p_final > even


chances = st.decimals(min_value=D("0.001"), max_value=D("0.999"), places=6)
opinions = st.lists(
    st.builds(
        opinion,
        chances,
        lobe=st.sampled_from(["base_rate", "track_record", "other"]),
        status=st.sampled_from(["awake", "asleep", "failed"]),
        evidence=st.decimals(0, 1000, places=2),
        weight=st.decimals(0, 1, places=3),
    ),
    max_size=5,
)
cases = st.builds(
    lambda many, hint, payoff, factor: inputs(
        *many,
        risk_hint_bps=hint,
        policy=replace(POLICY, payoff_r=payoff),
        gates=(Gate(name="g", factor=factor),),
    ),
    opinions,
    st.none() | st.integers(0, 1000),
    st.decimals(D("0.1"), D("20"), places=4),
    st.decimals(0, 1, places=6),
)


@given(cases)
def test_size_never_exceeds_any_limit_and_an_abstention_has_none(case: EngineInputs) -> None:
    outcome = fuse(case)
    limits: list[Decimal | int] = [POLICY.risk_bps, outcome.kelly * 10_000]
    if case.risk_hint_bps is not None:
        limits.append(case.risk_hint_bps)
    assert 0 <= outcome.risk_bps <= min(limits)
    assert 0 <= outcome.size_factor <= 1
    assert (outcome.risk_bps > 0) == (outcome.verdict == "trade")
    assert 0 < outcome.p_final < 1
    if outcome.verdict == "trade":
        assert outcome.p_final >= outcome.threshold
        assert outcome.size_factor > 0


@given(chances, chances)
def test_a_better_chance_never_gets_a_smaller_size(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    assert fuse(inputs(opinion(low))).risk_bps <= fuse(inputs(opinion(high))).risk_bps


@given(cases)
def test_every_record_replays_to_its_own_bytes(case: EngineInputs) -> None:
    record = record_text(NAME, case, fuse(case), {"alert_id": 1})
    text, outcome = replay(record)
    assert text == record
    assert outcome == fuse(case)


def test_a_replay_in_another_process_gives_the_same_bytes() -> None:
    case = inputs(opinion("0.6123"), opinion("0.55", lobe="track_record", weight=D("0.7")))
    record = record_text(NAME, case, fuse(case), None)
    code = "import sys; from signals.fusion.replay import replay; print(replay(sys.argv[1])[0])"
    again = subprocess.run(  # a fresh interpreter with another hash seed
        [sys.executable, "-c", code, record],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7"},
        cwd=".",
    )
    assert again.stdout.strip() == record


def test_leaving_a_lobe_out_answers_what_if() -> None:
    case = inputs(opinion("0.4"), opinion("0.9", lobe="optimist"))
    record = record_text(NAME, case, fuse(case), None)
    assert replay(record)[1].verdict == "trade"
    assert replay(record, without_lobe="optimist")[1].verdict == "abstain"


def test_another_engines_record_is_not_guessed_at() -> None:
    with pytest.raises(UnknownEngine):
        replay('{"engine":"engine:fusion/99","inputs":{},"context":null,"outcome":{}}')
