"""What was lost of what may be lost: random and adversarial sequences, at every prefix."""

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from signals.fusion.mixing import binary
from signals.fusion.scoring.scores import (
    SWITCHES,
    fixed_bound_of,
    regret_switching,
    switching_bound_of,
)
from tests.bench.figures import Figures
from tests.bench.planted import EPS, LABELS, LOBES
from tests.unit.signals.mixing.cases import KINDS, Case, best_with_switches, gains_of
from tests.unit.signals.scoring.test_scores import learned_late

ALL_SWITCHES = (1, 3, 5, 10, 20)


def bench_bounds(figures: Figures, sequences: int) -> None:
    """Outcomes known at once: against each lobe, and the best with so many switches."""
    worst = dict.fromkeys(("bayes", "sharing", *ALL_SWITCHES), -math.inf)
    broken = 0
    for seed in range(sequences):
        case = _case(seed)
        bayes = gains_of(case, is_sharing=False)
        shared = gains_of(case, is_sharing=True)
        n = case.experts
        ratios: dict[Any, float] = {
            "bayes": _of_bound(bayes, lambda _, n=n: math.log(n)),
            "sharing": _of_bound(shared, lambda t, n=n: math.log(n) + math.log(t)),
        }
        for m in ALL_SWITCHES:
            if m < case.length and n > 1:
                bound = (m + 1) * math.log(n) + math.log(case.length)
                bound += math.fsum(math.log(case.length - i) for i in range(1, m + 1))
                ratios[m] = best_with_switches(shared, m) / bound
        broken += any(ratio > 1 + 1e-9 for ratio in ratios.values())
        for name, ratio in ratios.items():
            worst[name] = max(worst[name], ratio)
    figures.say(f"bounds_broken_of_{sequences}_sequences", broken, aim=0, at_most=True)
    for name, ratio in worst.items():
        told = name if isinstance(name, str) else f"best_with_{name}_switches"
        figures.say(f"regret_of_bound_worst_{told}", round(ratio, 3), aim=1.0, at_most=True)


def _case(seed: int) -> Case:
    source = random.Random(seed)
    return Case(
        kind=KINDS[seed % len(KINDS)],
        experts=source.randint(1, 6),
        length=source.randint(1, 40),
        sleep=source.choice((0.0, 0.0, 0.3, 0.8)),
        delay=0,
        seed=seed,
    )


def _of_bound(gains: Sequence[Sequence[float]], bound: Any) -> float:
    """The largest regret of its bound over all prefixes; of a bound of 0, what is above it."""
    totals, worst = [0.0] * len(gains[0]), -math.inf
    for rounds, row in enumerate(gains, start=1):
        totals = [total + gain for total, gain in zip(totals, row, strict=True)]
        room = bound(rounds)
        regret = max(totals)
        worst = max(worst, regret / room if room > 0 else (2.0 if regret > 1e-9 else 0.0))
    return worst


def bench_late_bounds(figures: Figures, sequences: int) -> None:
    """Outcomes that come late, lobes that sleep and join: what pages print, at every label."""
    worst, broken = -math.inf, 0
    for seed in range(sequences):
        case = replace(_case(seed), delay=1 + seed % 8)
        ratios = []
        for scores, known in learned_late(case):
            ratios.append(max(known.mixture.leads) / fixed_bound_of(scores))
            for m in (0, *SWITCHES):
                bound = switching_bound_of(scores, m)
                if bound is not None:
                    ratios.append(regret_switching(scores, m) / bound)
        worst = max(worst, *ratios)
        broken += max(ratios) > 1 + 1e-9
    figures.say(f"late_bounds_broken_of_{sequences}_sequences", broken, aim=0, at_most=True)
    figures.say("late_regret_of_printed_bound_worst", round(worst, 3), aim=1.0, at_most=True)


def bench_adversary(figures: Figures, seeds: int) -> None:
    """One lobe is always wrong and sure of it: what it costs beyond the best, of the bound."""
    worst = -math.inf
    for seed in range(seeds):
        source, state = random.Random(seed), binary.state_start(LOBES)
        lost, best = 0.0, [0.0] * LOBES
        for _ in range(LABELS // 2):
            won = source.random() < 0.5
            row = [source.choice((0.6, 0.4)) for _ in range(LOBES)]
            row[1] = 0.7 if (source.random() < 0.7) == won else 0.3
            row[0] = EPS if won else 1 - EPS
            told = binary.forecast(state, row, EPS)
            lost += binary.log_loss(told.p, won=won)
            best = [b + binary.log_loss(p, won=won) for b, p in zip(best, row, strict=True)]
            state = binary.learned(state, told, won=won)
        worst = max(worst, (lost - min(best)) / binary.top_bound(LOBES, LABELS // 2))
    figures.say("adversary_regret_of_bound_worst", round(worst, 3), aim=1.0, at_most=True)
