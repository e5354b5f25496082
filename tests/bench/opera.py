"""The electric load series of the R package opera, and what others make of it.

112 weeks, three experts. It is not in the repository: `FUSION_SHARED`, or `../shared`, holds it.
"""

import csv
import math
import os
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

FOLDER = (
    Path(os.environ.get("FUSION_SHARED") or Path(__file__).parents[3] / "shared") / "data" / "opera"
)
Row = Sequence[float]


def opera_read() -> tuple[list[Row], list[float]] | None:
    """Experts and outcomes by week, or None where the files are absent."""
    files = (FOLDER / "experts.csv", FOLDER / "targets.csv")
    if not all(file.exists() for file in files):
        return None
    experts, outcomes = ([_numbers(row) for row in _rows(file)] for file in files)
    return experts, [row[0] for row in outcomes]


def rmse(told: Row, outcomes: Row) -> float:
    """Root of the mean square."""
    squares = [(x - y) ** 2 for x, y in zip(told, outcomes, strict=True)]
    return math.sqrt(math.fsum(squares) / len(squares))


def best_convex(experts: Sequence[Row], outcomes: Row) -> list[float]:
    """The fixed blend that would have lost least, known afterwards.

    It is the best of the free blends of some experts whose weights turn out not to be negative.
    """
    count = len(experts[0])
    best, weights = math.inf, [0.0] * count
    for size in range(1, count + 1):
        for chosen in combinations(range(count), size):
            blend = _blend(experts, outcomes, chosen)
            lost = rmse([_dot(blend, row) for row in experts], outcomes)
            if min(blend) >= 0 and lost < best:
                best, weights = lost, blend
    return weights


def ml_poly(experts: Sequence[Row], outcomes: Row) -> list[float]:
    """What opera's ML-Poly tells, on gradients (Gaillard, Stoltz and van Erven, COLT 2014)."""
    count = len(experts[0])
    regrets, rates, widest, told = [0.0] * count, [math.inf] * count, 0.0, []
    for row, outcome in zip(experts, outcomes, strict=True):
        raw = [r * rate if r > 0 else 0.0 for r, rate in zip(regrets, rates, strict=True)]
        total = math.fsum(raw)
        weights = [one / total for one in raw] if total > 0 else [1 / count] * count
        value = _dot(weights, row)
        told.append(value)
        step = [2 * (value - outcome) * (value - x) for x in row]
        regrets = [r + s for r, s in zip(regrets, step, strict=True)]
        wider = max(widest, *(s * s for s in step))
        rates = [1 / (1 / r + s * s + wider - widest) for r, s in zip(rates, step, strict=True)]
        widest = wider
    return told


def _rows(file: Path) -> Iterator[list[str]]:
    with file.open(newline="") as lines:
        reader = csv.reader(lines)
        next(reader)
        yield from reader


def _numbers(row: Sequence[str]) -> Row:
    return [float(cell) for cell in row]


def _dot(weights: Row, row: Row) -> float:
    return math.fsum(w * x for w, x in zip(weights, row, strict=True))


def _blend(experts: Sequence[Row], outcomes: Row, chosen: Sequence[int]) -> list[float]:
    """Least squares over blends of the chosen, which add up to 1: the last one takes the rest."""
    *free, last = chosen
    columns = [[row[k] - row[last] for row in experts] for k in free]
    target = [y - row[last] for row, y in zip(experts, outcomes, strict=True)]
    table = [[_dot(a, b) for b in columns] + [_dot(a, target)] for a in columns]
    solved = _solved(table)
    weights = [0.0] * len(experts[0])
    for k, weight in zip(free, solved, strict=True):
        weights[k] = weight
    weights[last] = 1 - math.fsum(solved)
    return weights


def _solved(table: list[list[float]]) -> list[float]:
    """Gauss and Jordan, largest pivot first."""
    size = len(table)
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(table[row][column]))
        table[column], table[pivot] = table[pivot], table[column]
        table[column] = [value / table[column][column] for value in table[column]]
        for row in range(size):
            if row != column:
                factor = table[row][column]
                table[row] = [
                    a - factor * b for a, b in zip(table[row], table[column], strict=True)
                ]
    return [row[size] for row in table]
