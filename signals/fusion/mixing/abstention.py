"""Whether a chance is worth a trade: by cost, and by a set of outcomes that is wrong rarely enough.

The set is adaptive conformal inference: Gibbs and Candes, "Adaptive Conformal Inference Under
Distribution Shift" (NeurIPS 2021).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from signals.fusion.numbers import steady

STEP: Final = 0.02
SCORES_MAX: Final = 250


def threshold(payoff: float, cost: float, margin: float) -> float:
    """Least chance P with P W - (1 - P) L - cost >= margin, in units of the loss L = 1."""
    return (1 + cost + margin) / (payoff + 1)


@dataclass(frozen=True, slots=True)
class Conformal:
    """`aim`: how often the set may miss; `level`: what is asked now; scores of the last outcomes.

    A score is 1 minus the chance that what happened had.
    """

    aim: float
    level: float
    scores: tuple[float, ...] = ()


def conformal_start(aim: float) -> Conformal:
    """Nothing seen: the set holds both outcomes."""
    return Conformal(aim, aim)


def outcome_set(state: Conformal, p: float) -> tuple[bool, bool]:
    """Whether the set holds a loss, and whether it holds a win."""
    if state.level >= 1:
        return (False, False)
    rank = math.ceil((1 - state.level) * (len(state.scores) + 1))
    if state.level <= 0 or rank > len(state.scores):
        return (True, True)
    reach = sorted(state.scores)[rank - 1]
    return (p <= reach, 1 - p <= reach)


def conformal_learned(state: Conformal, p: float, *, won: bool) -> Conformal:
    """The state after an outcome: the set grows after a miss and shrinks a little after none."""
    missed = not outcome_set(state, p)[won]
    score = 1 - p if won else p
    return Conformal(
        state.aim,
        steady(state.level + STEP * (state.aim - missed)),
        (*state.scores, steady(score))[-SCORES_MAX:],
    )


def coverage_bound(aim: float, rounds: int) -> float:
    """Most by which the share of misses differs from the aim, for any outcomes.

    The level moves by STEP (aim - miss) and stays in [-STEP, 1 + STEP] (Proposition 4.1).
    """
    return (max(aim, 1 - aim) + STEP) / (STEP * rounds)
