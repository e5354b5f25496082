"""The promises of the mixtures, for any outcomes: none of them assumes anything about the world."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings

from signals.fusion.mixing import binary, delays, sharing
from signals.fusion.mixing.abstention import (
    conformal_learned,
    conformal_start,
    coverage_bound,
    outcome_set,
)
from signals.fusion.mixing.brier import brier_loss, substituted
from signals.fusion.mixing.gradient import (
    gradient_bound,
    gradient_forecast,
    gradient_learned,
    gradient_start,
)
from signals.fusion.mixing.sharing import fixed_bound
from tests.unit.signals.mixing.cases import (
    EPS,
    TOLERANCE,
    Case,
    best_with_switches,
    cases,
    cheapest_path,
    gains_of,
)


def _worst(gains: list[list[float]], bound: Callable[[int], float]) -> float:
    """The most by which any expert's gain at any prefix exceeds the bound of that prefix."""
    totals, worst = [0.0] * len(gains[0]), -math.inf
    for rounds, row in enumerate(gains, start=1):
        totals = [total + gain for total, gain in zip(totals, row, strict=True)]
        worst = max(worst, max(totals) - bound(rounds))
    return worst


def bayes_loses_at_most_ln_n_to_each_expert_over_its_awake_rounds(case: Case) -> None:
    gains = gains_of(case, is_sharing=False)
    assert _worst(gains, lambda _: math.log(case.experts)) <= TOLERANCE


def sharing_loses_at_most_ln_n_and_ln_t_to_each_expert_over_its_awake_rounds(case: Case) -> None:
    gains = gains_of(case, is_sharing=True)
    assert _worst(gains, lambda t: math.log(case.experts) + math.log(t + 1)) <= TOLERANCE
    assert _worst(gains, lambda t: fixed_bound(case.experts, t, is_sharing=True)) <= TOLERANCE


def sharing_follows_every_switching_sequence_at_the_price_of_its_switches(case: Case) -> None:
    """With alpha_t = 1/(t+1), T rounds, N experts, and switches after the rounds in S, |S| = m.

    The weight of a path starts at 1/N; after round t it keeps 1 - alpha_t = t/(t+1) where it stays
    and alpha_t/N = 1/(N(t+1)) where it switches. The shares after rounds 1 ... T-1 count:
        ln N + sum_{t not in S} ln((t+1)/t) + sum_{t in S} (ln N + ln(t+1))
            = (m+1) ln N + ln T + sum_{t in S} ln t
           <= (m+1) ln N + ln T + sum_{i=1..m} ln(T-i).
    """
    gains, n = gains_of(case, is_sharing=True), case.experts
    paid = cheapest_path(
        gains, lambda t: math.log((t + 1) / t), lambda t: math.log(n) + math.log(t + 1)
    )
    assert paid <= math.log(n) + TOLERANCE
    for m in (1, 3, 5, 10, 20):
        if m < case.length:
            bound = (m + 1) * math.log(n) + math.log(case.length)
            bound += math.fsum(math.log(case.length - i) for i in range(1, m + 1))
            assert best_with_switches(gains, m) <= bound + TOLERANCE


def the_top_mixture_loses_at_most_ln_4_to_each_pool_and_that_much_more_to_each_expert(
    case: Case,
) -> None:
    _top_holds(case, [0] * case.length, copies_max=1)


def outcomes_that_come_late_cost_one_bound_for_each_copy(case: Case) -> None:
    _top_holds(case, case.delays(), copies_max=case.delay + 1)


def _top_holds(case: Case, late: list[int], *, copies_max: int) -> None:
    source = case.random()
    outcomes: dict[int, bool] = {}
    rows = [(number, case.chances(source, number)) for number in range(case.length)]
    known: list[int] = []

    def tell(state: binary.BinaryState, row: tuple[int, list[float | None]]) -> object:
        number, chances = row
        told = binary.forecast(state, chances, EPS)
        outcomes[number] = bool(case.outcome(source, number, told.p))
        assert all(seen + 1 + late[seen] <= number for seen in known)
        return told

    def learn(state: object, told: object, row: tuple[int, list[float | None]]) -> object:
        known.append(row[0])
        return binary.learned(state, told, won=outcomes[row[0]])

    play = delays.played(
        rows, start=binary.state_start(case.experts), tell=tell, learn=learn, delays=late
    )
    assert len(play.states) <= copies_max
    uses = [play.copies.count(copy) for copy in range(len(play.states))]
    variants = 2 * case.experts
    losses = [_variant_losses(told, outcomes[n]) for n, told in enumerate(play.told)]
    tops = [binary.log_loss(told.p, won=outcomes[n]) for n, told in enumerate(play.told)]
    for expert in range(variants):
        lost = [
            top - row[expert]
            for top, row in zip(tops, losses, strict=True)
            if row[expert] is not None
        ]
        bound = math.fsum(binary.top_bound(case.experts, use) for use in uses)
        assert math.fsum(lost) <= bound + TOLERANCE
    for pool in range(4):
        lost = [
            top - binary.log_loss(told.pooled[pool], won=outcomes[n])
            for n, (top, told) in enumerate(zip(tops, play.told, strict=True))
        ]
        assert math.fsum(lost) <= len(play.states) * math.log(4) + TOLERANCE


def _variant_losses(told: binary.BinaryForecast, won: bool) -> list[float | None]:
    return [None if p is None else binary.log_loss(p, won=won) for p in told.variants]


def brier_loses_at_most_ln_n_to_each_expert(case: Case) -> None:
    """In sums of squares over all outcomes; a random number of outcomes, not two alone."""
    source, size = case.random(), 2 + case.seed % 4
    for is_sharing in (False, True):
        weights, gains = sharing.even(case.experts), []
        for number in range(case.length):
            awake = [p is not None for p in case.chances(source, number)]
            told = [_spread(source, size, case.kind) if on else None for on in awake]
            mixture = substituted(weights, told)
            worst = max(range(size), key=lambda y: brier_loss(mixture, y))
            happened = worst if case.kind in ("against", "extremes") else source.randrange(size)
            losses = [None if one is None else brier_loss(one, happened) for one in told]
            lost = brier_loss(mixture, happened)
            gains.append([0.0 if loss is None else lost - loss for loss in losses])
            weights = sharing.moved(weights, losses, is_sharing=is_sharing)
        bound = lambda t: fixed_bound(case.experts, t, is_sharing=is_sharing)  # noqa: B023, E731
        assert _worst(gains, bound) <= TOLERANCE


def _spread(source: random.Random, size: int, kind: str) -> list[float]:
    if kind == "extremes":
        only = source.randrange(size)
        return [float(index == only) for index in range(size)]
    parts = [source.expovariate(1.0) for _ in range(size)]
    return [part / math.fsum(parts) for part in parts]


def numbers_lose_at_most_twice_the_gap_to_every_blend_of_those_awake(case: Case) -> None:
    source, scale = case.random(), 10.0 ** (case.seed % 7 - 3)
    state, charged, lost = gradient_start(case.experts), [0.0] * case.experts, 0.0
    blend = [1 / case.experts] * case.experts
    for number in range(case.length):
        told = [None if p is None else scale * (p - 0.3) for p in case.chances(source, number)]
        value = gradient_forecast(state, told)
        outcome = scale * (case.outcome(source, number, value / scale + 0.3) - 0.3)
        mine = (value - outcome) ** 2
        for expert, one in enumerate(told):
            charged[expert] += 0.0 if one is None else mine - (one - outcome) ** 2
        if None not in told:
            mixed = math.fsum(w * x for w, x in zip(blend, told, strict=True))
            lost += mine - (mixed - outcome) ** 2
        state = gradient_learned(state, told, value, outcome)
        room = gradient_bound(state) + TOLERANCE * scale * scale
        assert max(charged) <= room
        assert case.sleep or lost <= room


def conformal_sets_miss_as_often_as_they_may(case: Case) -> None:
    source, state, missed = case.random(), conformal_start(0.1), 0
    for number in range(case.length * 10):
        p = source.uniform(EPS, 1 - EPS)
        won = bool(case.outcome(source, number, p))
        missed += not outcome_set(state, p)[won]
        state = conformal_learned(state, p, won=won)
        rounds = number + 1
        assert abs(missed / rounds - 0.1) <= coverage_bound(0.1, rounds) + TOLERANCE


PROMISES = (
    bayes_loses_at_most_ln_n_to_each_expert_over_its_awake_rounds,
    sharing_loses_at_most_ln_n_and_ln_t_to_each_expert_over_its_awake_rounds,
    sharing_follows_every_switching_sequence_at_the_price_of_its_switches,
    the_top_mixture_loses_at_most_ln_4_to_each_pool_and_that_much_more_to_each_expert,
    outcomes_that_come_late_cost_one_bound_for_each_copy,
    brier_loses_at_most_ln_n_to_each_expert,
    numbers_lose_at_most_twice_the_gap_to_every_blend_of_those_awake,
    conformal_sets_miss_as_often_as_they_may,
)
each_promise = pytest.mark.parametrize("promise", PROMISES, ids=lambda one: one.__name__)


@each_promise
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases())
def test_for_any_outcomes(promise: Callable[[Case], None], case: Case) -> None:
    promise(case)


@pytest.mark.long
@each_promise
@settings(max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases())
def test_for_ten_thousand_sequences(promise: Callable[[Case], None], case: Case) -> None:
    promise(case)
