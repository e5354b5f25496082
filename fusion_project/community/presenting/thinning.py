"""Fewer points of a line, with the same ends, the same peaks and the same troughs."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol, TypeVar


class HasBalance(Protocol):
    """Whatever stands at a height."""

    @property
    def balance(self) -> Decimal: ...


P = TypeVar("P", bound=HasBalance)


def thinned(points: Sequence[P], *, most: int) -> list[P]:
    """At most `most` points (four or more), in their order.

    The first, the last, and the lowest and the highest of each of equally many points between
    them: the whole line is kept from end to end, and so are its extremes.
    """
    if most < 4:
        raise ValueError(f"expected four points or more, was {most}")
    if len(points) <= most:
        return list(points)
    runs, inner = (most - 2) // 2, len(points) - 2
    kept = {0, len(points) - 1}
    for n in range(runs):
        run = range(1 + inner * n // runs, 1 + inner * (n + 1) // runs)
        kept |= {min(run, key=lambda at: points[at].balance)}
        kept |= {max(run, key=lambda at: points[at].balance)}
    return [points[at] for at in sorted(kept)]
