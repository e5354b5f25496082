"""The forecast for the Brier game: as good as mixing the experts' losses, with rate 1.

Vovk and Zhdanov, "Prediction With Expert Advice For The Brier Game" (JMLR 10, 2009), the strong
Aggregating Algorithm. The loss is the sum of (p - y)^2 over all outcomes, which is mixable at rate
1; of a yes-or-no outcome it is twice (p - y)^2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from signals.fusion.mixing.sharing import Weights, mixed_loss
from signals.fusion.numbers import shares_of, steady

Chances = Sequence[float]


def brier_loss(chances: Chances, outcome: int) -> float:
    """The sum of squares over all outcomes, of which the one numbered `outcome` happened."""
    return math.fsum((p - (index == outcome)) ** 2 for index, p in enumerate(chances))


def substituted(weights: Weights, experts: Sequence[Chances | None]) -> tuple[float, ...]:
    """Chances whose Brier loss is at most the mixed loss, whatever happens.

    With G the mixed loss under each outcome: (s - G)+ / 2, where s makes them add up to 1.
    """
    size = next(len(one) for one in experts if one is not None)
    mixed = [
        mixed_loss(weights, [None if one is None else brier_loss(one, outcome) for one in experts])
        for outcome in range(size)
    ]
    ordered = sorted(mixed)
    level = 0.0
    for count in range(1, size + 1):
        level = (2 + math.fsum(ordered[:count])) / count
        if count == size or level <= ordered[count]:
            break
    return tuple(steady(p) for p in shares_of([max(0.0, level - one) / 2 for one in mixed]))
