"""Numbers of the engines: chances, logarithms, and what is kept of a float. Only `math`.

Stored decisions are replayed by them: a change here is one of every engine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

_DIGITS: Final = Context(prec=12, rounding=ROUND_HALF_EVEN)


def logit(p: float) -> float:
    """ln(p / (1 - p)) for 0 < p < 1."""
    return math.log(p) - math.log1p(-p)


def sigmoid(x: float) -> float:
    """The chance whose logit is x."""
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    grown = math.exp(x)
    return grown / (1 + grown)


def clipped(p: float, eps: float) -> float:
    """p, but no nearer to 0 and 1 than eps."""
    return min(max(p, eps), 1 - eps)


def shares_of(weights: Sequence[float]) -> list[float]:
    """The weights, divided by their sum."""
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def log_sum_exp(logs: Sequence[float]) -> float:
    """ln of the sum of exp(x); minus infinity for none."""
    most = max(logs, default=-math.inf)
    if most == -math.inf:
        return most
    return most + math.log(math.fsum(math.exp(x - most) for x in logs))


def steady(value: float) -> float:
    """12 significant digits, so that the last float digits differ on no machine."""
    return float(f"{value:.11e}")


def rounded(value: float) -> Decimal:
    """12 significant digits, never more than 12 after the point, which columns can hold."""
    number = _DIGITS.create_decimal_from_float(value)
    return number.quantize(Decimal("1e-12")) if number.adjusted() < 0 else number + 0
