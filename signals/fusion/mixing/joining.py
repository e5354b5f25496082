"""An expert that comes later enters with the share mass, never with another's weight. Pure.

At the next outcome numbered t + 1 Fixed-Share would give each of N experts alpha / N with
alpha = 1 / (t + 1); one that joins has as much, and the others give it in proportion.
"""

from __future__ import annotations

import math

from signals.fusion.mixing.binary import BinaryState
from signals.fusion.mixing.calibration import calibrator_start
from signals.fusion.mixing.sharing import Weights
from signals.fusion.numbers import log_sum_exp, steady


def joined(state: BinaryState, newcomers: int) -> BinaryState:
    """Return the state with so many experts more, the last ones: both variants of each."""
    if newcomers == 0:
        return state
    experts = len(state.calibrators)
    count = 2 * (experts + newcomers)
    entering = -math.log(state.weights.rounds + 1) - math.log(count)
    left = math.log1p(-2 * newcomers * math.exp(entering)) if experts else -math.inf
    raw, curved = state.weights.logs[:experts], state.weights.logs[experts:]
    fresh = (entering,) * newcomers
    logs = (*(log + left for log in raw), *fresh, *(log + left for log in curved), *fresh)
    whole = log_sum_exp(logs)
    leads_raw, leads_curved = state.leads[:experts], state.leads[experts:]
    return BinaryState(
        weights=Weights(tuple(steady(log - whole) for log in logs), state.weights.rounds),
        calibrators=(*state.calibrators, *(calibrator_start(1),) * newcomers),
        bend=state.bend,
        top=state.top,
        leads=(*leads_raw, *(0.0,) * newcomers, *leads_curved, *(0.0,) * newcomers),
    )
