"""What the lobes are asked about an alert: its entry legs that nobody has decided yet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from signals.fusion import states
from signals.intents.intent import Intent
from signals.intents.legs import Leg
from signals.lobes.base import Question
from signals.models import Decision
from signals.selectors.features import features_get


@dataclass(frozen=True, slots=True)
class Asking:
    """An entry leg that waits for opinions, and how many of them its policy wants."""

    decision_id: int
    question: Question
    quorum: int


def asking_list(*, alert_id: int, lobes: Collection[str] = ()) -> list[Asking]:
    """Return each undecided entry leg of an alert, in leg order.

    `lobes`: who will be asked, where that is not all whom the policy asks; what none of them goes
    by is not read.
    """
    waiting = (
        Decision.objects.filter(alert_id=alert_id, verb="entry", state=states.PROPOSED)
        .select_related("strategy__policy", "alert")
        .order_by("leg_no")
    )
    return [Asking(one.id, _question(one, lobes), one.strategy.policy.quorum) for one in waiting]


def _question(decision: Decision, lobes: Collection[str]) -> Question:
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
        features=features_get(
            strategy=decision.strategy,
            instrument=decision.instrument,
            known_until=decision.alert.received_at,
            lobes=lobes or policy.lobes,
        ),
        horizon_seconds=policy.horizon_seconds,
        payoff_r=policy.payoff_r,
        lobes=tuple(policy.lobes),
    )
