"""Scores of chances against outcomes: log loss, Brier, calibration, and what leaving out gains.

Log loss is in nats. Murphy, "A New Vector Partition of the Probability Score" (J. Appl. Meteorology
12, 1973); Spiegelhalter, "Probabilistic Prediction in Patient Management" (Statistics in Medicine
5, 1986); Naeini, Cooper and Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian
Binning" (AAAI 2015) for the expected calibration error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Chances = Sequence[float]
Outcomes = Sequence[bool]


@dataclass(frozen=True, slots=True)
class Bin:
    """Chances that lie together: how many, the sum of them, and how many won."""

    count: int
    chances: float
    wins: int

    @property
    def mean(self) -> float:
        """The chance that they were given."""
        return self.chances / self.count

    @property
    def share(self) -> float:
        """The share of them that won."""
        return self.wins / self.count


@dataclass(frozen=True, slots=True)
class Split:
    """Brier = reliability - resolution + uncertainty, of chances rounded to their bins' means."""

    reliability: float
    resolution: float
    uncertainty: float


def log_loss(chances: Chances, outcomes: Outcomes) -> float:
    """Mean nats lost by the chance of what happened; chances lie inside of 0 and 1."""
    lost = (
        -math.log(p) if won else -math.log1p(-p) for p, won in zip(chances, outcomes, strict=True)
    )
    return math.fsum(lost) / len(chances)


def brier(chances: Chances, outcomes: Outcomes) -> float:
    """Mean of (p - y)^2."""
    lost = ((p - won) ** 2 for p, won in zip(chances, outcomes, strict=True))
    return math.fsum(lost) / len(chances)


def bins_by_width(chances: Chances, outcomes: Outcomes, count: int) -> list[Bin]:
    """Bins of one width over [0, 1] that hold something; a bound belongs to the lower one."""
    found: dict[int, list[tuple[float, bool]]] = {}
    for p, won in zip(chances, outcomes, strict=True):
        found.setdefault(max(0, math.ceil(p * count) - 1), []).append((p, won))
    return [_bin(found[place]) for place in sorted(found)]


def bins_by_count(chances: Chances, outcomes: Outcomes, count: int) -> list[Bin]:
    """Bins of equal number, or one more in the first of them, in the order of the chances."""
    ordered = sorted(zip(chances, outcomes, strict=True))
    size, more = divmod(len(ordered), count)
    found, start = [], 0
    for place in range(count):
        end = start + size + (place < more)
        if end > start:
            found.append(_bin(ordered[start:end]))
        start = end
    return found


def calibration_error(bins: Sequence[Bin]) -> float:
    """Mean distance of a bin's chance from its share of wins, each by its number."""
    total = sum(one.count for one in bins)
    return math.fsum(one.count * abs(one.mean - one.share) for one in bins) / total


def murphy_split(bins: Sequence[Bin]) -> Split:
    """Split the Brier score of the bins' means."""
    total = sum(one.count for one in bins)
    rate = sum(one.wins for one in bins) / total
    return Split(
        reliability=math.fsum(one.count * (one.mean - one.share) ** 2 for one in bins) / total,
        resolution=math.fsum(one.count * (one.share - rate) ** 2 for one in bins) / total,
        uncertainty=rate * (1 - rate),
    )


def spiegelhalter_z(chances: Chances, outcomes: Outcomes) -> float | None:
    """How far the Brier score is from what the chances expect, in standard deviations.

    None where every chance is one half, which expects nothing.
    """
    pairs = list(zip(chances, outcomes, strict=True))
    apart = math.fsum((won - p) * (1 - 2 * p) for p, won in pairs)
    variance = math.fsum((1 - 2 * p) ** 2 * p * (1 - p) for p, _ in pairs)
    return apart / math.sqrt(variance) if variance > 0 else None


def risks_by_coverage(chances: Chances, outcomes: Outcomes) -> list[float]:
    """Share of losses among the first 1, 2, ... entries, those with the best chance first."""
    ordered = sorted(zip(chances, outcomes, strict=True), key=lambda pair: -pair[0])
    lost, risks = 0, []
    for number, (_, won) in enumerate(ordered, start=1):
        lost += not won
        risks.append(lost / number)
    return risks


def risk_area(risks: Sequence[float]) -> float:
    """The area under the risk-coverage curve: the mean risk over all coverages."""
    return math.fsum(risks) / len(risks)


def _bin(pairs: Sequence[tuple[float, bool]]) -> Bin:
    return Bin(len(pairs), math.fsum(p for p, _ in pairs), sum(won for _, won in pairs))
