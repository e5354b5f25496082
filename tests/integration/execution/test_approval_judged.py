"""Approving judges again: drift, exposure, equity and its age, by what is known at that moment."""

from datetime import timedelta
from decimal import Decimal

import pytest

from execution.models import BrokerAccount
from fusion_project.events.clock import now
from signals.errors import NotOrderableNow
from signals.models import Review
from signals.selectors.decisions import decision_shown_sha256
from signals.services.decisions import decision_approve, decision_reject
from tests.builders.execution import account_follow, account_set
from tests.builders.pages import client_of, flow_make, staff_make
from tests.builders.risk import limit_set, quote_tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow(run_handlers):
    made = flow_make(run_handlers, approval="one")
    BrokerAccount.objects.filter(id=made.desk.account.id).update(instance_minor=2)
    quote_tell(made.desk.account, "1.10000", "1.10000")
    return made


def review(decision, verdict=decision_approve, reason="checked_chart"):
    return verdict(
        decision_id=decision.id,
        reviewer_id=staff_make("reviewer").pk,
        reason=reason,
        note="",
        shown_sha256=decision_shown_sha256(decision.id),
    )


def _drift(desk) -> None:
    quote_tell(desk.account, "1.13000", "1.13000")


def _old_quote(desk) -> None:
    quote_tell(desk.account, "1.10000", "1.10000", quoted_at=now() - timedelta(minutes=5))


def _exposure(desk) -> None:
    account_set(desk.account, open_lots_max=Decimal("0.001"))


def _equity(desk) -> None:
    BrokerAccount.objects.filter(id=desk.account.id).update(equity=Decimal(10))


def _old_equity(desk) -> None:
    limit_set(desk, equity_age_seconds_max=120)
    BrokerAccount.objects.filter(id=desk.account.id).update(
        heartbeat_at=now() - timedelta(minutes=5)
    )


@pytest.mark.parametrize(
    ("arrange", "reason"),
    [
        (_drift, "price_too_far"),
        (_old_quote, "quote_too_old"),
        (_exposure, "exposure_limit"),
        (_equity, "below_lot_min"),
        (_old_equity, "equity_too_old"),
    ],
)
def test_what_no_account_would_take_now_is_not_approved(flow, arrange, reason) -> None:
    decision = flow.decided()
    arrange(flow.desk)
    with pytest.raises(NotOrderableNow, match=reason):
        review(decision)
    assert not Review.objects.exists()
    decision.refresh_from_db()
    assert decision.state == "pending_review"


def test_it_is_approved_once_the_reason_is_gone(flow) -> None:
    decision = flow.decided()
    _drift(flow.desk)
    with pytest.raises(NotOrderableNow):
        review(decision)
    quote_tell(flow.desk.account, "1.10010", "1.10010")
    assert review(decision).state == "approved"


def test_one_account_that_takes_it_is_enough(flow) -> None:
    account_follow(flow.strategy)
    decision = flow.decided()
    _drift(flow.desk)
    assert review(decision).state == "approved"


def test_a_rejection_asks_nothing(flow) -> None:
    decision = flow.decided()
    _drift(flow.desk)
    assert review(decision, decision_reject, "price_moved").state == "rejected"


def test_the_page_says_why(flow) -> None:
    decision = flow.decided()
    _drift(flow.desk)
    answer = client_of(staff_make("reviewer")).post(
        f"/ops/decisions/{decision.id}/approve",
        {"reason": "checked_chart", "shown_sha256": decision_shown_sha256(decision.id)},
    )
    assert answer.status_code == 409
    assert "price_too_far" in answer.content.decode()
