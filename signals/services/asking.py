"""Asks the lobes about an entry leg; each opinion is stored when it arrives, and asked for once.

A lobe that fails is an answer too, never an exception.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from django.db import IntegrityError, transaction

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.text.actors import actor_of_handler
from signals.lobes.answers import answer_checked, answer_failed, asked_as
from signals.lobes.base import CallingLobe, Lobe, LobeAnswer, Question
from signals.lobes.registry import LOBES
from signals.models import Alert, Opinion
from signals.selectors.questions import asking_list
from signals.services.models_asked import CALLING_LOBES

logger = logging.getLogger("fusion.lobes")

ACTOR: Final = actor_of_handler("signals.fuse_alert")


@dataclass(frozen=True, slots=True)
class Asked:
    """An entry leg with what the lobes of the database said of it.

    `calls_out`: the policy asks lobes that call out as well, and one of them is awake.
    """

    decision_id: int
    opinions: list[Opinion]
    calls_out: bool


def alert_ask(*, alert_id: int) -> list[Asked]:
    """Ask every lobe of the database about each undecided entry leg.

    To be called outside any transaction: each opinion is committed as it arrives.
    """
    return [
        Asked(
            decision_id=one.decision_id,
            opinions=[*lobes_ask(question=one.question), *sleepers_tell(question=one.question)],
            calls_out=bool(calling_lobes_for(one.question)),
        )
        for one in asking_list(alert_id=alert_id)
    ]


def calling_lobes_for(question: Question) -> list[CallingLobe]:
    """Return the lobes that call out, can be asked here, and that the policy asks."""
    return [one for one in CALLING_LOBES if question.asks(one.name) and not one.asleep_because()]


def sleepers_tell(*, question: Question) -> list[Opinion]:
    """Store, once, why those cannot be asked that the policy asks by their name."""
    sleepers = [one for one in CALLING_LOBES if one.name in question.lobes and one.asleep_because()]
    if not sleepers:
        return []
    stored = _opinions(question)
    for lobe in sleepers:
        if (lobe.name, lobe.version) not in stored:
            answer = LobeAnswer(
                lobe=lobe.name, version=lobe.version, status="asleep", reason=lobe.asleep_because()
            )
            opinion_store(question, answer, 0)
    stored = _opinions(question)
    return [stored[one.name, one.version] for one in sleepers]


def call_out_await(*, alert_id: int) -> None:
    """Leave an alert's entries to the process that asks the lobes that call out."""
    alert = Alert.objects.get(id=alert_id)
    record(
        names.OPINIONS_AWAITED,
        subject=subject_of(Alert, alert.id),
        trace_id=alert.trace_id,
        actor=ACTOR,
        detail={},
    )


def lobes_ask(*, question: Question, lobes: Sequence[Lobe] | None = None) -> list[Opinion]:
    """Return one stored opinion for each lobe, in their order; those that have one are not asked.

    `lobes`: by default those of the registry that the policy asks.
    """
    asked = [one for one in LOBES if question.asks(one.name)] if lobes is None else lobes
    stored = _opinions(question)
    waiting = [one for one in asked if (one.name, one.version) not in stored]
    for lobe in waiting:
        started = time.monotonic()
        answer = _answer(lobe, question)
        opinion_store(question, answer, int((time.monotonic() - started) * 1000))
    if waiting:
        # Read back, so that a decision is made from what is stored, whichever try stored it.
        stored = _opinions(question)
    return [stored[lobe.name, lobe.version] for lobe in asked]


def lobes_said(*, question: Question) -> list[Opinion] | None:
    """Return what the lobes of the database have said, in their order; None where one has not."""
    asked = [one for one in LOBES if question.asks(one.name)]
    stored = _opinions(question)
    if any((one.name, one.version) not in stored for one in asked):
        return None
    return [stored[one.name, one.version] for one in asked]


def _opinions(question: Question) -> dict[tuple[str, str], Opinion]:
    rows = Opinion.objects.filter(alert_id=question.alert_id, leg_no=question.leg_no)
    return {(row.lobe, row.lobe_version): row for row in rows}


def _answer(lobe: Lobe, question: Question) -> LobeAnswer:
    try:
        return answer_checked(lobe, lobe.answer(question))
    except Exception as error:
        logger.warning("lobe failed", extra={"lobe": lobe.name, "error": type(error).__name__})
        return answer_failed(lobe, error)


def opinion_of(question: Question, lobe: CallingLobe) -> Opinion | None:
    """Return what a lobe that calls out has said, whichever of its kind said it; None: nothing."""
    rows = Opinion.objects.filter(
        alert_id=question.alert_id, leg_no=question.leg_no, lobe=lobe.name
    )
    asked = asked_as(lobe.version)
    return next((row for row in rows if asked_as(row.lobe_version) == asked), None)


def opinions_said(question: Question, lobes: Sequence[CallingLobe]) -> list[Opinion]:
    """Return one opinion for each of these lobes that call out; one without an answer is late."""
    said: dict[tuple[str, str], Opinion] = {}
    rows = Opinion.objects.filter(alert_id=question.alert_id, leg_no=question.leg_no)
    for row in rows.order_by("id"):
        said.setdefault((row.lobe, asked_as(row.lobe_version)), row)
    return [
        said.get((lobe.name, asked_as(lobe.version))) or opinion_absent(question, lobe)
        for lobe in lobes
    ]


def opinion_absent(question: Question, lobe: CallingLobe) -> Opinion:
    """Return what a decision records of a lobe that had not answered; it is stored when it does."""
    return Opinion(
        alert_id=question.alert_id,
        leg_no=question.leg_no,
        lobe=lobe.name,
        lobe_version=lobe.version,
        status="late",
        evidence=Decimal(0),
        eps=Decimal("0.01"),
        reason="no_answer_in_time",
    )


def opinion_store(
    question: Question, answer: LobeAnswer, latency_ms: int, *, is_late: bool = False
) -> None:
    """Store it with its event; where another worker's came first, that one stays.

    `is_late`: it came after the decision's deadline, and counts for the score alone.
    """
    if is_late and answer.status == "awake":
        answer = replace(answer, status="late")
    try:
        with transaction.atomic():
            opinion = Opinion.objects.create(
                alert_id=question.alert_id,
                leg_no=question.leg_no,
                lobe=answer.lobe,
                lobe_version=answer.version,
                status=answer.status,
                p=answer.p,
                evidence=answer.evidence,
                eps=answer.eps,
                reason=answer.reason,
                request=answer.request,
                response=answer.response,
                latency_ms=latency_ms,
                cost_usd=answer.cost_usd,
                created_at=now(),
            )
            _record(question, opinion)
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if constraint != "signals_opinion_once":
            raise


def _record(question: Question, opinion: Opinion) -> None:
    has_failed = opinion.status in ("failed", "late")
    record(
        names.LOBE_FAILED if has_failed else names.OPINION_RECEIVED,
        subject=subject_of(Opinion, opinion.id),
        trace_id=opinion.alert.trace_id,
        actor=ACTOR,
        detail={
            "alert_id": question.alert_id,
            "leg_no": question.leg_no,
            "lobe": opinion.lobe,
            "version": opinion.lobe_version,
            "p": opinion.p,
            "reason": opinion.reason,
            "status": opinion.status,
        },
    )
