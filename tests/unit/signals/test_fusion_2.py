"""The engine that learns: bounded, replayable, and until it has labels the engine before it."""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fusion_project.text.canonical import canonical_json
from signals.fusion.cuts import risk_cuts
from signals.fusion.engines import fusion_1
from signals.fusion.engines.fusion_2 import NAME, bounded_shares, fuse
from signals.fusion.inputs import EngineInputs, EngineOpinion, Outcome, Rules, record_text
from signals.fusion.learned import Learned, learned_start, state_after
from signals.fusion.mixing.abstention import conformal_start
from signals.fusion.mixing.joining import joined
from signals.fusion.mixing.sharing import shares
from signals.fusion.replay import replay
from tests.unit.signals.test_engine import inputs, opinion

D = Decimal
RULES = Rules(
    labels_min=30,
    quorum=1,
    outage="abstain",
    lobe_share_max=D("0.4"),
    miss_max=D(0),
    is_away=False,
    open_labels=0,
)
# What `digest()` was when this engine was released: another one is another engine.
DIGEST = "76c585e6d778ea826744f533a2ee83c91a57071cc4e0be02e242c4e7d11217e0"


def asked(*opinions: EngineOpinion, **members: Any) -> EngineInputs:
    rules = replace(RULES, **members.pop("rules", {}))
    return inputs(*opinions, rules=rules, **members)


def lobe(name: str, p: str | None, **members: Any) -> EngineOpinion:
    status = members.pop("status", "awake" if p is not None else "asleep")
    return opinion(p, lobe=name, status=status, **members)


def taught(*rounds: tuple[tuple[EngineOpinion, ...], bool], **members: Any) -> dict[str, Any]:
    """The state after these opinions and their outcomes, each known before the next is asked."""
    value = None
    for opinions, won in rounds:
        state = None if value is None else json.loads(value)
        told = asked(*opinions, state=state, **members)
        value = state_after(value, record(told), won=won)
    assert value is not None
    return dict(json.loads(value))


def record(told: EngineInputs) -> dict[str, Any]:
    return dict(json.loads(record_text(NAME, told, fuse(told), {})))


def without_told(outcome: Outcome) -> dict[str, Any]:
    return {name: value for name, value in outcome.to_dict().items() if name != "told"}


PRIOR = lobe("base_rate", "0.6")
ASLEEP = lobe("track_record", None, evidence=D(3))


def test_without_labels_it_decides_as_the_engine_before_it() -> None:
    for opinions in ((PRIOR, ASLEEP), (PRIOR, lobe("track_record", "0.4")), (ASLEEP,)):
        told = asked(*opinions)
        assert without_told(fuse(told)) == fusion_1.fuse(told).to_dict()


def test_without_labels_no_other_lobe_has_a_say_and_each_is_told_all_the_same() -> None:
    told = fuse(asked(PRIOR, lobe("bar_features", "0.9")))
    assert told.p_final == D("0.6")
    assert told.told is not None
    assert told.told["deciding"] == ["base_rate"]
    assert told.told["experts"] == [["base_rate", "1"], ["bar_features", "1"]]


def test_where_the_policy_asks_no_declared_lobe_the_others_decide_from_the_start() -> None:
    assert fuse(asked(lobe("bar_features", "0.9"))).p_final == D("0.9")


def world(count: int, seed: int = 1, good: float = 0.85) -> Iterator[Any]:
    """A lobe that knows, one that does not, and the declared chance."""
    source = random.Random(seed)
    for _ in range(count):
        won = source.random() < 0.5
        knows = good if (source.random() < good) == won else 1 - good
        noise = source.uniform(0.05, 0.95)
        yield (PRIOR, lobe("knows", f"{knows:.4f}"), lobe("noise", f"{noise:.4f}")), won


def test_after_enough_labels_who_was_right_decides() -> None:
    state = taught(*world(120))
    sure = asked(PRIOR, lobe("knows", "0.85"), lobe("noise", "0.1"), state=state)
    shy = asked(PRIOR, lobe("knows", "0.15"), lobe("noise", "0.9"), state=state)
    assert fuse(sure).p_final > D("0.75")
    assert (fuse(sure).verdict, fuse(shy).verdict) == ("trade", "abstain")
    assert fuse(sure).told["deciding"] == ["base_rate", "knows", "noise"]  # type: ignore[index]


def test_the_declared_chance_rules_until_the_policys_number_of_labels() -> None:
    state = taught(*world(20))
    told = asked(PRIOR, lobe("knows", "0.15"), state=state)
    assert fuse(told).p_final == D("0.6")
    assert fuse(replace(told, rules=replace(RULES, labels_min=20))).p_final < D("0.5")


@pytest.mark.parametrize(
    ("outage", "verdict", "reason", "risk_bps"),
    [
        ("abstain", "abstain", "quorum_missed", 0),
        ("ask", "ask", "quorum_asks", 50),
        ("smaller", "trade", "quorum_smaller", 12),
    ],
)
def test_below_the_quorum_the_policys_rule_counts(
    outage: str, verdict: str, reason: str, risk_bps: int
) -> None:
    told = asked(lobe("base_rate", "0.7"), rules={"quorum": 2, "outage": outage})
    outcome = fuse(told)
    assert (outcome.verdict, outcome.reason, outcome.risk_bps) == (verdict, reason, risk_bps)


def test_below_the_quorum_a_smaller_entry_wants_more_edge_and_its_cut_is_named() -> None:
    rules = {"quorum": 2, "outage": "smaller"}
    thin = fuse(asked(lobe("base_rate", "0.57"), rules=rules))
    assert (thin.verdict, thin.reason) == ("abstain", "quorum_missed")
    told = asked(lobe("base_rate", "0.7"), rules=rules)
    cuts = risk_cuts(record_text(NAME, told, fuse(told), {}))
    assert [(one.reason, one.after) for one in cuts.cuts] == [("quorum", 12)]


def test_a_late_opinion_decides_nothing() -> None:
    state = taught(*world(60))
    late = lobe("knows", "0.99", status="late")
    with_late = fuse(asked(PRIOR, late, lobe("noise", "0.3"), state=state))
    without = fuse(asked(PRIOR, lobe("knows", None), lobe("noise", "0.3"), state=state))
    assert without_told(with_late) == without_told(without)
    assert fuse(asked(PRIOR, late, rules={"quorum": 2})).reason == "quorum_missed"


def test_lobes_that_nobody_could_ask_are_named_as_the_reason() -> None:
    told = asked(PRIOR, rules={"is_away": True})
    assert (fuse(told).verdict, fuse(told).reason) == ("trade", "lobes_away")


def test_a_lobe_that_calls_out_weighs_no_more_than_its_bound() -> None:
    state = taught(*world(200))
    outside = lobe("knows", "0.85", calls_out=True)
    bounded = fuse(asked(PRIOR, outside, lobe("noise", "0.2"), state=state))
    free = fuse(asked(PRIOR, lobe("knows", "0.85"), lobe("noise", "0.2"), state=state))
    assert bounded.p_final < free.p_final
    # What is told, and learned from, is the mixture without bounds.
    assert bounded.told["p"] == free.told["p"]  # type: ignore[index]


@given(
    weights=st.lists(st.integers(1, 1000), min_size=3, max_size=12),
    most=st.sampled_from([0.1, 0.25, 0.4, 1.0]),
)
@settings(deadline=None)
def test_bounded_shares_add_up_and_no_owner_exceeds_its_bound(
    weights: list[int], most: float
) -> None:
    total = sum(weights)
    every = [weight / total for weight in weights]
    owners = [None if n == 0 else (f"lobe{n % 3}", "1") for n in range(len(weights))]
    bounded = bounded_shares(every, owners, most)
    assert math.isclose(math.fsum(bounded), 1.0, abs_tol=1e-9)
    for owner in {one for one in owners if one is not None}:
        assert math.fsum(w for w, one in zip(bounded, owners, strict=True) if one == owner) <= (
            most + 1e-9
        )


def test_a_set_that_must_hold_a_win_alone_leaves_doubtful_entries_out() -> None:
    rules = {"miss_max": D("0.3")}
    state = taught(*world(200, good=0.9), rules=rules)
    sure = (PRIOR, lobe("knows", "0.9"), lobe("noise", "0.5"))
    unsure = (PRIOR, lobe("knows", None), lobe("noise", "0.6"))
    assert fuse(asked(*sure, state=state, rules=rules)).reason == "edge_above_margin"
    assert fuse(asked(*unsure, state=state, rules=rules)).verdict == "abstain"
    # Sets of another aim say nothing of this one.
    other = asked(*sure, state=state, rules={"miss_max": D("0.2")})
    assert fuse(other).reason == "set_not_win_alone"


def test_one_that_joins_gets_the_share_mass_and_the_others_keep_their_proportions() -> None:
    known = Learned.from_dict(taught(*world(50)))
    state = known.mixture
    grown = joined(state, 1)
    before, after = shares(state.weights, [True] * 6), shares(grown.weights, [True] * 8)
    entering = 1 / ((state.weights.rounds + 1) * 8)
    assert math.isclose(after[3], entering, rel_tol=1e-9)
    assert math.isclose(after[7], entering, rel_tol=1e-9)
    kept = [after[index] for index in (0, 1, 2, 4, 5, 6)]
    for old, new in zip(before, kept, strict=True):
        assert math.isclose(new, old * (1 - 2 * entering), rel_tol=1e-8)


def test_all_that_is_learned_is_read_back_to_the_last_bit() -> None:
    known = Learned.from_dict(taught(*world(40), rules={"miss_max": D("0.3")}))
    assert Learned.from_dict(json.loads(canonical_json(known.to_dict()))) == known
    assert Learned.from_dict(json.loads(canonical_json(learned_start().to_dict()))) == (
        learned_start()
    )
    assert learned_start().conformal == conformal_start(0.0)


def test_learning_needs_the_policys_rules() -> None:
    with pytest.raises(ValueError, match="rules"):
        fuse(inputs(PRIOR))


chances = st.decimals("0.001", "0.999", places=4)


@st.composite
def case(draw: Any) -> EngineInputs:
    names = ("base_rate", "track_record", "bar_features", "model")
    opinions = [
        lobe(name, str(draw(chances)), calls_out=name == "model")
        for name in names
        if draw(st.booleans())
    ]
    state = draw(st.sampled_from([None, TAUGHT]))
    return asked(
        *opinions,
        state=state,
        risk_hint_bps=draw(st.none() | st.integers(0, 100)),
        rules={
            "quorum": draw(st.integers(1, 4)),
            "outage": draw(st.sampled_from(["abstain", "ask", "smaller"])),
            "miss_max": draw(st.sampled_from([D(0), D("0.3")])),
            "is_away": draw(st.booleans()),
        },
    )


TAUGHT = taught(*world(45))


@given(told=case())
@settings(max_examples=200, deadline=None)
def test_it_never_exceeds_a_limit_and_every_record_replays_to_its_own_bytes(
    told: EngineInputs,
) -> None:
    outcome = fuse(told)
    assert (outcome.risk_bps == 0) == (outcome.verdict == "abstain")
    limits = [told.policy.risk_bps, *([] if told.risk_hint_bps is None else [told.risk_hint_bps])]
    assert outcome.risk_bps <= min(limits)
    text = record_text(NAME, told, outcome, {"case": "any"})
    assert replay(text) == (text, outcome)


def scenario(rounds: int) -> Iterator[tuple[EngineInputs, bool]]:
    """Opinions and outcomes that follow from the numbers of the rounds alone."""
    for number in range(rounds):
        drawn = hashlib.sha256(f"fusion/2:{number}".encode()).digest()
        won = drawn[0] < 140
        knows = D(drawn[1] % 30 + (60 if won else 15)) / 100
        opinions = [
            PRIOR,
            lobe("track_record", None) if number < 10 else lobe("track_record", "0.55"),
            lobe("bar_features", str(knows)),
            lobe("model", str(D(drawn[2] % 90 + 5) / 100), calls_out=True, eps=D("0.05")),
        ]
        if drawn[3] < 60:
            opinions[3] = lobe("model", None, status="late")
        rules = {"quorum": 1 + drawn[4] % 4, "outage": ("abstain", "ask", "smaller")[drawn[5] % 3]}
        yield asked(*opinions, rules=rules), won


def digest(rounds: int = 300, delay: int = 7) -> str:
    """One hash over every outcome and state of the scenario, whose outcomes come late."""
    found, value = hashlib.sha256(), None
    waiting: list[tuple[dict[str, Any], bool]] = []
    for told, won in scenario(rounds):
        if len(waiting) > delay:
            known, had_won = waiting.pop(0)
            value = state_after(value, known, won=had_won)
            found.update(value.encode())
        rules = replace(told.rules, open_labels=len(waiting))  # type: ignore[type-var]
        state = None if value is None else json.loads(value)
        waiting.append((record(replace(told, rules=rules, state=state)), won))
        found.update(canonical_json(waiting[-1][0]).encode())
    return found.hexdigest()


def test_a_fixed_scenario_has_the_digest_that_was_committed() -> None:
    """On every machine and Python: what it rests on is `math`, `fsum` and twelve digits."""
    assert digest() == DIGEST
