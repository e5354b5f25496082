"""Why an entry risks less than its policy allows, from the record alone."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.fusion.cuts import RiskCut, risk_cuts
from signals.fusion.engines.registry import CURRENT
from signals.fusion.inputs import Gate, record_text
from signals.intents.legs import PriceLevels
from tests.unit.signals.test_engine import inputs, opinion
from tests.unit.signals.test_fusion_2 import RULES

D = Decimal


def told(*opinions: object, **members: object) -> tuple[object, object]:
    asked = inputs(*opinions, rules=RULES, **members)
    outcome = CURRENT.fuse(asked)
    return risk_cuts(record_text(CURRENT.name, asked, outcome, {})), outcome


def test_a_great_edge_is_cut_by_nothing() -> None:
    cuts, outcome = told(opinion("0.7"))
    assert (cuts.policy_bps, cuts.cuts, cuts.gates) == (50, [], [])
    assert outcome.risk_bps == 50


def test_the_senders_wish_comes_before_quarter_kelly() -> None:
    cuts, outcome = told(opinion("0.6", evidence=D(200)), risk_hint_bps=30)
    assert cuts.cuts == [RiskCut("alert", 50, 30)]
    assert outcome.risk_bps == 30


def test_little_evidence_is_cut_by_quarter_kelly() -> None:
    cuts, outcome = told(opinion("0.6", evidence=D(45)))
    (cut,) = cuts.cuts
    assert (cut.reason, cut.before, cut.after) == ("kelly", 50, outcome.risk_bps)
    assert 0 <= cut.after < 50


def test_gates_that_scale_are_named_and_open_ones_are_not() -> None:
    gates = (Gate(name="drawdown", factor=D("0.5")), Gate(name="session", factor=D(1)))
    cuts, outcome = told(opinion("0.7"), gates=gates)
    assert [(gate.name, gate.factor) for gate in cuts.gates] == [("drawdown", D("0.5"))]
    assert outcome.size_factor == D("0.5")


@given(
    p=st.decimals("0.51", "0.95", places=3),
    evidence=st.integers(0, 3_000),
    hint=st.none() | st.integers(1, 80),
)
def test_the_last_cut_is_what_the_decision_says(p: Decimal, evidence: int, hint: int) -> None:
    cuts, outcome = told(opinion(p, evidence=D(evidence)), risk_hint_bps=hint)
    left = cuts.cuts[-1].after if cuts.cuts else cuts.policy_bps
    if outcome.verdict == "trade":
        assert left == outcome.risk_bps
    for before, after in zip(cuts.cuts, cuts.cuts[1:], strict=False):
        assert before.after == after.before


@pytest.mark.parametrize(
    ("entry", "stop", "target", "ratio"),
    [
        ("1.1", "1.095", "1.11", "2"),
        ("1.1", "1.105", "1.0925", "1.5"),
        ("1.1", None, "1.11", None),
        (None, "1.1", "1.2", None),
        ("1.1", "1.1", "1.2", None),
    ],
)
def test_reward_to_risk_is_known_with_three_prices(
    entry: str | None, stop: str | None, target: str | None, ratio: str | None
) -> None:
    levels = PriceLevels(*(None if one is None else D(one) for one in (entry, stop, target)))
    assert levels.reward_to_risk == (None if ratio is None else D(ratio))
