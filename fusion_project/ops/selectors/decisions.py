"""Decisions for the people who review them: the list, and everything one review page shows."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from execution.selectors.outcomes import OrderOutcome, order_outcome, outcomes_of
from fusion_project.text.formats import percent, places, plain_number, seconds_between
from signals.fusion.scoring.disagreement import disagreement_told
from signals.fusion.states import DECISION_STATES
from signals.intents.words import NO_STOP
from signals.lobes.basis import chance_basis, chance_facts
from signals.lobes.outside.told import framings_words
from signals.models import Decision, Opinion, Review
from signals.selectors.decisions import risk_words

LIST_MAX = 100
PENDING = "pending_review"
STATES = (PENDING, *(state for state in DECISION_STATES if state != PENDING), "all")


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One line of the list; `left_seconds` until the entry lapses, negative when it has."""

    decision: Decision
    age_seconds: Decimal
    left_seconds: Decimal | None
    lobes: str
    lacks_stop: bool
    became: str
    is_prior_alone: bool


@dataclass(frozen=True, slots=True)
class OpinionFacts:
    """What a lobe said, and a model's two answers in words."""

    opinion: Opinion
    framings: str


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """Everything a reviewer is shown about one decision."""

    decision: Decision
    leg: dict[str, Any]
    risk: str
    asked: list[tuple[str, str]]
    chances: list[tuple[str, str]]
    opinions: list[OpinionFacts]
    reviews: list[Review]
    orders: list[OrderOutcome]
    became: str
    alert_intent: str
    inputs: str
    left_seconds: Decimal | None
    next_pending_id: int | None
    previous_pending_id: int | None


def decision_rows(*, state: str, strategy: str, instrument: str, at: datetime) -> list[DecisionRow]:
    """At most LIST_MAX rows: pending ones by nearest expiry, others newest first."""
    rows: QuerySet[Decision] = Decision.objects.select_related("strategy")
    if state != "all":
        rows = rows.filter(state=state)
    if strategy:
        rows = rows.filter(strategy__slug=strategy)
    if instrument:
        rows = rows.filter(instrument=instrument.upper())
    order = ("valid_until", "id") if state == PENDING else ("-id",)
    found = list(rows.order_by(*order)[:LIST_MAX])
    splits, became = _lobe_splits(found), outcomes_of(found)
    return [
        DecisionRow(
            decision=one,
            age_seconds=seconds_between(one.created_at, at),
            left_seconds=_left(one, at),
            lobes=splits.get((one.alert_id, one.leg_no), ""),
            lacks_stop=risk_words(one) == NO_STOP,
            became=became[one.id],
            is_prior_alone=_is_prior_alone(one),
        )
        for one in found
    ]


def decision_facts(*, decision_id: int, at: datetime) -> DecisionFacts | None:
    """All facts of one decision, or None where there is no such decision."""
    decision = (
        Decision.objects.select_related("strategy__policy", "alert").filter(id=decision_id).first()
    )
    if decision is None:
        return None
    leg = json.loads(decision.leg)
    before, after = _neighbours(decision)
    return DecisionFacts(
        decision=decision,
        leg=leg,
        risk=risk_words(decision),
        asked=_asked(leg),
        chances=[
            *chance_facts(decision.p_final, chance_basis(decision.inputs)),
            *_disagreement(decision.inputs),
        ],
        opinions=[
            OpinionFacts(one, framings_words(one.response))
            for one in Opinion.objects.filter(alert=decision.alert_id, leg_no=decision.leg_no)
        ],
        reviews=list(Review.objects.filter(decision=decision).select_related("reviewer")),
        orders=[
            order_outcome(one) for one in decision.orders.select_related("account").order_by("id")
        ],
        became=outcomes_of([decision])[decision.id],
        alert_intent=_pretty(decision.alert.intent),
        inputs=_pretty(decision.inputs) if decision.inputs else "",
        left_seconds=_left(decision, at),
        next_pending_id=after,
        previous_pending_id=before,
    )


def _disagreement(inputs: str | None) -> list[tuple[str, str]]:
    """How far the lobes that were awake are apart; nothing for fewer than two."""
    index = disagreement_told(inputs)
    if index is None:
        return []
    told = places(Decimal(str(index)), 3)
    return [("Disagreement", f"{told} (0: all say the same; 1: half are sure of each outcome)")]


def _is_prior_alone(decision: Decision) -> bool:
    basis = chance_basis(decision.inputs)
    return basis is not None and basis.is_prior_alone


def _left(decision: Decision, at: datetime) -> Decimal | None:
    return seconds_between(at, decision.valid_until) if decision.valid_until else None


def _lobe_splits(decisions: list[Decision]) -> dict[tuple[int, int], str]:
    """ "2 of 3 above one half" for each (alert, leg); sleeping and failed lobes do not count."""
    votes: dict[tuple[int, int], list[bool]] = {}
    awake = Opinion.objects.filter(alert__in=[one.alert_id for one in decisions], status="awake")
    for alert_id, leg_no, p in awake.values_list("alert_id", "leg_no", "p"):
        votes.setdefault((alert_id, leg_no), []).append(p is not None and p > Decimal("0.5"))
    return {key: f"{sum(found)} of {len(found)}" for key, found in votes.items()}


def _neighbours(decision: Decision) -> tuple[int | None, int | None]:
    """The pending decisions before and after this one, by nearest expiry."""
    pending = Decision.objects.filter(state=PENDING).exclude(id=decision.id)
    if decision.valid_until is None:
        first = pending.order_by("valid_until", "id").values_list("id", flat=True).first()
        return None, first
    same = Q(valid_until=decision.valid_until)
    later = pending.filter(Q(valid_until__gt=decision.valid_until) | same & Q(id__gt=decision.id))
    sooner = pending.filter(Q(valid_until__lt=decision.valid_until) | same & Q(id__lt=decision.id))
    return (
        sooner.order_by("-valid_until", "-id").values_list("id", flat=True).first(),
        later.order_by("valid_until", "id").values_list("id", flat=True).first(),
    )


def _asked(leg: dict[str, Any]) -> list[tuple[str, str]]:
    """What the alert asks for, in words; absent members are left out."""
    rows = [("Symbol as sent", leg["symbol_raw"]), ("Order type", leg["order_type"])]
    for key, label in (("limit_price", "Limit price"), ("stop_price", "Stop price")):
        if leg.get(key) is not None:
            rows.append((label, plain_number(Decimal(str(leg[key])))))
    rows.append(("Size", _pair(leg.get("size"), "mode") or "not named: by risk"))
    for key, label in (("sl", "Stop loss"), ("tp", "Take profit")):
        rows.append((label, _pair(leg.get(key), "kind") or "none"))
    if leg.get("close_pct") is not None:
        rows.append(("Share to close", percent(Decimal(str(leg["close_pct"])))))
    return rows


def _pair(value: dict[str, Any] | None, key: str) -> str:
    if not value:
        return ""
    amount = value.get("value")
    word = str(value.get(key, ""))
    if amount is None:
        return word
    text = plain_number(Decimal(str(amount)))
    return text if word == "price" else f"{text} {word.replace('_', ' ')}"


def _pretty(text: str) -> str:
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False, sort_keys=True)
