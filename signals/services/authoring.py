"""Fusion authors a decision: opinions in, engine run, decision, opinions and events in one go."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from signals.fusion import states
from signals.fusion.engine import ENGINE, decide
from signals.fusion.inputs import EngineInputs, Opinion, Outcome, Policy, record_text
from signals.intents.legs import Leg
from signals.lobes.base import Answer
from signals.models import Decision, LobeWeight, Strategy
from signals.models import Opinion as OpinionRow
from signals.services.decisions import decision_expire

REVIEWS: Final = {"automatic": 0, "one": 1, "two": 2}


@transaction.atomic
def decision_author(*, decision_id: int, answers: Sequence[Answer]) -> str:
    """Turn the lobes' answers into a decision; return its state afterwards.

    An entry that is too late expires. One that an exit overtook meanwhile stays as it is: nothing
    is stored for it. Authoring again changes nothing.
    """
    decision = Decision.objects.select_related("strategy", "alert").get(id=decision_id)
    if decision.state != states.PROPOSED:
        return decision.state
    moment = now()
    if decision.valid_until is not None and decision.valid_until <= moment:
        decision_expire(decision=decision, moment=moment)
        return Decision.objects.values_list("state", flat=True).get(id=decision_id)
    inputs = _inputs(decision, answers)
    outcome = decide(inputs)
    state, reason = _verdict(decision.strategy, outcome)
    text = record_text(ENGINE, inputs, outcome, _context(decision, answers))
    if not _store(decision, state, reason, outcome, text, moment):
        return Decision.objects.values_list("state", flat=True).get(id=decision_id)
    _opinions_store(decision, answers, moment)
    _record_all(decision, state, reason, outcome)
    return state


def _inputs(decision: Decision, answers: Sequence[Answer]) -> EngineInputs:
    strategy, leg = decision.strategy, Leg.from_json(decision.leg)
    levels = leg.price_levels(decision.ref_price)
    weights = {(w.lobe, w.lobe_version): w.weight for w in LobeWeight.objects.all()}
    return EngineInputs(
        policy=Policy(
            strategy=strategy.slug,
            version=strategy.version,
            approval=strategy.approval,
            risk_bps=strategy.risk_bps,
            payoff_r=strategy.payoff_r,
            cost_r=strategy.cost_r,
            margin_r=strategy.margin_r,
        ),
        side=leg.side,
        risk_hint_bps=_risk_hint_bps(leg),
        opinions=tuple(_engine_opinion(answer, weights) for answer in answers),
        entry_price=levels.entry,
        stop_price=levels.stop,
        target_price=levels.target,
    )


def _engine_opinion(answer: Answer, weights: Mapping[tuple[str, str], Decimal]) -> Opinion:
    return Opinion(
        lobe=answer.lobe,
        version=answer.version,
        status=answer.status,
        p=answer.p,
        evidence=answer.evidence,
        eps=answer.eps,
        weight=weights.get((answer.lobe, answer.version), Decimal(1)),
    )


def _risk_hint_bps(leg: Leg) -> int | None:
    """The sender may ask for less than the policy allows; other size modes wait for execution."""
    if leg.size is None or leg.size.mode != "risk_pct":
        return None
    return int(leg.size.value * 100)


def _context(decision: Decision, answers: Sequence[Answer]) -> dict[str, Any]:
    """What the engine does not use but a reader must be able to check: who said what to what."""
    return {
        "alert_id": decision.alert_id,
        "body_sha256": decision.alert.body_sha256,
        "leg_no": decision.leg_no,
        "leg": decision.leg,
        "answers": [
            {
                "lobe": a.lobe,
                "version": a.version,
                "request": a.request,
                "response": a.response,
                "reason": a.reason,
            }
            for a in answers
        ],
    }


def _verdict(strategy: Strategy, outcome: Outcome) -> tuple[str, str]:
    if not strategy.is_active:
        return states.ABSTAINED, "strategy_inactive"
    if outcome.verdict != "trade":
        return states.ABSTAINED, outcome.reason
    if REVIEWS[strategy.approval]:
        return states.PENDING_REVIEW, "review_pending"
    return states.APPROVED, outcome.reason


def _store(
    decision: Decision, state: str, reason: str, outcome: Outcome, text: str, moment: datetime
) -> bool:
    changed = Decision.objects.filter(id=decision.id, state=states.PROPOSED).update(
        state=state,
        reason=reason,
        author=ENGINE,
        inputs=text,
        inputs_sha256=hashlib.sha256(text.encode()).hexdigest(),
        p_final=outcome.p_final,
        risk_bps=outcome.risk_bps,
        size_factor=outcome.size_factor,
        reviews_needed=REVIEWS[decision.strategy.approval],
        decided_at=None if state == states.PENDING_REVIEW else moment,
    )
    return changed == 1


def _opinions_store(decision: Decision, answers: Sequence[Answer], moment: datetime) -> None:
    OpinionRow.objects.bulk_create(
        OpinionRow(
            alert_id=decision.alert_id,
            leg_no=decision.leg_no,
            lobe=answer.lobe,
            lobe_version=answer.version,
            status=answer.status,
            p=answer.p,
            evidence=answer.evidence,
            reason=answer.reason,
            request=answer.request,
            response=answer.response,
            latency_ms=answer.latency_ms,
            created_at=moment,
        )
        for answer in answers
    )
    for answer in answers:
        if answer.status == "failed":
            _record(names.LOBE_FAILED, decision, {"lobe": answer.lobe, "reason": answer.reason})


def _record_all(decision: Decision, state: str, reason: str, outcome: Outcome) -> None:
    _record(
        names.DECISION_PROPOSED,
        decision,
        {
            "edge_r": outcome.edge_r,
            "p_final": outcome.p_final,
            "risk_bps": outcome.risk_bps,
            "size_factor": outcome.size_factor,
            "state": state,
            "threshold": outcome.threshold,
        },
    )
    if state == states.APPROVED:
        _record(names.DECISION_APPROVED, decision, {"author": ENGINE, "reason": reason})
    elif state == states.ABSTAINED:
        _record(names.DECISION_ABSTAINED, decision, {"reason": reason})


def _record(name: str, decision: Decision, detail: dict[str, object]) -> None:
    record(
        name,
        subject=subject_of(Decision, decision.id),
        trace_id=decision.trace_id,
        actor="handler:signals.fuse_alert",
        detail={
            "alert_id": decision.alert_id,
            "leg_no": decision.leg_no,
            "verb": decision.event,
            **detail,
        },
    )
