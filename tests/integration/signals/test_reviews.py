"""People approve or reject exactly what they saw, in time, with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from fusion_project.events.models import Event
from signals.errors import (
    AlreadyReviewed,
    DecisionExpired,
    DecisionNotFound,
    DecisionNotPending,
    ReasonRequired,
    ReviewerUnknown,
    ShownDecisionChanged,
)
from signals.intake.reasons import REVIEW_REASONS
from signals.models import Decision, Review
from signals.selectors.decisions import decision_shown_sha256
from signals.services.decisions import decision_approve, decision_expire_due, decision_reject
from tests.builders.signals import entry_decided, exit_received, strategy_built


@pytest.fixture
def reviewer(db: None) -> User:
    return User.objects.create_user("reviewer", is_staff=True)


@pytest.fixture
def second_reviewer(db: None) -> User:
    return User.objects.create_user("second_reviewer", is_staff=True)


@pytest.fixture
def pending(db: None, clock: Any) -> Decision:
    return entry_decided(strategy_built(approval="one"))


def ask(decision: Decision, person: User, **changes: Any) -> dict[str, Any]:
    return {
        "decision_id": decision.id,
        "reviewer_id": person.id,
        "reason": "checked_chart",
        "note": "",
        "shown_sha256": decision_shown_sha256(decision.id),
        **changes,
    }


def test_an_approval_is_recorded_and_approves(pending: Decision, reviewer: User) -> None:
    outcome = decision_approve(**ask(pending, reviewer, note="looks right"))
    pending.refresh_from_db()
    review = Review.objects.get()
    assert (outcome.state, pending.state, pending.reason) == (
        "approved",
        "approved",
        "review_approved",
    )
    assert (review.verdict, review.reason, review.note) == (
        "approve",
        "checked_chart",
        "looks right",
    )
    assert pending.decided_at == review.created_at
    last = list(Event.objects.order_by("-id")[:2])
    assert [event.name for event in last] == ["decision.approved", "review.recorded"]
    assert {event.actor for event in last} == {f"user:{reviewer.id}"}
    assert {event.trace_id for event in last} == {pending.trace_id}


def test_a_rejection_ends_the_decision(pending: Decision, reviewer: User) -> None:
    assert decision_reject(**ask(pending, reviewer, reason="price_moved")).state == "rejected"
    pending.refresh_from_db()
    assert (pending.state, pending.is_live) == ("rejected", False)
    assert Event.objects.latest("id").name == "decision.rejected"


def test_two_different_people_are_needed_where_the_policy_says_two(
    reviewer: User, second_reviewer: User
) -> None:
    decision = entry_decided(strategy_built(approval="two"))
    first = decision_approve(**ask(decision, reviewer))
    assert (first.state, first.approvals, first.approvals_needed) == ("pending_review", 1, 2)
    with pytest.raises(AlreadyReviewed):
        decision_approve(**ask(decision, reviewer))
    assert decision_approve(**ask(decision, second_reviewer)).state == "approved"


def test_one_rejection_is_enough_after_an_approval(reviewer: User, second_reviewer: User) -> None:
    decision = entry_decided(strategy_built(approval="two"))
    decision_approve(**ask(decision, reviewer))
    rejection = ask(decision, second_reviewer, reason="doubt_data")
    assert decision_reject(**rejection).state == "rejected"


@pytest.mark.parametrize("review", [decision_approve, decision_reject])
def test_a_late_review_is_refused(
    pending: Decision, reviewer: User, clock: Any, review: Callable[..., Any]
) -> None:
    asked = ask(pending, reviewer, reason="other", note="late")
    clock.advance(seconds=900)
    with pytest.raises(DecisionExpired):
        review(**asked)
    assert not Review.objects.exists()
    assert decision_expire_due() == 1
    pending.refresh_from_db()
    assert (pending.state, pending.reason) == ("expired", "review_too_late")
    with pytest.raises(DecisionNotPending) as refused:
        review(**asked)
    assert refused.value.detail["state"] == "expired"


def test_only_what_was_shown_can_be_approved(pending: Decision, reviewer: User) -> None:
    other = entry_decided(strategy_built("other", approval="one"))
    with pytest.raises(ShownDecisionChanged):
        decision_approve(**ask(pending, reviewer, shown_sha256=decision_shown_sha256(other.id)))
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("reason", "note"), [("", ""), ("because", ""), ("other", "  "), ("other", "x" * 2001)]
)
def test_a_review_needs_a_documented_reason(
    pending: Decision, reviewer: User, reason: str, note: str
) -> None:
    with pytest.raises(ReasonRequired):
        decision_reject(**ask(pending, reviewer, reason=reason, note=note))


@pytest.mark.parametrize(
    ("review", "reason"), [(decision_approve, "price_moved"), (decision_reject, "within_plan")]
)
def test_each_verdict_has_reasons_of_its_own(
    pending: Decision, reviewer: User, review: Callable[..., Any], reason: str
) -> None:
    with pytest.raises(ReasonRequired, match="Choose one of the reasons to"):
        review(**ask(pending, reviewer, reason=reason))
    assert not Review.objects.exists()


@pytest.mark.parametrize(("verdict", "other"), [("approve", "reject"), ("reject", "approve")])
def test_the_table_takes_the_reasons_of_the_verdict_and_no_others(
    pending: Decision, reviewer: User, verdict: str, other: str
) -> None:
    facts = {
        "decision": pending,
        "reviewer": reviewer,
        "verdict": verdict,
        "note": "n",
        "shown_sha256": "",
        "created_at": pending.created_at,
    }
    for reason in REVIEW_REASONS[verdict]:
        with transaction.atomic():
            Review.objects.create(reason=reason, **facts)
            transaction.set_rollback(True)
    for reason in {*REVIEW_REASONS[other], "because"} - {*REVIEW_REASONS[verdict]}:
        with (
            pytest.raises(IntegrityError, match="signals_review_reason_fits_verdict"),
            transaction.atomic(),
        ):
            Review.objects.create(reason=reason, **facts)


def test_strangers_and_former_staff_cannot_review(pending: Decision) -> None:
    stranger = User.objects.create_user("stranger")
    former = User.objects.create_user("former", is_staff=True, is_active=False)
    for person in (stranger, former):
        with pytest.raises(ReviewerUnknown):
            decision_approve(**ask(pending, person))


def test_what_is_not_pending_says_what_it_is(pending: Decision, reviewer: User) -> None:
    asked = ask(pending, reviewer)
    exit_received(strategy_of(pending), pending.trade_ref)
    with pytest.raises(DecisionNotPending) as refused:
        decision_approve(**asked)
    assert refused.value.detail["state"] == "superseded"
    assert "superseded since" in str(refused.value)


def strategy_of(decision: Decision) -> Any:
    from signals.services.strategies import strategy_secret_issue
    from tests.builders.signals import BuiltStrategy

    issued = strategy_secret_issue(strategy_id=decision.strategy_id, actor="system")
    return BuiltStrategy(decision.strategy, issued.secret, issued.path)


def test_a_decision_that_does_not_exist_is_named_so(reviewer: User) -> None:
    with pytest.raises(DecisionNotFound):
        decision_approve(
            decision_id=0, reviewer_id=reviewer.id, reason="other", note="x", shown_sha256=""
        )
    with pytest.raises(DecisionNotFound):
        decision_shown_sha256(0)


def test_expiry_takes_only_what_is_due(pending: Decision, clock: Any) -> None:
    soon = entry_decided(strategy_built("soon", approval="one", review_seconds=10))
    clock.advance(seconds=11)
    assert decision_expire_due() == 1
    assert decision_expire_due() == 0
    soon.refresh_from_db()
    pending.refresh_from_db()
    assert (soon.state, pending.state) == ("expired", "pending_review")
    assert Event.objects.latest("id").name == "decision.expired"


def test_the_table_refuses_an_approval_without_its_reviews(
    pending: Decision, reviewer: User
) -> None:
    with pytest.raises(IntegrityError, match="0 of 1 reviews"), transaction.atomic():
        Decision.objects.filter(id=pending.id).update(state="approved")


def test_the_table_refuses_an_approval_after_its_time(pending: Decision, clock: Any) -> None:
    clock.advance(seconds=902)
    with pytest.raises(IntegrityError, match="time is over"), transaction.atomic():
        Decision.objects.filter(id=pending.id).update(state="approved")


def test_the_table_refuses_a_second_review_by_the_same_person(
    pending: Decision, reviewer: User
) -> None:
    facts = {
        "decision": pending,
        "reviewer": reviewer,
        "verdict": "approve",
        "reason": "other",
        "shown_sha256": "",
        "created_at": pending.created_at,
    }
    Review.objects.create(**facts)
    with pytest.raises(IntegrityError, match="signals_review_one_per_person"), transaction.atomic():
        Review.objects.create(**facts)
