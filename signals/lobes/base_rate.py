"""Base rate: the strategy's declared prior, as the mean of its Beta distribution. Always awake."""

from __future__ import annotations

from fusion_project.text.canonical import canonical_json
from signals.lobes.base import Answer, Question


class BaseRate:
    """Says what the policy declares; carries as much evidence as the policy says it is worth."""

    name = "base_rate"
    version = "1"

    def answer(self, question: Question) -> Answer:
        """Return alpha / (alpha + beta) with alpha = p * strength."""
        asked = {"prior_p": question.prior_p, "prior_strength": question.prior_strength}
        return Answer(
            lobe=self.name,
            version=self.version,
            status="awake",
            p=question.prior_p,
            evidence=question.prior_strength,
            reason="declared_prior",
            request=canonical_json(asked),
            response=canonical_json({"p": question.prior_p}),
        )
