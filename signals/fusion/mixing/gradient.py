"""A mixture of numbers under square loss: AdaHedge on the gradients of its own loss.

AdaHedge: de Rooij, van Erven, Gruenwald and Koolen, "Follow the Leader If You Can, Hedge If You
Must" (JMLR 15, 2014). Each expert is charged g x_k, with g = 2 (forecast - y) the slope of the loss
where the mixture stood; by convexity what is lost against any fixed blend of experts is at most
what is lost in these charges. The rate ln N / gap is set by the charges so far, so it needs no
range, no scale and no hindsight. One that sleeps is charged what the mixture is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from signals.fusion.numbers import log_sum_exp, shares_of, steady

NAME: Final = "AdaHedge on gradients"


@dataclass(frozen=True, slots=True)
class GradientState:
    """Each expert's charges so far, and by how much Hedge lost more than its mixed charge."""

    charges: tuple[float, ...]
    gap: float = 0.0


def gradient_start(experts: int) -> GradientState:
    """Nothing charged: all weigh the same."""
    return GradientState((0.0,) * experts)


def gradient_shares(state: GradientState, awake: Sequence[bool]) -> list[float]:
    """Weights that add up to 1 over those awake; one must be."""
    least = min(state.charges)
    logs = [-_rate(state) * (charge - least) for charge in state.charges]
    most = max(log for log, on in zip(logs, awake, strict=True) if on)
    return shares_of(
        [math.exp(log - most) if on else 0.0 for log, on in zip(logs, awake, strict=True)]
    )


def gradient_forecast(state: GradientState, values: Sequence[float | None]) -> float:
    """The blend of those awake; None sleeps."""
    shares = gradient_shares(state, [value is not None for value in values])
    told = (w * x for w, x in zip(shares, values, strict=True) if x is not None)
    return steady(math.fsum(told))


def gradient_learned(
    state: GradientState, values: Sequence[float | None], told: float, outcome: float
) -> GradientState:
    """The state after the outcome of the forecast `told` made from `values`."""
    slope = 2 * (told - outcome)
    # Relative to the mixture: one that sleeps is charged nothing more or less than it.
    charges = [0.0 if value is None else slope * (value - told) for value in values]
    rate = _rate(state)
    if rate == 0:
        mixed = min(charges)
    else:
        least = min(state.charges)
        logs = [-rate * (charge - least) for charge in state.charges]
        grown = [log - rate * charge for log, charge in zip(logs, charges, strict=True)]
        mixed = (log_sum_exp(logs) - log_sum_exp(grown)) / rate
    # The mixture itself is charged 0, so the gap of this round is 0 - mixed, never below nothing.
    return GradientState(
        tuple(steady(old + new) for old, new in zip(state.charges, charges, strict=True)),
        steady(state.gap + max(0.0, -mixed)),
    )


def gradient_bound(state: GradientState) -> float:
    """Most square loss beyond any fixed blend: twice the gap, with the rate ln N / gap (Lemma 3).

    Known afterwards only; it is at most 2 sqrt(V ln N) + S (4/3 ln N + 2) (Theorem 6), with V the
    sum of the charges' variances and S the widest charge, so of the order of sqrt(T ln N).
    """
    return 2 * state.gap


def _rate(state: GradientState) -> float:
    """ln N / gap. Without a gap every charge was the same, and any rate weighs all the same: 0."""
    return math.log(len(state.charges)) / state.gap if state.gap > 0 else 0.0
