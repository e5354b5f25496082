"""Asks the lobes about an entry leg; each opinion is stored when it arrives, and asked for once.

A lobe that fails is an answer too, never an exception.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Final

from django.db import IntegrityError, transaction

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.text.actors import actor_of_handler
from signals.lobes.answers import answer_checked, answer_failed
from signals.lobes.base import Lobe, LobeAnswer, Question
from signals.lobes.registry import LOBES
from signals.models import Opinion
from signals.selectors.questions import question_list

logger = logging.getLogger("fusion.lobes")

ACTOR: Final = actor_of_handler("signals.fuse_alert")


def alert_ask(*, alert_id: int) -> list[tuple[int, list[Opinion]]]:
    """Ask every lobe about each undecided entry leg; return (decision id, opinions) of each.

    To be called outside any transaction: each opinion is committed as it arrives.
    """
    return [
        (decision_id, lobes_ask(question=question))
        for decision_id, question in question_list(alert_id=alert_id)
    ]


def lobes_ask(*, question: Question, lobes: Sequence[Lobe] | None = None) -> list[Opinion]:
    """Return one stored opinion for each lobe, in their order; those that have one are not asked.

    `lobes`: by default all of the registry.
    """
    asked = LOBES if lobes is None else lobes
    known = _opinions(question)
    for lobe in asked:
        if (lobe.name, lobe.version) not in known:
            started = time.monotonic()
            answer = _answer(lobe, question)
            _opinion_store(question, answer, int((time.monotonic() - started) * 1000))
    # Read back, so that a decision is made from what is stored, whichever try stored it.
    stored = _opinions(question)
    return [stored[lobe.name, lobe.version] for lobe in asked]


def _opinions(question: Question) -> dict[tuple[str, str], Opinion]:
    rows = Opinion.objects.filter(alert_id=question.alert_id, leg_no=question.leg_no)
    return {(row.lobe, row.lobe_version): row for row in rows}


def _answer(lobe: Lobe, question: Question) -> LobeAnswer:
    try:
        return answer_checked(lobe, lobe.answer(question))
    except Exception as error:
        logger.warning("lobe failed", extra={"lobe": lobe.name, "error": type(error).__name__})
        return answer_failed(lobe, error)


def _opinion_store(question: Question, answer: LobeAnswer, latency_ms: int) -> None:
    """Store it with its event; where another worker's came first, that one stays."""
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
            "reason": opinion.reason,
            "status": opinion.status,
        },
    )
