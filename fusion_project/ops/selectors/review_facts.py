"""What a reviewer weighs beside the decision itself: age, reward, cuts; and how it ended."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.urls import reverse

from fusion_project.events import names
from fusion_project.events.models import Event
from fusion_project.events.subjects import subject_of
from fusion_project.text.formats import exact_text, plain_number, ratio, seconds_between
from signals.fusion import states
from signals.fusion.cuts import risk_cuts
from signals.fusion.engines.registry import UnknownEngine
from signals.fusion.gating.names import GATE_REASONS
from signals.intake.reasons import DECISION_REASONS, review_words
from signals.intents.legs import Leg
from signals.models import Decision, Delivery, Review

_RISK_CUTS: Final = {
    "alert": "the alert asks for no more",
    "kelly": "a quarter of Kelly at the lower end of the chance",
    "quorum": "fewer lobes had an opinion than the policy asks for",
    "volatility": "the market moves more than the policy's target",
}
_VERDICT_OF: Final = {states.APPROVED: "approve", states.REJECTED: "reject"}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a decision was closed, in a sentence; `href` leads to what closed it."""

    words: str
    href: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """`price_age_seconds` since the sender told the price, or since it came where he is silent."""

    price_age_seconds: Decimal
    reward_to_risk: str
    cuts: list[str]
    ending: Ending | None


def review_facts(*, decision: Decision, reviews: list[Review], at: datetime) -> ReviewFacts:
    """Everything of it is as of `at`; what is not known yet is said in words."""
    leg = Leg.from_json(decision.leg)
    return ReviewFacts(
        price_age_seconds=_price_age_seconds(decision, at),
        reward_to_risk=_reward_words(leg, decision.ref_price),
        cuts=_cuts(decision),
        ending=_ending(decision, reviews),
    )


def _price_age_seconds(decision: Decision, at: datetime) -> Decimal:
    received_at = decision.alert.received_at
    sent_at = (
        Delivery.objects.filter(id=decision.alert.delivery_id, received_at=received_at)
        .values_list("sent_at", flat=True)
        .first()
    )
    # The sender's clock may run ahead of ours; nothing is younger than its receipt.
    told_at = min(sent_at or received_at, received_at)
    return max(Decimal(0), seconds_between(told_at, at))


def _reward_words(leg: Leg, ref_price: Decimal | None) -> str:
    found = leg.reward_to_risk(ref_price)
    if found is not None:
        return ratio(found)
    missing = [word for word, target in (("stop", leg.sl), ("target", leg.tp)) if target is None]
    return f"not known: no {' and no '.join(missing)}" if missing else "not known before the fill"


def _cuts(decision: Decision) -> list[str]:
    """Every cut of the risk that fusion made, in its order."""
    if not decision.inputs:
        return []
    try:
        told = risk_cuts(decision.inputs)
    except UnknownEngine as unknown:
        return [f"not told: {unknown}"]
    return [
        *(
            f"{one.before} → {one.after} basis points: {_RISK_CUTS[one.reason]}"
            for one in told.cuts
        ),
        *(
            f"× {plain_number(gate.factor)}: {GATE_REASONS.get(gate.reason, gate.name)}"
            for gate in told.gates
        ),
    ]


def _ending(decision: Decision, reviews: list[Review]) -> Ending | None:
    """Who or what closed it; None while it is open."""
    if decision.state in states.UNDECIDED:
        return None
    word = f"{decision.state.capitalize()} at {exact_text(decision.decided_at)} UTC"
    if decision.state == states.SUPERSEDED:
        return _superseded(decision, word)
    counted = [one for one in reviews if _VERDICT_OF.get(decision.state) == one.verdict]
    if counted:
        people = " and ".join(
            f"{one.reviewer.get_username()} ({review_words(one.reason)})" for one in counted
        )
        return Ending(f"{word} by {people}.")
    return Ending(f"{word}: {DECISION_REASONS.get(decision.reason, decision.reason)}")


def _superseded(decision: Decision, word: str) -> Ending:
    """The event names the alert that closed or cancelled the trade first."""
    event = Event.objects.filter(
        subject=subject_of(Decision, decision.id), name=names.DECISION_SUPERSEDED
    ).first()
    alert_id = json.loads(event.detail).get("by_alert_id") if event else None
    if alert_id is None:
        return Ending(f"{word}: {DECISION_REASONS.get(decision.reason, decision.reason)}")
    verbs = Decision.objects.filter(alert=alert_id).exclude(verb="entry").order_by("leg_no")
    verb = (verbs.values_list("verb", flat=True).first() or "later").replace("_", " ")
    href = reverse("admin:signals_alert_change", args=[alert_id])
    return Ending(f"{word} by the {verb} of the same trade:", href, f"alert {alert_id}")
