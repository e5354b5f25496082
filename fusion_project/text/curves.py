"""Curves as SVG paths in a square of 1000 units, for charts that a server draws. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

SIDE = Decimal(1000)
Corner = tuple[Decimal, Decimal]


def curve_path(points: Sequence[Corner]) -> str:
    """Return the path through points whose both coordinates go from 0 to 1, upwards; '' for none.

    A point alone becomes a short stroke, which can be seen.
    """
    corners = [(_text(SIDE * x), _text(SIDE - SIDE * y)) for x, y in points]
    if not corners:
        return ""
    if len(corners) == 1:
        (x, y), last = corners[0], _text(min(SIDE, SIDE * points[0][0] + 8))
        return f"M{x} {y}L{last} {y}"
    return "M" + "L".join(f"{x} {y}" for x, y in corners)


def evenly(count: int, most: int) -> list[int]:
    """Return at most `most` numbers from 1 to `count`, evenly apart, both ends among them."""
    if count <= most:
        return list(range(1, count + 1))
    return sorted({1 + (count - 1) * step // (most - 1) for step in range(most)})


def _text(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.1')).normalize():f}"
