"""Bar features: trend, momentum, volatility and room, seen from the entry's side. Pure.

Fixed, mild coefficients around the declared chance: what it is worth, its calibration and weight
learn. It sleeps where there are too few bars, or none that are fresh.
"""

from __future__ import annotations

import json
import math
from typing import Final

from fusion_project.text.canonical import canonical_json
from signals.fusion.numbers import logit, rounded, sigmoid
from signals.lobes.base import LobeAnswer, MarketSeen, Question

NAME: Final = "bar_features"
_TREND, _MOMENTUM, _VOLATILITY, _ROOM = 0.15, 0.15, -0.1, 0.1
_EPS: Final = 0.05


class BarFeaturesLobe:
    """Leans with the trend and away from high volatility and near levels."""

    name = NAME
    version = "1"

    def answer(self, question: Question) -> LobeAnswer:
        """Return the declared chance, moved by what the bars say."""
        seen = question.features.market
        request = canonical_json({"prior_p": question.prior_p, "market": market_dict(seen)})
        if seen is None or seen.features is None:
            reason = "no_fresh_bars" if seen is None else "too_few_bars"
            return LobeAnswer(
                lobe=self.name,
                version=self.version,
                status="asleep",
                reason=reason,
                request=request,
            )
        vector = seen.features.for_side(question.side)
        trend, momentum, volatility, ahead, behind = (float(one) for one in vector)
        moved = math.fsum(
            (
                logit(float(question.prior_p)),
                _TREND * math.tanh(trend / 2),
                _MOMENTUM * math.tanh(momentum / 2),
                _VOLATILITY * math.tanh(volatility - 1),
                _ROOM * math.tanh((ahead - behind) / 10),
            )
        )
        p = rounded(min(max(sigmoid(moved), _EPS), 1 - _EPS))
        return LobeAnswer(
            lobe=self.name,
            version=self.version,
            status="awake",
            p=p,
            reason="bars_of_its_feed",
            request=request,
            response=canonical_json({"p": p, "vector": list(vector)}),
        )


def market_dict(seen: MarketSeen | None) -> dict[str, object] | None:
    """What was seen of the market, with the rows that it was seen in."""
    if seen is None:
        return None
    names = ("feed", "symbol", "timeframe_seconds", "bars", "first_bar_id", "last_bar_id")
    told = {name: getattr(seen, name) for name in names}
    features = seen.features
    values = (
        None
        if features is None
        else {name: getattr(features, name) for name in features.__dataclass_fields__}
    )
    return {**told, "features": values}


def features_told(inputs: str | None) -> list[str]:
    """Read the vector of a decision's record; empty where this lobe slept or was not asked."""
    if not inputs:
        return []
    for one in json.loads(inputs)["context"]["answers"]:
        if one["lobe"] == NAME and one["response"]:
            vector: list[str] = json.loads(one["response"])["vector"]
            return vector
    return []
