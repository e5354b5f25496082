"""What was approved is what is ordered: the preview binds, staging shrinks and never exceeds."""

import json
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from execution.models import BrokerAccount, Order
from execution.services.previews import decision_preview
from execution.services.staging import decision_stage
from signals.errors import NotOrderableNow, PreviewMissing
from signals.models import Decision, Preview
from signals.selectors.decisions import decision_shown, decision_shown_sha256
from signals.services.decisions import decision_approve, decision_reject
from signals.services.previews import preview_attach
from tests.builders.execution import account_follow, account_set, desk_make
from tests.builders.pages import client_of, flow_make, staff_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow(run_handlers):
    return flow_make(run_handlers, approval="one")


@pytest.fixture
def reviewer(db):
    return staff_make("reviewer")


@pytest.fixture
def desk():
    return desk_make()


def approve(decision: Decision, reviewer) -> None:
    decision_approve(
        decision_id=decision.id,
        reviewer_id=reviewer.pk,
        reason="checked_chart",
        note="",
        shown_sha256=decision_shown_sha256(decision.id),
    )


def kept(decision: Decision) -> dict:
    return json.loads(Preview.objects.get(decision=decision).content)["accounts"]


def test_a_decision_that_waits_gets_its_preview_which_is_part_of_what_is_approved(flow) -> None:
    decision = flow.decided()
    (one,) = kept(decision).values()
    assert Decimal(one["lots"]) > 0
    assert decision_shown(decision.id)["preview_sha256"] == (
        Preview.objects.get(decision=decision).sha256
    )


def test_nobody_approves_before_it_is_there_and_the_table_says_the_same(
    flow, reviewer, monkeypatch
) -> None:
    monkeypatch.setattr("execution.handlers.decision_preview", lambda **_: False)
    decision = flow.decided()
    with pytest.raises(PreviewMissing):
        approve(decision, reviewer)
    monkeypatch.setattr("signals.services.decisions._is_shown_whole", lambda _: True)
    monkeypatch.setattr("signals.services.decisions.approval_refusal", lambda _: "")
    with pytest.raises(IntegrityError, match="no preview"), transaction.atomic():
        approve(decision, reviewer)
    assert decision_preview(decision_id=decision.id)
    approve(decision, reviewer)
    decision.refresh_from_db()
    assert decision.state == "approved"


def test_a_rejection_waits_for_no_preview(flow, reviewer, monkeypatch) -> None:
    monkeypatch.setattr("execution.handlers.decision_preview", lambda **_: False)
    decision = flow.decided()
    decision_reject(
        decision_id=decision.id,
        reviewer_id=reviewer.pk,
        reason="price_moved",
        note="",
        shown_sha256=decision_shown_sha256(decision.id),
    )
    decision.refresh_from_db()
    assert decision.state == "rejected"


def test_staging_orders_no_more_than_was_shown_when_the_account_grew(
    flow, reviewer, run_handlers
) -> None:
    decision = flow.decided()
    (shown,) = kept(decision).values()
    approve(decision, reviewer)
    BrokerAccount.objects.update(equity=50_000)
    run_handlers()
    assert Order.objects.get(decision=decision).volume_lots == Decimal(shown["lots"])


def test_staging_shrinks_when_the_account_did(flow, reviewer, run_handlers) -> None:
    decision = flow.decided()
    (shown,) = kept(decision).values()
    approve(decision, reviewer)
    BrokerAccount.objects.update(equity=5_000)
    run_handlers()
    assert Order.objects.get(decision=decision).volume_lots < Decimal(shown["lots"])


def test_limits_are_asked_again_after_the_approval(flow, reviewer, run_handlers) -> None:
    decision = flow.decided()
    approve(decision, reviewer)
    account = BrokerAccount.objects.get()
    account_set(account, entries_per_minute_max=0)
    run_handlers()
    assert Order.objects.get(decision=decision).reason == "entry_rate_limit"


def test_an_account_that_was_not_shown_gets_nothing(flow, reviewer, run_handlers) -> None:
    decision = flow.decided()
    later = account_follow(flow.strategy)
    approve(decision, reviewer)
    run_handlers()
    states = {
        one.account_id == later.id: (one.state, one.reason)
        for one in Order.objects.filter(decision=decision)
    }
    assert states == {False: ("staged", ""), True: ("rejected", "account_not_shown")}


def test_an_account_that_was_shown_a_refusal_gets_nothing(flow, reviewer, run_handlers) -> None:
    account = BrokerAccount.objects.get()
    account_set(account, entries_per_minute_max=0)
    decision = flow.decided()
    (shown,) = kept(decision).values()
    assert (shown["refusal"], shown["lots"]) == ("entry_rate_limit", None)
    assert shown["words"].startswith("entries_per_minute_max")
    account_set(account, entries_per_minute_max=60)
    with pytest.raises(NotOrderableNow, match="account_not_shown"):
        approve(decision, reviewer)
    run_handlers()
    assert not Order.objects.filter(decision=decision).exists()


def test_an_automatic_decision_keeps_its_preview_at_staging(desk) -> None:
    decision = desk.decide()
    (order,) = decision_stage(decision_id=decision.id)
    (one,) = kept(decision).values()
    assert Decimal(one["lots"]) == order.volume_lots
    assert decision_stage(decision_id=decision.id) == []


def test_the_database_refuses_an_order_above_its_preview(desk, monkeypatch) -> None:
    decision = desk.decide()
    content = {"accounts": {str(desk.account.id): {"lots": "0.05"}}}
    preview_attach(decision_id=decision.id, content=content)
    monkeypatch.setattr("execution.services.staging.lots_shown", lambda _: None)
    with pytest.raises(IntegrityError, match=r"its preview shows 0\.05"), transaction.atomic():
        decision_stage(decision_id=decision.id)


def test_the_database_refuses_an_order_without_a_preview(desk, monkeypatch) -> None:
    decision = desk.decide()
    monkeypatch.setattr("execution.services.staging.preview_attach", lambda **_: None)
    with pytest.raises(IntegrityError, match="its preview shows none"), transaction.atomic():
        decision_stage(decision_id=decision.id)


def test_a_preview_is_kept_once_as_its_hash_says_and_in_time(desk, flow, reviewer) -> None:
    decision = flow.decided()
    first = Preview.objects.get(decision=decision)
    assert preview_attach(decision_id=decision.id, content={"accounts": {}}) == first
    other = desk.decide("exit", side="sell")
    with pytest.raises(IntegrityError, match="no preview is attached"), transaction.atomic():
        preview_attach(decision_id=other.id, content={"accounts": {}})
    late = desk.decide()
    with pytest.raises(IntegrityError, match="not what its hash says"), transaction.atomic():
        Preview.objects.create(decision=late, content="{}", sha256="0" * 64, at=late.created_at)


def test_the_page_shows_the_present_price_and_what_approving_binds(flow) -> None:
    decision = flow.decided()
    page = client_of(staff_make("reviewer")).get(f"/ops/decisions/{decision.id}/")
    text = page.content.decode()
    assert "At most" in text
    assert "Price now" in text
