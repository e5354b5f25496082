"""Many chances as one: the linear and the logarithmic pool."""

from __future__ import annotations

import math
from collections.abc import Sequence

from signals.fusion.numbers import logit, sigmoid


def linear(shares: Sequence[float], chances: Sequence[float]) -> float:
    """The weighted mean. Its log loss is the mixed loss, for which the bounds hold."""
    return math.fsum(share * p for share, p in zip(shares, chances, strict=True))


def logarithmic(shares: Sequence[float], chances: Sequence[float]) -> float:
    """The weighted mean in log odds: sharper where experts agree; one extreme moves it far."""
    return sigmoid(math.fsum(w * logit(p) for w, p in zip(shares, chances, strict=True)))
