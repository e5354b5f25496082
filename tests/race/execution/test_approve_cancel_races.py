"""An entry is approved while its trade is cancelled: one outcome, and no order that stays."""

import json
import threading
from collections import Counter

import pytest
from django.test import Client

from execution.models import Order
from fusion_project.errors import DomainError
from signals.models import Decision
from signals.selectors.decisions import decision_shown_sha256
from signals.services.decisions import decision_approve
from tests.builders.pages import Flow, flow_make, signal_message
from tests.builders.people import staff_make

pytestmark = [pytest.mark.usefixtures("committed_db"), pytest.mark.long]
RACES = 200


@pytest.fixture
def flow(committed_db, run_handlers):
    return flow_make(
        run_handlers, approval="one", review_seconds=3_600, entries_per_minute_max=10_000
    )


def _cancel(flow: Flow, decision: Decision) -> int:
    """A cancel names its trade and no side."""
    named = {"trade": decision.trade_ref, "ref_id": decision.trade_ref}
    message = signal_message("cancel", **named, env=flow.desk.account.book)
    del message["side"]
    answer = Client().post(flow.webhook, json.dumps(message), content_type="text/plain")
    assert answer.status_code == 202, answer.content
    return answer.status_code


def _approve(decision: Decision, reviewer_id: int, sha256: str) -> str:
    try:
        decision_approve(
            decision_id=decision.pk,
            reviewer_id=reviewer_id,
            reason="within_plan",
            note="",
            shown_sha256=sha256,
        )
    except DomainError:
        return "refused"
    return "approved"


def test_two_hundred_races_of_approval_and_cancel_have_one_outcome_each(
    flow, run_handlers, in_threads
):
    trades = [flow.alert()["alert_id"] for _ in range(RACES)]
    run_handlers()
    pending = list(Decision.objects.filter(alert_id__in=trades, verb="entry").order_by("id"))
    assert {one.state for one in pending} == {"pending_review"}
    reviewer = staff_make("reviewer").pk
    shown = [decision_shown_sha256(one.pk) for one in pending]
    together = threading.Barrier(2)

    def work(number):
        said = []
        for decision, sha256 in zip(pending, shown, strict=True):
            together.wait(30)
            if number == 0:
                said.append(_approve(decision, reviewer, sha256))
            else:
                said.append(_cancel(flow, decision))
        return said

    approvals, cancels = in_threads(2, work)
    assert not isinstance(cancels, Exception), cancels
    assert not isinstance(approvals, Exception), approvals
    run_handlers()
    states = {one.pk: one.state for one in Decision.objects.filter(id__in=[d.pk for d in pending])}
    outcome = {one.pk: said for one, said in zip(pending, approvals, strict=True)}
    assert {(outcome[key], state) for key, state in states.items()} <= {
        ("approved", "approved"),
        ("refused", "superseded"),
    }
    orders = Order.objects.filter(decision__in=pending)
    per_decision = Counter(orders.values_list("decision_id", flat=True))
    assert set(per_decision.values()) <= {1}
    assert {one.decision_id for one in orders} == {
        key for key, state in states.items() if state == "approved"
    }
    assert set(orders.values_list("state", flat=True)) <= {"cancelled", "rejected"}
    assert flow.desk.poll().new_ids == frozenset()
