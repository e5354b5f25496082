"""Track record: how often this strategy's closed trades won, shrunk to its declared prior."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from fusion_project.text.canonical import canonical_json
from signals.lobes.base import Answer, Question
from signals.selectors.features import track_record_get

TRADES_MIN: Final = 10
_PLACES: Final = Decimal("1e-12")


class TrackRecord:
    """Reads `trade.result_r` facts that were known before the alert came; sleeps below ten."""

    name = "track_record"
    version = "1"

    def answer(self, question: Question) -> Answer:
        """Return (prior wins + wins) / (prior strength + trades)."""
        record = track_record_get(
            strategy_id=question.strategy_id, known_until=question.known_until
        )
        request = canonical_json(
            {"strategy_id": question.strategy_id, "known_until": question.known_until}
        )
        response = canonical_json({"trades": record.trades, "wins": record.wins})
        if record.trades < TRADES_MIN:
            return Answer(
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
        return Answer(
            lobe=self.name,
            version=self.version,
            status="awake",
            reason="beta_shrunk_share",
            p=share.quantize(_PLACES),
            evidence=strength,
            request=request,
            response=response,
        )
