"""Sequences that experts and outcomes may form, most of them made against the mixture."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st

from signals.fusion.mixing import binary, sharing
from signals.fusion.mixing.pools import linear

KINDS = ("random", "against", "switching", "clones", "extremes", "one_good")
TOLERANCE = 1e-8
EPS = 0.01


@dataclass(frozen=True)
class Case:
    """One sequence to be; the same seed makes the same one."""

    kind: str
    experts: int
    length: int
    sleep: float
    delay: int
    seed: int

    def random(self) -> Random:
        return Random(self.seed)

    def chances(self, source: Random, number: int) -> list[float | None]:
        """What the experts say in round `number`; at least one of them says something."""
        told = [self._chance(source, number, expert) for expert in range(self.experts)]
        awake = [source.random() >= self.sleep for _ in told]
        awake[source.randrange(self.experts)] = True
        return [p if on else None for p, on in zip(told, awake, strict=True)]

    def _chance(self, source: Random, number: int, expert: int) -> float:
        if self.kind == "clones":
            return Random(self.seed + number).uniform(EPS, 1 - EPS)
        if self.kind == "extremes":
            return source.choice((EPS, 1 - EPS))
        if self.kind == "switching":
            is_right = number // 5 % self.experts == expert
            return 0.9 if is_right == bool(self._planted(number)) else 0.1
        if self.kind == "one_good" and expert == 0:
            return 0.9 if self._planted(number) else 0.1
        return source.uniform(EPS, 1 - EPS)

    def _planted(self, number: int) -> int:
        return Random(self.seed + 7919 * number).randrange(2)

    def outcome(self, source: Random, number: int, p: float) -> int:
        """0 or 1; `p` is the mixture's chance of 1, which an adversary sees."""
        if self.kind in ("switching", "one_good"):
            return self._planted(number)
        if self.kind in ("against", "extremes"):
            return int(p < 0.5)
        return source.randrange(2)

    def delays(self) -> list[int]:
        source = Random(self.seed + 1)
        return [source.randint(0, self.delay) for _ in range(self.length)]


def cases(longest: int = 40) -> st.SearchStrategy[Case]:
    return st.builds(
        Case,
        kind=st.sampled_from(KINDS),
        experts=st.integers(1, 6),
        length=st.integers(1, longest),
        sleep=st.sampled_from((0.0, 0.0, 0.3, 0.8)),
        delay=st.integers(0, 4),
        seed=st.integers(0, 2**32),
    )


def gains_of(case: Case, *, is_sharing: bool) -> list[list[float]]:
    """Per round and expert: mixture's log loss less the expert's; 0 where it sleeps."""
    source, weights = case.random(), sharing.even(case.experts)
    gains: list[list[float]] = []
    for number in range(case.length):
        told = case.chances(source, number)
        shares = sharing.shares(weights, [p is not None for p in told])
        p = linear(shares, [0.5 if one is None else one for one in told])
        won = bool(case.outcome(source, number, p))
        losses = [None if one is None else binary.log_loss(one, won=won) for one in told]
        mixture = binary.log_loss(p, won=won)
        gains.append([0.0 if loss is None else mixture - loss for loss in losses])
        weights = sharing.moved(weights, losses, is_sharing=is_sharing)
    return gains


def best_with_switches(gains: list[list[float]], switches: int) -> float:
    """The most that a sequence of experts with at most so many switches gains.

    `gains`: per round, what each expert saved against the mixture, 0 where it slept.
    """
    best = [list(gains[0]) for _ in range(switches + 1)]
    for row in gains[1:]:
        fresh = []
        for used in range(switches + 1):
            changed = max(best[used - 1]) if used else -math.inf
            fresh.append([gain + max(best[used][k], changed) for k, gain in enumerate(row)])
        best = fresh
    return max(max(row) for row in best)


def cheapest_path(
    gains: list[list[float]], stay: Callable[[int], float], switch: Callable[[int], float]
) -> float:
    """The most that any sequence gains after paying for each stay and switch after round t."""
    best = list(gains[0])
    for t, row in enumerate(gains[1:], start=1):
        changed = max(best) - switch(t)
        best = [gain + max(best[k] - stay(t), changed) for k, gain in enumerate(row)]
    return max(best)
