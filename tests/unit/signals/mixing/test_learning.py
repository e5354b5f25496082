"""What is learned, from planted worlds and by hand: weights, calibration, pools, late outcomes."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.fusion.mixing import binary, calibration, delays, pools, sharing
from signals.fusion.mixing.brier import brier_loss, substituted
from signals.fusion.mixing.gradient import gradient_forecast, gradient_learned, gradient_start

chances = st.floats(0.01, 0.99)


def test_weights_move_by_bayes_rule() -> None:
    weights = sharing.moved(sharing.even(2), [-math.log(0.8), -math.log(0.2)], is_sharing=False)
    assert [math.exp(log) for log in weights.logs] == pytest.approx([0.8, 0.2], abs=1e-11)


def test_sharing_gives_back_one_in_t_plus_one_of_the_weight() -> None:
    weights = sharing.moved(sharing.even(2), [-math.log(0.8), -math.log(0.2)], is_sharing=True)
    assert [math.exp(log) for log in weights.logs] == pytest.approx([0.65, 0.35], abs=1e-11)
    weights = sharing.moved(weights, [0.0, 0.0], is_sharing=True)
    assert [math.exp(log) for log in weights.logs] == pytest.approx([0.6, 0.4], abs=1e-11)


def test_who_sleeps_keeps_its_weight_and_has_no_say() -> None:
    weights = sharing.Weights(tuple(math.log(w) for w in (0.5, 0.3, 0.2)))
    assert sharing.shares(weights, [True, True, False]) == pytest.approx([0.625, 0.375, 0.0])
    after = sharing.moved(weights, [0.1, 2.0, None], is_sharing=False)
    assert math.exp(after.logs[2]) == pytest.approx(0.2)
    assert math.fsum(math.exp(log) for log in after.logs) == pytest.approx(1)
    assert sharing.moved(weights, [None, None, None], is_sharing=True) == weights


def test_an_expert_a_thousand_nats_behind_neither_overflows_nor_comes_back() -> None:
    weights = sharing.even(2)
    for _ in range(1000):
        weights = sharing.moved(weights, [0.0, 5.0], is_sharing=False)
    assert sharing.shares(weights, [True, True]) == [1.0, 0.0]
    assert sharing.shares(weights, [False, True]) == [0.0, 1.0]


def test_after_a_flip_sharing_finds_the_other_expert_and_bayes_does_not() -> None:
    shared = fixed = sharing.even(2)
    for number in range(400):
        losses = [0.1, 1.0] if number < 300 else [1.0, 0.1]
        shared = sharing.moved(shared, losses, is_sharing=True)
        fixed = sharing.moved(fixed, losses, is_sharing=False)
    assert sharing.shares(shared, [True, True])[1] > 0.95
    assert sharing.shares(fixed, [True, True])[1] < 0.01


@given(p=chances)
def test_calibration_begins_as_the_identity(p: float) -> None:
    for slopes, features in ((1, calibration.line(p)), (2, calibration.bend(p))):
        start = calibration.calibrator_start(slopes)
        assert calibration.calibrated(start, features) == pytest.approx(p)


def _taught(expert: object, truth: object, rounds: int = 2000) -> calibration.Calibrator:
    source, learning = random.Random(5), calibration.calibrator_start(1)
    for _ in range(rounds):
        p = source.uniform(0.05, 0.95)
        won = source.random() < truth(p)
        learning = calibration.learned(learning, calibration.line(expert(p)), won=won)
    return learning


def test_an_expert_that_is_too_sure_is_flattened_to_the_truth() -> None:
    def too_sure(p: float) -> float:
        return 1 / (1 + math.exp(-2 * math.log(p / (1 - p)) - 0.5))

    learning = _taught(too_sure, lambda p: p)
    for p in (0.2, 0.5, 0.8):
        assert calibration.calibrated(learning, calibration.line(too_sure(p))) == pytest.approx(
            p, abs=0.04
        )


def test_an_expert_that_is_always_wrong_is_muted_but_never_turned() -> None:
    learning = _taught(lambda p: 1 - p, lambda p: p)
    assert learning.values[1] == 0
    assert calibration.calibrated(learning, calibration.line(0.9)) == pytest.approx(0.5, abs=0.05)


def test_calibration_shifts_no_further_than_its_limit() -> None:
    learning = calibration.calibrator_start(1)
    for _ in range(6000):
        learning = calibration.learned(learning, calibration.line(0.5), won=True)
    assert learning.values == (calibration.SHIFT_MAX, 1.0)


@given(p=chances, q=chances, w=st.floats(0, 1))
def test_pools_stay_between_their_experts(p: float, q: float, w: float) -> None:
    for pool in (pools.linear, pools.logarithmic):
        assert min(p, q) - 1e-9 <= pool((w, 1 - w), (p, q)) <= max(p, q) + 1e-9


def test_the_forecast_of_clones_is_theirs_and_the_leader_is_who_saved_most() -> None:
    state = binary.state_start(3)
    assert binary.forecast(state, [0.7, 0.7, 0.7], 0.01).p == pytest.approx(0.7)
    for _ in range(30):
        told = binary.forecast(state, [0.9, 0.5, None], 0.01)
        state = binary.learned(state, told, won=True)
    told = binary.forecast(state, [0.9, 0.5, 0.1], 0.01)
    assert told.pooled[3] > 0.89
    assert max(state.leads) == max(state.leads[0], state.leads[3])
    assert (state.leads[2], state.leads[5]) == (0.0, 0.0)


def test_a_good_expert_among_eight_is_found_and_found_again_after_it_flips() -> None:
    source, state = random.Random(11), binary.state_start(8)
    good, found = 0, []
    for number in range(600):
        if number == 300:
            good, found = 1, []
        won = source.random() < 0.5
        told = [0.8 if (source.random() < 0.8) == won else 0.2 for _ in range(8)]
        told = [p if k == good else source.choice((0.2, 0.8)) for k, p in enumerate(told)]
        asked = binary.forecast(state, told, 0.05)
        state = binary.learned(state, asked, won=won)
        every = sharing.shares(state.weights, [True] * 16)
        found.append(every[good] + every[good + 8] > 0.9)
        if number in (299, 599):
            assert found.index(True) < 150
            assert found[-1]


def test_brier_forecasts_add_up_and_leave_out_what_nobody_expects() -> None:
    both = substituted(sharing.even(2), [(0.9, 0.1, 0.0), (0.7, 0.3, 0.0)])
    assert math.fsum(both) == pytest.approx(1)
    assert both[0] == pytest.approx(0.8, abs=0.02)
    assert both[2] == 0
    assert substituted(sharing.even(1), [(0.25, 0.75)]) == pytest.approx((0.25, 0.75))
    assert brier_loss((0.25, 0.75), 1) == 0.125


def test_the_mixture_of_numbers_does_not_depend_on_their_scale_or_zero() -> None:
    """Powers of two, so that rounding to 12 digits is the only difference."""
    told = []
    for scale, zero in ((1.0, 0.0), (1024.0, 0.0), (1.0, 8.0)):
        source, state, values = random.Random(3), gradient_start(3), []
        for _ in range(200):
            row = [source.gauss(k, 1) * scale + zero for k in range(3)]
            value = gradient_forecast(state, row)
            state = gradient_learned(state, row, value, zero + scale * 0.5)
            values.append((value - zero) / scale)
        told.append(values)
    assert told[1] == pytest.approx(told[0], abs=1e-6)
    assert told[2] == pytest.approx(told[0], abs=1e-6)


def test_who_sleeps_among_numbers_is_charged_what_the_mixture_is() -> None:
    state = gradient_start(3)
    for _ in range(20):
        row = [5.0, 6.0, None]
        state = gradient_learned(state, row, gradient_forecast(state, row), 5.2)
    assert state.charges[2] == 0
    assert state.charges[0] < 0 < state.charges[1]


def test_a_late_outcome_is_learned_by_the_copy_that_told_it_and_not_before_its_time() -> None:
    seen: list[tuple[str, int]] = []

    def tell(state: tuple[int, ...], number: int) -> int:
        seen.append(("told", number))
        return number

    def learn(state: tuple[int, ...], told: int, number: int) -> tuple[int, ...]:
        seen.append(("learned", told))
        return (*state, number)

    play = delays.played(range(5), start=(), tell=tell, learn=learn, delays=[2, 0, 0, 0, 0])
    assert play.copies == [0, 1, 1, 0, 0]
    assert play.states == [(0, 3, 4), (1, 2)]
    assert seen[:6] == [
        ("told", 0),
        ("told", 1),
        ("learned", 1),
        ("told", 2),
        ("learned", 0),
        ("learned", 2),
    ]


@given(seed=st.integers(0, 1000))
def test_states_and_forecasts_have_twelve_digits(seed: int) -> None:
    source, state = random.Random(seed), binary.state_start(2)
    for _ in range(3):
        told = binary.forecast(state, [source.uniform(0.01, 0.99), None], 0.01)
        state = binary.learned(state, told, won=source.random() < 0.5)
    numbers = [told.p, *told.pooled, *state.weights.logs, *state.leads, *state.bend.values]
    assert [number for number in numbers if float(f"{number:.11e}") != number] == []
