"""Track record: how often this strategy's closed trades won, and those most like this one. Pure.

The share of all of them is shrunk to the declared prior. Trades of the same symbol, session and
regime move it by how far their own share lies from that of all, each shrunk to that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from fusion_project.text.canonical import canonical_json
from signals.fusion.numbers import clipped, logit, rounded, sigmoid
from signals.lobes.base import Alike, Features, LobeAnswer, Question
from signals.market.circumstances import regime_of, session_of

TRADES_MIN: Final = 10
# How many trades like this one count for as much as the share of all of them.
ALIKE_WORTH: Final = 20
_EPS: Final = 0.01
_PLACES: Final = Decimal("1e-12")


class TrackRecord:
    """Goes by the results that were known before the alert came; sleeps below ten."""

    name = "track_record"
    version = "2"

    def answer(self, question: Question) -> LobeAnswer:
        """Return (prior wins + wins) / (prior strength + trades), moved by trades like this one."""
        record = question.features
        request = canonical_json(
            {
                "strategy_id": question.strategy_id,
                "known_until": question.known_until,
                "newest_result_id": record.newest_result_id,
            }
        )
        response = canonical_json(
            {
                "trades": record.trades,
                "wins": record.wins,
                "alike": {
                    one.what: {"is": one.value, "trades": one.trades, "wins": one.wins}
                    for one in record.alike
                },
            }
        )
        if record.trades < TRADES_MIN:
            return LobeAnswer(
                lobe=self.name,
                version=self.version,
                status="asleep",
                reason="too_few_trades",
                evidence=Decimal(record.trades),
                request=request,
                response=response,
            )
        strength = question.prior_strength + record.trades
        share = (question.prior_p * question.prior_strength + record.wins) / strength
        return LobeAnswer(
            lobe=self.name,
            version=self.version,
            status="awake",
            reason="beta_shrunk_share",
            p=moved(share, record).quantize(_PLACES),
            evidence=strength,
            request=request,
            response=response,
        )


def circumstances_of(
    instrument: str, at: datetime | None, volatility: Decimal | None
) -> dict[str, str]:
    """Return what an entry came in, as far as it is known: symbol, session, regime."""
    return {
        **({"symbol": instrument} if instrument else {}),
        **({} if at is None else {"session": session_of(at)}),
        **({} if volatility is None else {"regime": regime_of(volatility)}),
    }


def alike_of(
    circumstances: Mapping[str, str], past: Sequence[tuple[Mapping[str, str], bool]]
) -> tuple[Alike, ...]:
    """Count, for each circumstance, the closed trades that share it, and those that won."""
    found = []
    for what, value in circumstances.items():
        same = [won for others, won in past if others.get(what) == value]
        found.append(Alike(what=what, value=value, trades=len(same), wins=sum(same)))
    return tuple(found)


def moved(share: Decimal, record: Features) -> Decimal:
    """Return the share, moved in log odds by each circumstance that sets some trades apart."""
    apart = [one for one in record.alike if 0 < one.trades < record.trades]
    if not apart:
        return share
    every = clipped(record.wins / record.trades, _EPS)
    shifts = [logit(clipped(_own(one, every), _EPS)) - logit(every) for one in apart]
    moved_to = sigmoid(math.fsum((logit(clipped(float(share), _EPS)), *shifts)))
    return rounded(clipped(moved_to, _EPS))


def _own(one: Alike, every: float) -> float:
    return (every * ALIKE_WORTH + one.wins) / (ALIKE_WORTH + one.trades)
