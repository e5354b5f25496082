"""Fusion of one entry leg: stored opinions in, engine run, decision and events in one go."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from signals.fusion import states
from signals.fusion.engines.registry import CURRENT
from signals.fusion.gating.rules import NAME as GATE_RULES
from signals.fusion.gating.rules import Gated, GateFact, gated
from signals.fusion.gating.settings import settings_read
from signals.fusion.inputs import (
    EngineInputs,
    EngineOpinion,
    Outcome,
    Policy,
    Rules,
    record_text,
)
from signals.intents.legs import Leg
from signals.lobes.registry import CALLING_NAMES
from signals.market.barriers import WAIT_MAX
from signals.models import Decision, FusionState, Opinion, Strategy
from signals.selectors.gates import gate_facts
from signals.selectors.learning import family_members, open_label_count, state_known
from signals.services.asking import ACTOR
from signals.services.code_version import code_version
from signals.services.decisions import decision_expire
from signals.trials.ending import reward_of_distances, risk_hint_bps

REVIEWS: Final = {"automatic": 0, "one": 1, "two": 2}
_CALLING_OUT: Final = frozenset(CALLING_NAMES)


@transaction.atomic
def decision_fuse(*, decision_id: int, opinions: Sequence[Opinion], is_away: bool = False) -> str:
    """Turn the lobes' opinions into a decision; return its state afterwards.

    `is_away`: nobody was there to ask the lobes that call out.

    An entry that is too late expires. One that an exit overtook meanwhile stays as it is. Fusing
    again changes nothing.
    """
    decision = Decision.objects.select_related("strategy__policy", "alert").get(id=decision_id)
    if decision.state != states.PROPOSED:
        return decision.state
    moment = now()
    if decision.valid_until is not None and decision.valid_until <= moment:
        decision_expire(decision=decision, moment=moment)
        return Decision.objects.values_list("state", flat=True).get(id=decision_id)
    stood = _state(decision)
    settings = settings_read(decision.strategy.policy.gates)
    facts = gate_facts(decision, settings)
    told = gated(settings, facts)
    inputs = _inputs(decision, opinions, stood, told, is_away=is_away)
    outcome = CURRENT.fuse(inputs)
    state, reason = _verdict(decision.strategy, outcome, told)
    context = _context(decision, opinions, stood, moment)
    if settings:
        context["gates"] = _gates_context(decision, facts)
    text = record_text(CURRENT.name, inputs, outcome, context)
    if not _store(decision, state, reason, outcome, text, moment):
        return Decision.objects.values_list("state", flat=True).get(id=decision_id)
    _record_all(decision, state, reason, outcome)
    return state


def _state(decision: Decision) -> FusionState | None:
    """What its family had learned before its alert came; None before the first label."""
    policy = decision.strategy.policy
    return state_known(
        policy.learns_as, policy.horizon_seconds, known_until=decision.alert.received_at
    )


def _inputs(
    decision: Decision,
    opinions: Sequence[Opinion],
    stood: FusionState | None,
    told: Gated,
    *,
    is_away: bool,
) -> EngineInputs:
    policy, leg = decision.strategy.policy, Leg.from_json(decision.leg)
    levels = leg.price_levels(decision.ref_price)
    return EngineInputs(
        policy=Policy(
            strategy=decision.strategy.slug,
            version=policy.version,
            approval=policy.approval,
            risk_bps=policy.risk_bps,
            payoff_r=policy.payoff_r,
            cost_r=policy.cost_r,
            margin_r=policy.margin_r,
        ),
        side=leg.side,
        risk_hint_bps=risk_hint_bps(leg),
        opinions=tuple(_engine_opinion(one) for one in opinions),
        gates=told.gates,
        risk_share=told.risk_share,
        entry_price=levels.entry,
        stop_price=levels.stop,
        target_price=levels.target,
        reward_to_risk=reward_of_distances(leg, decision.ref_price),
        rules=_rules(decision, is_away=is_away),
        state=None if stood is None else json.loads(stood.value),
    )


def _rules(decision: Decision, *, is_away: bool) -> Rules:
    policy, received_at = decision.strategy.policy, decision.alert.received_at
    since = received_at - timedelta(seconds=policy.horizon_seconds) - WAIT_MAX
    open_labels = open_label_count(family_members(decision.strategy), since=since)
    return Rules(
        labels_min=policy.labels_min,
        quorum=policy.quorum,
        outage=policy.outage,
        lobe_share_max=policy.lobe_share_max,
        miss_max=policy.miss_max,
        is_away=is_away,
        open_labels=open_labels,
    )


def _engine_opinion(opinion: Opinion) -> EngineOpinion:
    return EngineOpinion(
        lobe=opinion.lobe,
        version=opinion.lobe_version,
        status=opinion.status,
        p=opinion.p,
        evidence=opinion.evidence,
        eps=opinion.eps,
        weight=Decimal(1),
        calls_out=opinion.lobe in _CALLING_OUT,
    )


def _context(
    decision: Decision,
    opinions: Sequence[Opinion],
    stood: FusionState | None,
    moment: datetime,
) -> dict[str, Any]:
    """What the engine does not use but a reader must be able to check: who said what to what.

    Each answer's request holds the features that it went by, with their rows.
    """
    policy = decision.strategy.policy
    return {
        "clocks": {"received_at": decision.alert.received_at, "decided_at": moment},
        "code": code_version(),
        "learning": {
            "family": policy.learns_as,
            "horizon_seconds": policy.horizon_seconds,
            "state_id": None if stood is None else stood.id,
            "state_sha256": None if stood is None else stood.sha256,
        },
        "alert_id": decision.alert_id,
        "body_sha256": decision.alert.body_sha256,
        "leg_no": decision.leg_no,
        "leg": decision.leg,
        "answers": [
            {
                "lobe": one.lobe,
                "version": one.lobe_version,
                "request": one.request,
                "response": one.response,
                "reason": one.reason,
            }
            for one in opinions
        ],
    }


def _gates_context(decision: Decision, facts: Sequence[GateFact]) -> dict[str, Any]:
    """From this a replay judges the gates anew."""
    return {
        "rules": GATE_RULES,
        "settings": decision.strategy.policy.gates,
        "facts": [fact.to_dict() for fact in facts],
    }


def _verdict(strategy: Strategy, outcome: Outcome, told: Gated) -> tuple[str, str]:
    if not strategy.is_active:
        return states.ABSTAINED, "strategy_inactive"
    if outcome.reason == "gate_closed":
        # The decision says which one; the engine only knows that nothing is left.
        closed = (gate.reason for gate in told.gates if gate.factor <= 0)
        return states.ABSTAINED, next(closed, outcome.reason)
    if outcome.verdict == "abstain":
        return states.ABSTAINED, outcome.reason
    if outcome.verdict == "ask":
        return states.PENDING_REVIEW, outcome.reason
    if REVIEWS[strategy.policy.approval]:
        return states.PENDING_REVIEW, "review_pending"
    return states.APPROVED, outcome.reason


def _reviews_needed(strategy: Strategy, outcome: Outcome) -> int:
    return max(REVIEWS[strategy.policy.approval], int(outcome.verdict == "ask"))


def _store(
    decision: Decision, state: str, reason: str, outcome: Outcome, text: str, moment: datetime
) -> bool:
    changed = Decision.objects.filter(id=decision.id, state=states.PROPOSED).update(
        state=state,
        reason=reason,
        author=CURRENT.name,
        inputs=text,
        inputs_sha256=hashlib.sha256(text.encode()).hexdigest(),
        p_final=outcome.p_final,
        risk_bps=outcome.risk_bps,
        size_factor=outcome.size_factor,
        reviews_needed=_reviews_needed(decision.strategy, outcome),
        decided_at=None if state == states.PENDING_REVIEW else moment,
    )
    return changed == 1


def _record_all(decision: Decision, state: str, reason: str, outcome: Outcome) -> None:
    _record(
        names.DECISION_PROPOSED,
        decision,
        {
            "edge_r": outcome.edge_r,
            "has_stop": Leg.from_json(decision.leg).has_stop,
            "p_final": outcome.p_final,
            "risk_bps": outcome.risk_bps,
            "size_factor": outcome.size_factor,
            "state": state,
            "threshold": outcome.threshold,
        },
    )
    if state == states.APPROVED:
        _record(names.DECISION_APPROVED, decision, {"author": CURRENT.name, "reason": reason})
    elif state == states.ABSTAINED:
        _record(names.DECISION_ABSTAINED, decision, {"reason": reason})


def _record(name: str, decision: Decision, detail: dict[str, object]) -> None:
    record(
        name,
        subject=subject_of(Decision, decision.id),
        trace_id=decision.trace_id,
        actor=ACTOR,
        detail={
            "alert_id": decision.alert_id,
            "leg_no": decision.leg_no,
            "verb": decision.verb,
            **detail,
        },
    )
