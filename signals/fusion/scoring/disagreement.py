"""How far lobes disagree about one entry, as one number from 0 to 1.

The generalized Jensen-Shannon divergence (Lin, IEEE Transactions on Information Theory 37, 1991):
the entropy of their mean less the mean of their entropies, in bits. 0: all say the same; 1: one
half is sure of a win, the other half of a loss.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from signals.fusion.inputs import EngineInputs
from signals.fusion.numbers import clipped, steady


def disagreement(chances: Sequence[float]) -> float | None:
    """Return it for lobes that count the same; None for fewer than two."""
    if len(chances) < 2:
        return None
    mean = math.fsum(chances) / len(chances)
    within = math.fsum(_bits(p) for p in chances) / len(chances)
    return steady(max(0.0, _bits(mean) - within))


def disagreement_told(record: str | None) -> float | None:
    """Read it from a decision's record: of every lobe that was awake, decided or not."""
    if not record:
        return None
    inputs = EngineInputs.from_dict(json.loads(record)["inputs"])
    awake = [one for one in inputs.opinions if one.status == "awake" and one.p is not None]
    return disagreement([clipped(float(one.p or 0), float(one.eps)) for one in awake])


def _bits(p: float) -> float:
    """The entropy of a chance."""
    return -(p * math.log2(p) + (1 - p) * math.log2(1 - p)) if 0 < p < 1 else 0.0
