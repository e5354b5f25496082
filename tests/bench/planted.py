"""Worlds in which it is known which lobe knows something: what the mixture makes of them."""

import math
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from signals.fusion.mixing import binary, sharing
from signals.fusion.mixing.abstention import conformal_learned, conformal_start, outcome_set
from signals.fusion.mixing.pools import linear

LOBES, LABELS, FLIP, EPS = 8, 2000, 1000, 0.05
THRESHOLD = 0.55 + 0.03
KNOWS, HEAVY = 0.8, 0.9


@dataclass(frozen=True)
class Found:
    """Labels until the lobe that knows weighs 0.9, before and after another takes its place.

    `beyond`: nats a label that the mixture lost more than that lobe, before the change.
    """

    first: int
    again: int
    beyond: float


def noise_abstained(seed: int) -> float:
    """The share of entries left out while every lobe is noise and outcomes are coins."""
    source, state, left = random.Random(seed), binary.state_start(LOBES), 0
    for _ in range(LABELS):
        row = [source.uniform(EPS, 1 - EPS) for _ in range(LOBES)]
        told = binary.forecast(state, row, EPS)
        left += told.p < THRESHOLD
        state = binary.learned(state, told, won=source.random() < 0.5)
    return left / LABELS


def good_found(seed: int) -> Found:
    """One lobe is right four times in five, the others guess; at the flip another one knows."""
    source, state = random.Random(seed), binary.state_start(LOBES)
    heavy: dict[int, int] = {}
    beyond = []
    for number in range(FLIP + FLIP // 2):
        good = int(number >= FLIP)
        won = source.random() < 0.5
        row = [source.choice((KNOWS, 1 - KNOWS)) for _ in range(LOBES)]
        row[good] = KNOWS if (source.random() < KNOWS) == won else 1 - KNOWS
        told = binary.forecast(state, row, EPS)
        if not good:
            beyond.append(binary.log_loss(told.p, won=won) - binary.log_loss(row[0], won=won))
        state = binary.learned(state, told, won=won)
        every = sharing.shares(state.weights, [True] * 2 * LOBES)
        if every[good] + every[good + LOBES] > HEAVY:
            heavy.setdefault(good, number + 1 - good * FLIP)
    return Found(heavy.get(0, LABELS), heavy.get(1, LABELS), statistics.fmean(beyond))


def late_beyond(seed: int, delay: int, *, is_one_state: bool) -> float:
    """Nats a label beyond the lobe that knows, when each outcome is known `delay` rounds late.

    The lobe that knows changes at the flip. One state learns from each outcome as it comes;
    otherwise delay + 1 copies take turns, each of which waits for its own outcome.
    """
    source = random.Random(seed)
    rows, outcomes, best = [], [], 0.0
    for number in range(2 * FLIP):
        good, won = int(number >= FLIP), source.random() < 0.5
        row = [source.choice((KNOWS, 1 - KNOWS)) for _ in range(LOBES)]
        row[good] = KNOWS if (source.random() < KNOWS) == won else 1 - KNOWS
        best += binary.log_loss(row[good], won=won)
        rows.append(row)
        outcomes.append(won)
    states = [binary.state_start(LOBES)] * (1 if is_one_state else delay + 1)
    told: list[binary.BinaryForecast] = []
    for number, row in enumerate(rows):
        known = number - delay - 1
        if known >= 0:
            copy = known % len(states)
            states[copy] = binary.learned(states[copy], told[known], won=outcomes[known])
        told.append(binary.forecast(states[number % len(states)], row, EPS))
    lost = math.fsum(
        binary.log_loss(one.p, won=won) for one, won in zip(told, outcomes, strict=True)
    )
    return (lost - best) / len(rows)


def clones_beyond(seed: int) -> float:
    """Nats that seven clones and one other cost beyond the better of the two, of the bound."""
    source, weights = random.Random(seed), sharing.even(LOBES)
    lost, experts = 0.0, [0.0] * LOBES
    for _ in range(LABELS):
        won = source.random() < KNOWS
        row = [source.uniform(EPS, 1 - EPS)] * (LOBES - 1) + [KNOWS]
        lost += binary.log_loss(linear(sharing.shares(weights, [True] * LOBES), row), won=won)
        losses = [binary.log_loss(p, won=won) for p in row]
        experts = [a + b for a, b in zip(experts, losses, strict=True)]
        weights = sharing.moved(weights, losses, is_sharing=True)
    return (lost - min(experts)) / sharing.fixed_bound(LOBES, LABELS, is_sharing=True)


def coverage(seed: int) -> float:
    """How often sets that aim at nine in ten hold what happens, while the truth drifts away."""
    source, state, held = random.Random(seed), conformal_start(0.1), 0
    for number in range(LABELS):
        truth = 0.5 + 0.4 * math.sin(number / 150)
        told = truth + source.gauss(0, 0.1) * (number > FLIP)
        p = min(max(told, EPS), 1 - EPS)
        won = source.random() < truth
        held += outcome_set(state, p)[won]
        state = conformal_learned(state, p, won=won)
    return held / LABELS


def times_ms(experts: int, rounds: int) -> tuple[float, float]:
    """Median milliseconds of a forecast and of learning its outcome."""
    source, state = random.Random(1), binary.state_start(experts)
    told_ms, learned_ms = [], []
    for _ in range(rounds):
        row = [source.uniform(EPS, 1 - EPS) for _ in range(experts)]
        start = time.perf_counter()
        told = binary.forecast(state, row, EPS)
        between = time.perf_counter()
        state = binary.learned(state, told, won=source.random() < 0.5)
        learned_ms.append(1000 * (time.perf_counter() - between))
        told_ms.append(1000 * (between - start))
    return statistics.median(told_ms), statistics.median(learned_ms)


def at(values: Sequence[float], share: float) -> float:
    """The value that so large a share does not exceed."""
    return sorted(values)[math.ceil(share * len(values)) - 1]
