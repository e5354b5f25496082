"""One learning forecast of a yes-or-no outcome: experts, each raw and calibrated, mixed twice.

First sleeping Fixed-Share over all variants: its linear pool is the forecast with the bounds. Then
plain Bayes over that pool, the logarithmic pool, the linear one recalibrated, and the variant that
led so far: at most ln 4 nats more than any of the four, once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from signals.fusion.mixing import calibration, pools
from signals.fusion.mixing.calibration import Calibrator, calibrator_start
from signals.fusion.mixing.sharing import Weights, even, moved, shares
from signals.fusion.numbers import clipped, steady

POOLS: Final = ("linear", "logarithmic", "recalibrated", "leader")


@dataclass(frozen=True, slots=True)
class BinaryState:
    """All that is learned. `leads`: nats by which each variant beat the linear pool, while awake.

    Variants are the experts as they are, then each calibrated, in the same order.
    """

    weights: Weights
    calibrators: tuple[Calibrator, ...]
    bend: Calibrator
    top: Weights
    leads: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class BinaryForecast:
    """`variants` and `pooled` are in the order of the state and of `POOLS`; None is asleep."""

    variants: tuple[float | None, ...]
    pooled: tuple[float, ...]
    p: float


def state_start(experts: int) -> BinaryState:
    """Nothing learned: all weigh the same, calibration changes nothing."""
    return BinaryState(
        weights=even(2 * experts),
        calibrators=(calibrator_start(1),) * experts,
        bend=calibrator_start(2),
        top=even(len(POOLS)),
        leads=(0.0,) * (2 * experts),
    )


def forecast(state: BinaryState, chances: Sequence[float | None], eps: float) -> BinaryForecast:
    """The forecast from each expert's chance, or None where it sleeps; one must be awake.

    Chances, before and after calibration, are clipped to [eps, 1 - eps].
    """
    raw = [None if p is None else clipped(p, eps) for p in chances]
    curved = [
        None if p is None else clipped(calibration.calibrated(one, calibration.line(p)), eps)
        for one, p in zip(state.calibrators, raw, strict=True)
    ]
    variants = tuple(None if p is None else steady(p) for p in (*raw, *curved))
    awake = [index for index, p in enumerate(variants) if p is not None]
    told = [p for p in variants if p is not None]
    every = shares(state.weights, [p is not None for p in variants])
    weights = [every[index] for index in awake]
    flat = pools.linear(weights, told)
    recalibrated = calibration.calibrated(state.bend, calibration.bend(flat))
    leader = max(range(len(awake)), key=lambda place: state.leads[awake[place]])
    sharp = pools.logarithmic(weights, told)
    pooled = tuple(steady(p) for p in (flat, sharp, clipped(recalibrated, eps), told[leader]))
    top = shares(state.top, [True] * len(pooled))
    return BinaryForecast(variants, pooled, steady(pools.linear(top, pooled)))


def learned(state: BinaryState, told: BinaryForecast, *, won: bool) -> BinaryState:
    """The state after the outcome of what was told, which may have been told some outcomes ago."""
    losses = [None if p is None else log_loss(p, won=won) for p in told.variants]
    pooled = [log_loss(p, won=won) for p in told.pooled]
    raw = told.variants[: len(state.calibrators)]
    return BinaryState(
        weights=moved(state.weights, losses, is_sharing=True),
        calibrators=tuple(
            one if p is None else calibration.learned(one, calibration.line(p), won=won)
            for one, p in zip(state.calibrators, raw, strict=True)
        ),
        bend=calibration.learned(state.bend, calibration.bend(told.pooled[0]), won=won),
        top=moved(state.top, pooled, is_sharing=False),
        leads=tuple(
            lead if loss is None else steady(lead + pooled[0] - loss)
            for lead, loss in zip(state.leads, losses, strict=True)
        ),
    )


def log_loss(p: float, *, won: bool) -> float:
    """Nats lost by the chance p of what happened, or did not."""
    return -math.log(p) if won else -math.log1p(-p)


def top_bound(experts: int, rounds: int) -> float:
    """Most nats of the final forecast beyond any variant: ln 2N + ln T of sharing, and ln 4."""
    return math.log(2 * experts) + math.log(max(rounds, 1)) + math.log(len(POOLS))
