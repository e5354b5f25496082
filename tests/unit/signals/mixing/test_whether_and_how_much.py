"""Abstention and size: cost decides, a set of outcomes may hold back, caps are never exceeded."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.fusion.mixing.abstention import (
    conformal_learned,
    conformal_start,
    outcome_set,
    threshold,
)
from signals.fusion.mixing.sizing import (
    Band,
    band_learned,
    kelly,
    lower_end,
    net_payoff,
    size,
)

chances = st.floats(0, 1)
payoffs = st.floats(0.2, 5)
costs = st.floats(0, 0.15)


@given(payoff=payoffs, cost=costs, margin=costs)
def test_at_the_threshold_a_trade_is_expected_to_earn_its_cost_and_margin(
    payoff: float, cost: float, margin: float
) -> None:
    p = threshold(payoff, cost, margin)
    assert p * payoff - (1 - p) - cost == pytest.approx(margin)


@given(payoff=payoffs, cost=costs)
def test_size_is_zero_where_a_trade_only_earns_its_cost(payoff: float, cost: float) -> None:
    p = threshold(payoff, cost, 0.0)
    assert kelly(p, net_payoff(payoff, cost)) == pytest.approx(0, abs=1e-9)
    assert kelly(p - 0.01, net_payoff(payoff, cost)) == 0


@given(p=chances, q=chances, payoff=payoffs, cap=st.floats(0, 0.1))
def test_size_grows_with_the_chance_and_never_beyond_a_cap(
    p: float, q: float, payoff: float, cap: float
) -> None:
    low, _ = size(min(p, q), payoff, {"policy": cap})
    high, reason = size(max(p, q), payoff, {"policy": cap})
    assert 0 <= low <= high <= cap * (1 + 1e-11)
    assert reason in ("kelly", "policy")


def test_size_names_the_least_of_what_bounds_it() -> None:
    assert size(0.6, 1.0, {"policy": 0.02, "room": 0.01}) == (0.01, "room")
    assert size(0.6, 1.0, {"policy": 1.0}) == (pytest.approx(0.05), "kelly")
    assert size(0.6, 1.0, {"policy": 1.0, "room": -0.5}) == (0.0, "room")


def test_the_lower_end_rises_with_what_was_seen_and_falls_with_what_was_promised() -> None:
    source, fair, proud = random.Random(2), Band(), Band()
    assert lower_end(fair, 0.6) == 0
    ends = []
    for _ in range(400):
        won = source.random() < 0.6
        fair, proud = band_learned(fair, 0.6, won=won), band_learned(proud, 0.8, won=won)
        ends.append(lower_end(fair, 0.6))
    assert ends[5] < ends[50] < 0.6
    assert 0.5 < ends[-1] < 0.6
    assert lower_end(proud, 0.8) < 0.65


def test_a_set_holds_both_outcomes_until_enough_was_seen() -> None:
    state = conformal_start(0.1)
    for _ in range(8):
        assert outcome_set(state, 0.9) == (True, True)
        state = conformal_learned(state, 0.9, won=True)
    for _ in range(40):
        state = conformal_learned(state, 0.9, won=True)
    assert outcome_set(state, 0.9) == (False, True)
    assert outcome_set(state, 0.1) == (True, False)


def test_sets_cover_nine_in_ten_when_the_world_drifts() -> None:
    source, state, missed = random.Random(4), conformal_start(0.1), 0
    for number in range(2000):
        truth = 0.5 + 0.4 * math.sin(number / 150)
        p = min(max(truth + source.gauss(0, 0.1) * (number > 1000), 0.01), 0.99)
        won = source.random() < truth
        missed += not outcome_set(state, p)[won]
        state = conformal_learned(state, p, won=won)
    assert missed / 2000 == pytest.approx(0.1, abs=0.02)
