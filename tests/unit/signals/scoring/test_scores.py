"""Running scores are the sums of the whole history, and their regrets keep their bounds."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from fusion_project.text.canonical import canonical_json
from signals.fusion.learned import Learned, Told, learned_start
from signals.fusion.mixing import binary
from signals.fusion.scoring.scores import (
    BLOCK,
    SWITCHES,
    Scores,
    fixed_bound_of,
    regret_switching,
    scores_after,
    switching_bound_of,
)
from tests.unit.signals.mixing.cases import EPS, Case, best_with_switches, cases
from tests.unit.signals.test_fusion_2 import record, scenario

TINY = 1e-8


def played(case: Case, *, joins: bool = False) -> tuple[Scores, Learned, list[tuple[Told, bool]]]:
    """Each outcome is known before the next entry; one expert may join half way."""
    source, known, scores, rounds = case.random(), learned_start(), None, []
    for number in range(case.length):
        late = joins and case.experts > 1 and number < case.length // 2
        experts = [(f"lobe{k}", "1") for k in range(case.experts - late)]
        chances = case.chances(source, number)[: len(experts)]
        if all(p is None for p in chances):
            chances[0] = 0.5
        stood = known.among(experts)
        forecast = binary.forecast(stood.mixture, chances, EPS)
        won = bool(case.outcome(source, number, forecast.p))
        told = Told(tuple(experts), forecast, ("lobe0",), forecast.p, 0)
        scores = (scores or Scores(1)).after(known, known, told, won=won)
        known = known.after(told, won=won, miss_max=0.0)
        rounds.append((told, won))
    assert scores is not None
    return scores, known, rounds


def gains_of(rounds: list[tuple[Told, bool]], experts: int) -> list[list[float]]:
    """Nats that each variant saved against the linear pool, raw ones first."""
    found = []
    for told, won in rounds:
        linear, count = binary.log_loss(told.forecast.pooled[0], won=won), len(told.experts)
        row = [0.0] * (2 * experts)
        for place, p in enumerate(told.forecast.variants):
            if p is not None:
                at = place if place < count else place - count + experts
                row[at] = linear - binary.log_loss(p, won=won)
        found.append(row)
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases(longest=30))
def test_sums_regrets_and_bounds_are_those_of_the_whole_history(case: Case) -> None:
    scores, known, rounds = played(case)
    assert scores.labels == case.length == scores.rounds
    lost = [binary.log_loss(told.forecast.p, won=won) for told, won in rounds]
    assert scores.top.nats == pytest.approx(math.fsum(lost), abs=TINY)
    assert scores.wins == sum(won for _, won in rounds)
    gains = gains_of(rounds, len(scores.experts))
    for switches in (0, *SWITCHES):
        assert regret_switching(scores, switches) == pytest.approx(
            best_with_switches(gains, switches), abs=TINY
        )
        bound = switching_bound_of(scores, switches)
        assert bound is None or regret_switching(scores, switches) <= bound + TINY
    assert max(known.mixture.leads) <= fixed_bound_of(scores) + TINY
    assert scores.joining == 0
    assert max(known.mixture.leads) == pytest.approx(regret_switching(scores, 0), abs=TINY)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases(longest=30))
def test_bounds_hold_for_experts_that_join_later_too(case: Case) -> None:
    """A path may switch to one that joined from then on, so it saves at most what one may that
    sits with a sleeper before."""
    scores, known, rounds = played(case, joins=True)
    gains = gains_of(rounds, len(scores.experts))
    for switches in (0, *SWITCHES):
        saved = regret_switching(scores, switches)
        assert saved <= best_with_switches(gains, switches) + TINY
        bound = switching_bound_of(scores, switches)
        assert bound is None or saved <= bound + TINY
    assert max(known.mixture.leads) <= fixed_bound_of(scores) + TINY
    assert (scores.joining > 0) == (case.experts > 1 and case.length > 1)


def learned_late(case: Case) -> Iterator[tuple[Scores, Learned]]:
    """Each outcome becomes known after up to `delay` further entries; what is known after each.

    One expert joins half way, and an adversary sees the pool that the bounds are about.
    """
    source, known, scores, delays = case.random(), learned_start(), Scores(1), case.delays()
    waiting: list[tuple[int, int, Told, Learned, bool]] = []
    for number in range(case.length + case.delay + 1):
        for _, _, told, stood, won in sorted(one for one in waiting if one[0] <= number):
            scores = scores.after(stood, known, told, won=won)
            known = known.after(told, won=won, miss_max=0.0)
            yield scores, known
        waiting = [one for one in waiting if one[0] > number]
        if number < case.length:
            experts = [(f"lobe{k}", "1") for k in range(case.experts)]
            experts = experts[: None if number >= case.length // 2 else max(1, case.experts - 1)]
            chances = case.chances(source, number)[: len(experts)]
            if all(p is None for p in chances):
                chances[0] = 0.5
            forecast = binary.forecast(known.among(experts).mixture, chances, EPS)
            told = Told(tuple(experts), forecast, (), forecast.p, len(waiting))
            won = bool(case.outcome(source, number, forecast.pooled[0]))
            waiting.append((number + 1 + delays[number], number, told, known, won))


def bounds_that_pages_print_hold_however_late_outcomes_come(case: Case) -> None:
    """To each lobe over its awake labels, and to the best with up to five switches, at any time."""
    for scores, known in learned_late(case):
        assert max(known.mixture.leads) <= fixed_bound_of(scores) + TINY
        assert known.open_max <= case.delay
        for switches in (0, *SWITCHES):
            bound = switching_bound_of(scores, switches)
            assert bound is None or regret_switching(scores, switches) <= bound + TINY
    assert scores.labels == case.length


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases(longest=30))
def test_printed_bounds_hold_for_late_outcomes(case: Case) -> None:
    bounds_that_pages_print_hold_however_late_outcomes_come(case)


@pytest.mark.long
@settings(max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases(longest=30))
def test_printed_bounds_hold_for_ten_thousand_sequences_of_late_outcomes(case: Case) -> None:
    bounds_that_pages_print_hold_however_late_outcomes_come(case)


def test_an_adversary_who_is_heard_late_passes_the_bound_of_outcomes_known_at_once() -> None:
    """And not the one that is printed, in which what lateness cost is counted."""
    case = Case(kind="against", experts=3, length=200, sleep=0.0, delay=20, seed=1)
    *_, (scores, _) = learned_late(case)
    assert scores.late is not None
    regret = regret_switching(scores, 0)
    assert fixed_bound_of(replace(scores, late=None)) < regret <= fixed_bound_of(scores)


def test_outcomes_known_at_once_cost_nothing_on_top() -> None:
    scores, _, _ = played(Case("random", 4, 40, 0.3, 0, 5))
    assert scores.late == pytest.approx(0.0, abs=TINY)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases(longest=20))
def test_credit_is_what_the_pool_without_the_lobe_would_have_lost_more(case: Case) -> None:
    scores, _, rounds = played(case)
    total = dict.fromkeys(scores.experts, 0.0)
    known = learned_start()
    for told, won in rounds:
        stood = known.among(told.experts)
        weights = [math.exp(log) for log in stood.mixture.weights.logs]
        variants, count = told.forecast.variants, len(told.experts)
        for place, expert in enumerate(told.experts):
            others = [
                (w, p)
                for k, (w, p) in enumerate(zip(weights, variants, strict=True))
                if p is not None and k % count != place
            ]
            if not others or variants[place] is None:
                continue
            mass = math.fsum(w for w, _ in others)
            without = math.fsum(w * p for w, p in others) / mass
            total[expert] += binary.log_loss(without, won=won) - binary.log_loss(
                told.forecast.pooled[0], won=won
            )
        known = known.after(told, won=won, miss_max=0.0)
    for expert, lobe in zip(scores.experts, scores.lobes, strict=True):
        assert lobe.credit == pytest.approx(total[expert], abs=1e-4)


def test_a_lobe_that_knows_has_credit_and_noise_has_none() -> None:
    source, known, scores = random.Random(3), learned_start(), Scores(1)
    experts = (("knows", "1"), ("noise", "1"), ("other", "1"))
    for _ in range(300):
        won = source.random() < 0.5
        good = 0.8 if (source.random() < 0.8) == won else 0.2
        chances = [good, source.uniform(0.1, 0.9), source.uniform(0.1, 0.9)]
        stood = known.among(experts)
        told = Told(experts, binary.forecast(stood.mixture, chances, EPS), (), 0.5, 0)
        scores = scores.after(known, known, told, won=won)
        known = known.after(told, won=won, miss_max=0.0)
    found = [one.credit / one.credited for one in scores.lobes]
    assert found[0] > 0.1
    assert abs(found[1]) < 0.02
    assert abs(found[2]) < 0.02


def test_a_band_needs_whole_blocks() -> None:
    scores = Scores(1)
    for number in range(BLOCK * 2 + 3):
        scores = Scores(1, skill=scores.skill.plus(float(number)))
    assert (scores.skill.count, scores.skill.open_count) == (2, 3)
    assert scores.skill.total == pytest.approx(9.5 + 29.5)


def test_records_of_the_engine_are_scored_and_read_back_to_the_last_bit() -> None:
    value = state = None
    for told, won in scenario(60):
        made = record(replace(told, state=None if state is None else json.loads(state)))
        value = scores_after(value, state, made, won=won)
        former = learned_start() if state is None else Learned.from_dict(json.loads(state))
        after = former.after(Told.from_dict(made["outcome"]["told"]), won=won, miss_max=0.0)
        state = canonical_json(after.to_dict())
    assert value is not None
    scores = Scores.from_dict(json.loads(value))
    assert canonical_json(scores.to_dict()) == value
    assert (scores.labels, scores.since) == (60, 1)
    assert scores.decided.count == sum(count for count, _, _ in scores.bins)


def test_counting_that_begins_late_says_since_when_and_bounds_all_rounds() -> None:
    value, state = None, None
    for number, (told, won) in enumerate(scenario(30)):
        made = record(replace(told, state=None if state is None else json.loads(state)))
        if number >= 10:
            value = scores_after(value, state, made, won=won)
        former = learned_start() if state is None else Learned.from_dict(json.loads(state))
        after = former.after(Told.from_dict(made["outcome"]["told"]), won=won, miss_max=0.0)
        state = canonical_json(after.to_dict())
    scores = Scores.from_dict(json.loads(value or ""))
    assert (scores.since, scores.labels, scores.rounds) == (11, 20, 30)
    # What lateness cost before is not known, so nothing is said of it.
    assert scores.late is None
    assert "late" not in scores.to_dict()
