"""Reviews and the end of decisions: people approve or reject, time expires what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.text.actors import actor_of_user
from signals.errors import (
    AlreadyReviewed,
    DecisionExpired,
    DecisionNotFound,
    DecisionNotPending,
    NotOrderableNow,
    PreviewMissing,
    ReasonRequired,
    ReviewerUnknown,
    ShownDecisionChanged,
)
from signals.fusion import states
from signals.intake.reasons import REVIEW_REASONS
from signals.models import Decision, Preview, Review
from signals.selectors.decisions import decision_shown_sha256
from signals.services.approval_checks import approval_refusal

APPROVE: Final = "approve"
REJECT: Final = "reject"
NOTE_LENGTH_MAX: Final = 2000
EXPIRE_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class ReviewOutcome:
    """Where the decision stands after a review. Still pending means a second person is needed."""

    decision_id: int
    state: str
    approvals: int
    approvals_needed: int


def decision_approve(
    *, decision_id: int, reviewer_id: int, reason: str, note: str, shown_sha256: str
) -> ReviewOutcome:
    """Approve what was shown. The policy may ask for a second person before it counts.

    Raises DecisionNotFound, DecisionNotPending, DecisionExpired, ShownDecisionChanged,
    PreviewMissing, NotOrderableNow, ReasonRequired, AlreadyReviewed, ReviewerUnknown.
    """
    return _review(decision_id, reviewer_id, APPROVE, reason, note, shown_sha256)


def decision_reject(
    *, decision_id: int, reviewer_id: int, reason: str, note: str, shown_sha256: str
) -> ReviewOutcome:
    """Reject what was shown; one person is enough. Raises as `decision_approve` does."""
    return _review(decision_id, reviewer_id, REJECT, reason, note, shown_sha256)


@transaction.atomic
def decision_expire_due() -> int:
    """Expire entries whose `valid_until` has passed undecided. Returns how many."""
    moment = now()
    due = list(
        Decision.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(state__in=states.UNDECIDED, valid_until__lte=moment)
        .order_by("id")[:EXPIRE_BATCH]
    )
    return sum(decision_expire(decision=decision, moment=moment) for decision in due)


def decision_expire(*, decision: Decision, moment: datetime) -> bool:
    """Expire one undecided decision inside the caller's transaction; False where it moved on."""
    reason = "too_late" if decision.state == states.PROPOSED else "review_too_late"
    if not _move(decision, states.EXPIRED, reason, moment):
        return False
    _record(names.DECISION_EXPIRED, decision, "system", {"reason": reason})
    return True


@transaction.atomic
def _review(
    decision_id: int, reviewer_id: int, verdict: str, reason: str, note: str, shown_sha256: str
) -> ReviewOutcome:
    _check_reason(verdict, reason, note)
    if not get_user_model().objects.filter(id=reviewer_id, is_active=True, is_staff=True).exists():
        raise ReviewerUnknown(reviewer_id=reviewer_id)
    decision = _pending_lock(decision_id)
    moment = now()
    if decision.valid_until is not None and decision.valid_until <= moment:
        raise DecisionExpired(decision_id=decision_id, valid_until=decision.valid_until)
    if decision_shown_sha256(decision_id) != shown_sha256:
        raise ShownDecisionChanged(decision_id=decision_id)
    if verdict == APPROVE and not _is_shown_whole(decision):
        raise PreviewMissing(decision_id=decision_id)
    if verdict == APPROVE and (why := approval_refusal(decision)):
        raise NotOrderableNow(f"Nothing would be ordered now: {why}.", decision_id=decision_id)
    _review_store(decision, reviewer_id, verdict, reason, note, shown_sha256, moment)
    return _review_apply(decision, actor_of_user(reviewer_id), verdict, reason, moment)


def _is_shown_whole(decision: Decision) -> bool:
    """An entry is approved with the order that would come of it, never before that is known."""
    return decision.verb != "entry" or Preview.objects.filter(decision=decision).exists()


def _check_reason(verdict: str, reason: str, note: str) -> None:
    if reason not in REVIEW_REASONS[verdict]:
        raise ReasonRequired(f"Choose one of the reasons to {verdict}.")
    if reason == "other" and not note.strip():
        raise ReasonRequired("Write a note that says what the other reason is.")
    if len(note) > NOTE_LENGTH_MAX:
        raise ReasonRequired(f"Keep the note within {NOTE_LENGTH_MAX} characters.")


def _pending_lock(decision_id: int) -> Decision:
    decision = Decision.objects.select_for_update(no_key=True).filter(id=decision_id).first()
    if decision is None:
        raise DecisionNotFound(decision_id=decision_id)
    if decision.state != states.PENDING_REVIEW:
        raise DecisionNotPending(
            f"The decision is {decision.state} since {decision.decided_at:%Y-%m-%d %H:%M:%S} UTC."
            if decision.decided_at
            else f"The decision is {decision.state}.",
            decision_id=decision_id,
            state=decision.state,
        )
    return decision


def _review_store(
    decision: Decision,
    reviewer_id: int,
    verdict: str,
    reason: str,
    note: str,
    shown: str,
    moment: datetime,
) -> None:
    try:
        with transaction.atomic():
            review = Review.objects.create(
                decision=decision,
                reviewer_id=reviewer_id,
                verdict=verdict,
                reason=reason,
                note=note,
                shown_sha256=shown,
                created_at=moment,
            )
    except IntegrityError as error:
        raise AlreadyReviewed(decision_id=decision.id, reviewer_id=reviewer_id) from error
    detail = {"decision_id": decision.id, "reason": reason, "verdict": verdict}
    record(
        names.REVIEW_RECORDED,
        subject=subject_of(Review, review.id),
        trace_id=decision.trace_id,
        actor=actor_of_user(reviewer_id),
        detail=detail,
    )


def _review_apply(
    decision: Decision, actor: str, verdict: str, reason: str, moment: datetime
) -> ReviewOutcome:
    approvals = Review.objects.filter(decision=decision, verdict=APPROVE).count()
    needed = decision.reviews_needed or 1
    state = states.PENDING_REVIEW
    if verdict == REJECT:
        state, name, why = states.REJECTED, names.DECISION_REJECTED, "review_rejected"
    elif approvals >= needed:
        state, name, why = states.APPROVED, names.DECISION_APPROVED, "review_approved"
    if state != states.PENDING_REVIEW:
        if not _move(decision, state, why, moment):
            raise DecisionNotPending(decision_id=decision.id)
        _record(name, decision, actor, {"reason": why, "review_reason": reason})
    return ReviewOutcome(decision.id, state, approvals, needed)


def _move(decision: Decision, state: str, reason: str, moment: datetime) -> bool:
    """Change the state only from where we saw it; the changed row is the answer."""
    changed = Decision.objects.filter(id=decision.id, state=decision.state).update(
        state=state, reason=reason, decided_at=moment
    )
    return changed == 1


def _record(name: str, decision: Decision, actor: str, detail: dict[str, object]) -> None:
    record(
        name,
        subject=subject_of(Decision, decision.id),
        trace_id=decision.trace_id,
        actor=actor,
        detail={
            "alert_id": decision.alert_id,
            "leg_no": decision.leg_no,
            "verb": decision.verb,
            **detail,
        },
    )
