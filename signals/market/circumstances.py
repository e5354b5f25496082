"""When and in what market an entry came, in a few words that share what is learned. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

ASIA, LONDON, NEW_YORK = "asia", "london", "new_york"
CALM, USUAL, WILD = "calm", "usual", "wild"
_LONDON_FROM, _NEW_YORK_FROM, _ASIA_FROM = 7, 13, 21
# Of `signals.market.features.BarFeatures.volatility`, where 1 is the range of the whole stretch.
_CALM_BELOW: Final = Decimal("0.8")
_WILD_FROM: Final = Decimal("1.25")


def session_of(at: datetime) -> str:
    """Return whose trading day leads at that time: by hours of UTC, since none of them is exact."""
    hour = at.astimezone(UTC).hour
    if _LONDON_FROM <= hour < _NEW_YORK_FROM:
        return LONDON
    return NEW_YORK if _NEW_YORK_FROM <= hour < _ASIA_FROM else ASIA


def regime_of(volatility: Decimal) -> str:
    """Return how the recent range stands to the usual one."""
    if volatility < _CALM_BELOW:
        return CALM
    return WILD if volatility >= _WILD_FROM else USUAL
