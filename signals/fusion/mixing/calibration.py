"""Calibration learned online: a logistic curve over features of a chance, one Newton step each.

Platt's line a + b logit p, and beta calibration c + a ln p - b ln(1 - p) (Kull, Silva Filho and
Flach, AISTATS 2017), which bends; a linear pool of calibrated chances is too flat without it
(Ranjan and Gneiting, JRSS B 72, 2010). Starting at the identity with a prior of unit weight, each
outcome moves the values by one Newton step of the log loss with the curvature of all outcomes so
far (recursive Laplace approximation; West, Harrison and Migon, JASA 80, 1985).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from signals.fusion.numbers import logit, sigmoid, steady

PRIOR_VARIANCE: Final = 1.0
SHIFT_MAX: Final = 4.0
SLOPE_MAX: Final = 4.0


@dataclass(frozen=True, slots=True)
class Calibrator:
    """`values` weigh the features, the first of which is 1; `variances` is a square matrix."""

    values: tuple[float, ...]
    variances: tuple[tuple[float, ...], ...]


def calibrator_start(slopes: int) -> Calibrator:
    """The identity: no shift, each slope 1."""
    size = slopes + 1
    variances = tuple(
        tuple(PRIOR_VARIANCE if row == column else 0.0 for column in range(size))
        for row in range(size)
    )
    return Calibrator((0.0,) + (1.0,) * slopes, variances)


def line(p: float) -> tuple[float, ...]:
    """Features of Platt's line."""
    return (1.0, logit(p))


def bend(p: float) -> tuple[float, ...]:
    """Features of beta calibration."""
    return (1.0, math.log(p), -math.log1p(-p))


def calibrated(calibrator: Calibrator, features: tuple[float, ...]) -> float:
    """The chance that the curve gives."""
    return sigmoid(_dot(calibrator.values, features))


def learned(calibrator: Calibrator, features: tuple[float, ...], *, won: bool) -> Calibrator:
    """The curve after an outcome. Slopes stay in [0, 4]: an expert is flattened, never turned."""
    q = calibrated(calibrator, features)
    curvature = q * (1 - q)
    reach = [_dot(row, features) for row in calibrator.variances]
    scale = 1 + curvature * _dot(reach, features)
    variances = tuple(
        tuple(
            steady(value - curvature * reach[i] * reach[j] / scale) for j, value in enumerate(row)
        )
        for i, row in enumerate(calibrator.variances)
    )
    step = (float(won) - q) / scale
    shift, *slopes = (
        value + part * step for value, part in zip(calibrator.values, reach, strict=True)
    )
    shift = min(max(shift, -SHIFT_MAX), SHIFT_MAX)
    slopes = [min(max(slope, 0.0), SLOPE_MAX) for slope in slopes]
    return Calibrator(tuple(steady(value) for value in (shift, *slopes)), variances)


def _dot(left: tuple[float, ...] | list[float], right: tuple[float, ...]) -> float:
    return math.fsum(a * b for a, b in zip(left, right, strict=True))
