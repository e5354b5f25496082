"""Track record: how often this strategy's closed trades won, shrunk to its declared prior. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from fusion_project.text.canonical import canonical_json
from signals.lobes.base import LobeAnswer, Question

TRADES_MIN: Final = 10
_PLACES: Final = Decimal("1e-12")


class TrackRecord:
    """Goes by the results that were known before the alert came; sleeps below ten."""

    name = "track_record"
    version = "1"

    def answer(self, question: Question) -> LobeAnswer:
        """Return (prior wins + wins) / (prior strength + trades)."""
        record = question.features
        request = canonical_json(
            {
                "strategy_id": question.strategy_id,
                "known_until": question.known_until,
                "newest_result_id": record.newest_result_id,
            }
        )
        response = canonical_json({"trades": record.trades, "wins": record.wins})
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
            p=share.quantize(_PLACES),
            evidence=strength,
            request=request,
            response=response,
        )
