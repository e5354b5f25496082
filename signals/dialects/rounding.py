"""Which numbers of an alert were rounded: noise of binary fractions, past the tenth digit. Pure.

Noise in a member that nobody acts on is nothing; what was acted on is named in the sources.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

from signals.dialects.base import Reading
from signals.intents.legs import Leg

ROUNDED: Final = "rounded"
NOISE: Final = re.compile(r"[0-9]{1,14}\.[0-9]{11,30}(?![0-9])")
_DIGITS_KEPT: Final = Decimal("0.0000000001")
_NOISY_MAX: Final = 64


def with_rounding(reading: Reading, text: str) -> Reading:
    """Return the reading with every rounded number of its legs named in the sources."""
    if NOISE.search(text) is None:
        return reading
    noisy = {
        Decimal(found[0]).quantize(_DIGITS_KEPT)
        for found, _ in zip(NOISE.finditer(text), range(_NOISY_MAX), strict=False)
    }
    rounded = {
        f"legs.{number}.{name}": ROUNDED
        for number, leg in enumerate(reading.intent.legs)
        for name, value in _numbers(leg)
        if value in noisy
    }
    if not rounded:
        return reading
    sources = {**rounded, **reading.intent.sources}
    return replace(reading, intent=replace(reading.intent, sources=sources))


def _numbers(leg: Leg) -> Iterator[tuple[str, Decimal]]:
    holders = {"size": leg.size, "sl": leg.sl, "tp": leg.tp}
    prices = {"limit_price": leg.limit_price, "stop_price": leg.stop_price}
    values = {**prices, **{name: one.value for name, one in holders.items() if one is not None}}
    yield from ((name, value) for name, value in values.items() if value is not None)
