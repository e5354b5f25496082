"""Neighbours: how the family's earlier entries ended whose markets looked most like this one. Pure.

Lorentzian distance, the sum of ln(1 + difference), in which one odd feature outweighs the others
less than in a straight line. Both sides are seen from the side of the entry, so a fall that a
seller rode is a neighbour of a rise that a buyer rides, and of no fall that a buyer stood in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from heapq import nsmallest
from operator import sub
from typing import Final

from fusion_project.text.canonical import canonical_json
from signals.lobes.bar_features import market_dict
from signals.lobes.base import LobeAnswer, Neighbour, Question

KNOWN_MIN: Final = 50
NEAREST: Final = 25
PRIOR_WORTH: Final = 4
_PLACES: Final = Decimal("1e-12")


class Neighbours:
    """Counts the wins among the nearest, shrunk to the declared chance; sleeps below fifty."""

    name = "neighbours"
    version = "1"

    def answer(self, question: Question) -> LobeAnswer:
        """Return (prior + wins) / (prior's worth + neighbours)."""
        seen, known = question.features.market, question.features.neighbours
        request = canonical_json(
            {"known": len(known), "prior_p": question.prior_p, "market": market_dict(seen)}
        )
        if seen is None or seen.features is None or len(known) < KNOWN_MIN:
            few = seen is not None and seen.features is not None
            return LobeAnswer(
                lobe=self.name,
                version=self.version,
                status="asleep",
                reason="too_few_labels" if few else "no_fresh_bars",
                request=request,
            )
        nearest = nearest_of(seen.features.for_side(question.side), known)
        wins = sum(one.won for one in nearest)
        share = (question.prior_p * PRIOR_WORTH + wins) / (PRIOR_WORTH + len(nearest))
        labels = [one.label_id for one in nearest]
        return LobeAnswer(
            lobe=self.name,
            version=self.version,
            status="awake",
            p=share.quantize(_PLACES),
            evidence=Decimal(len(nearest)),
            reason="nearest_labels",
            request=request,
            response=canonical_json({"labels": labels, "wins": wins}),
        )


def nearest_of(vector: Sequence[Decimal], known: Sequence[Neighbour]) -> list[Neighbour]:
    """Return the nearest, the earlier label first where two are as near."""
    near = [float(one) for one in vector]
    # A label is there once, so that no comparison gets as far as the neighbours themselves.
    apart = [(_apart(near, other.near), other.label_id, other) for other in known]
    return [other for _, _, other in nsmallest(NEAREST, apart)]


def distance(left: Sequence[Decimal], right: Sequence[Decimal]) -> float:
    """The Lorentzian distance of two vectors of one length."""
    return _apart([float(one) for one in left], [float(one) for one in right])


def _apart(left: Sequence[float], right: Sequence[float]) -> float:
    """Asked five hundred times for each entry, so the loop is left to `map`."""
    return math.fsum(map(math.log1p, map(abs, map(sub, left, right))))
