"""What the lobes are asked about an alert: its entry legs that nobody has decided yet."""

from __future__ import annotations

from signals.fusion import states
from signals.intents.intent import Intent
from signals.intents.legs import Leg
from signals.lobes.base import Features, Question
from signals.models import Decision
from signals.selectors.features import features_get


def question_list(*, alert_id: int) -> list[tuple[int, Question]]:
    """Return (decision id, question) of each undecided entry leg, in leg order."""
    waiting = list(
        Decision.objects.filter(alert_id=alert_id, verb="entry", state=states.PROPOSED)
        .select_related("strategy__policy", "alert")
        .order_by("leg_no")
    )
    if not waiting:
        return []
    alert = waiting[0].alert
    features = features_get(strategy_id=alert.strategy_id, known_until=alert.received_at)
    return [(decision.id, _question(decision, features)) for decision in waiting]


def _question(decision: Decision, features: Features) -> Question:
    leg = Leg.from_json(decision.leg)
    intent = Intent.from_json(decision.alert.intent)
    levels = leg.price_levels(decision.ref_price)
    policy = decision.strategy.policy
    return Question(
        strategy_id=decision.strategy_id,
        alert_id=decision.alert_id,
        leg_no=decision.leg_no,
        instrument=decision.instrument,
        side=leg.side,
        order_type=leg.order_type,
        timeframe=intent.timeframe,
        prior_p=policy.prior_p,
        prior_strength=policy.prior_strength,
        known_until=decision.alert.received_at,
        entry_price=levels.entry,
        stop_price=levels.stop,
        target_price=levels.target,
        features=features,
    )
