"""Base rate: the strategy's declared prior, as its Beta distribution's mean. Always awake. Pure."""

from __future__ import annotations

from fusion_project.text.canonical import canonical_json
from signals.lobes.base import LobeAnswer, Question


class BaseRate:
    """Says what the policy declares; carries as much evidence as the policy says it is worth."""

    name = "base_rate"
    version = "1"

    def answer(self, question: Question) -> LobeAnswer:
        """Return alpha / (alpha + beta) with alpha = p * strength."""
        asked = {"prior_p": question.prior_p, "prior_strength": question.prior_strength}
        return LobeAnswer(
            lobe=self.name,
            version=self.version,
            status="awake",
            p=question.prior_p,
            evidence=question.prior_strength,
            reason="declared_prior",
            request=canonical_json(asked),
            response=canonical_json({"p": question.prior_p}),
        )
