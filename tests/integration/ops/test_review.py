"""Reviewing through the real page and its real form, and what the page refuses."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from execution.models import Order
from fusion_project.events.clock import now
from fusion_project.events.models import Event
from fusion_project.ops.selectors.review_facts import review_facts
from signals.models import Decision, Review
from signals.services.decisions import decision_expire_due
from signals.services.strategies import strategy_policy_change
from tests.builders.execution import account_set
from tests.builders.pages import Flow, client_of, flow_make, staff_make
from tests.builders.switches import account_halt

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow(run_handlers) -> Flow:
    return flow_make(run_handlers, approval="one", review_seconds=600)


@pytest.fixture
def pending(flow) -> Decision:
    decision = flow.decided()
    assert decision.state == "pending_review"
    return decision


def form_of(page) -> dict[str, str]:
    """The hidden fields as the browser would send them."""
    found = re.search(r'name="shown_sha256" value="([0-9a-f]{64})"', page.content.decode())
    assert found, "the page has no review form"
    return {"shown_sha256": found.group(1)}


def send(client: Client, decision: Decision, verdict: str, **fields: str):
    """Open the page and send its form."""
    page = client.get(f"/ops/decisions/{decision.id}/")
    data = {**form_of(page), "reason": "checked_chart", "note": "", **fields}
    return client.post(f"/ops/decisions/{decision.id}/{verdict}", data)


def test_approving_through_the_form_approves_and_orders(reviewer, pending, run_handlers) -> None:
    answer = send(reviewer, pending, "approve", note="agrees with the daily chart")
    assert answer.status_code == 302
    pending.refresh_from_db()
    assert pending.state == "approved"
    review = Review.objects.get(decision=pending)
    assert (review.verdict, review.reason) == ("approve", "checked_chart")
    assert review.note == "agrees with the daily chart"
    run_handlers()
    assert Order.objects.get(decision=pending).state == "staged"


def test_rejecting_through_the_form_rejects_and_orders_nothing(
    reviewer, pending, run_handlers
) -> None:
    send(reviewer, pending, "reject", reason="news_ahead")
    pending.refresh_from_db()
    assert pending.state == "rejected"
    run_handlers()
    assert not Order.objects.filter(decision=pending).exists()
    page = reviewer.get(f"/ops/decisions/{pending.id}/")
    assert b"a decision that is rejected orders nothing" in page.content


@pytest.mark.parametrize("reason", ["", "because", "other"])
def test_a_review_without_a_listed_reason_is_refused_and_keeps_what_was_typed(
    reviewer, pending, reason
) -> None:
    answer = send(reviewer, pending, "approve", reason=reason, note="  ")
    assert answer.status_code == 409
    assert b"Not recorded:" in answer.content
    pending.refresh_from_db()
    assert pending.state == "pending_review"
    assert not Review.objects.exists()


def test_the_second_reviewer_is_told_who_decided_when(reviewer, pending) -> None:
    slower = client_of(staff_make("reviewer"))
    page = slower.get(f"/ops/decisions/{pending.id}/")
    send(reviewer, pending, "reject", reason="price_moved")
    data = {**form_of(page), "reason": "checked_chart"}
    answer = slower.post(f"/ops/decisions/{pending.id}/approve", data)
    assert answer.status_code == 409
    text = answer.content.decode()
    review = Review.objects.get(decision=pending)
    assert "The decision is rejected since" in text
    assert f"{review.reviewer.get_username()}: <strong>reject</strong>" in text
    assert "Price moved too far" in text
    pending.refresh_from_db()
    assert pending.state == "rejected"


def test_a_decided_decision_has_no_form(reviewer, pending) -> None:
    send(reviewer, pending, "approve")
    page = reviewer.get(f"/ops/decisions/{pending.id}/")
    assert b"shown_sha256" not in page.content
    assert b"Decided at" in page.content


def test_an_expired_decision_is_refused(reviewer, pending, clock) -> None:
    page = reviewer.get(f"/ops/decisions/{pending.id}/")
    clock.advance(seconds=601)
    data = {**form_of(page), "reason": "checked_chart"}
    answer = reviewer.post(f"/ops/decisions/{pending.id}/approve", data)
    assert answer.status_code == 409
    pending.refresh_from_db()
    assert pending.state == "pending_review"
    assert b"expired" in answer.content


def test_what_was_not_shown_is_not_approved(reviewer, pending) -> None:
    answer = send(reviewer, pending, "approve", shown_sha256="0" * 64)
    assert answer.status_code == 409
    pending.refresh_from_db()
    assert pending.state == "pending_review"


def test_two_people_are_needed_where_the_policy_says_two(reviewer, run_handlers) -> None:
    decision = flow_make(run_handlers, approval="two", review_seconds=600).decided()
    send(reviewer, decision, "approve")
    decision.refresh_from_db()
    assert decision.state == "pending_review"
    page = reviewer.get(f"/ops/decisions/{decision.id}/").content.decode()
    assert "2 different people must approve" in page
    assert send(reviewer, decision, "approve").status_code == 409
    send(client_of(staff_make("reviewer")), decision, "approve")
    decision.refresh_from_db()
    assert decision.state == "approved"


def test_the_page_shows_the_order_that_approving_stages(
    reviewer, flow, pending, run_handlers
) -> None:
    page = reviewer.get(f"/ops/decisions/{pending.id}/")
    (preview,) = page.context["previews"]
    assert preview.account == flow.desk.account.name
    assert preview.headline.capitalize()[:12] in page.content.decode()
    send(reviewer, pending, "approve")
    run_handlers()
    order = Order.objects.get(decision=pending)
    lots = f"{order.volume_lots.normalize():f}"
    assert preview.headline == f"{order.side} {lots} lots {order.broker_symbol}"
    decided = reviewer.get(f"/ops/decisions/{pending.id}/").content.decode()
    assert f"/admin/execution/order/{order.pk}/change/" in decided
    assert "What approving will order" not in decided
    facts = dict(preview.facts)
    assert Decimal(facts["Stop loss"]) == order.sl
    assert Decimal(facts["Take profit"]) == order.tp


def test_the_preview_says_why_an_account_would_get_no_order(reviewer, flow, pending) -> None:
    account_halt(flow.desk.account.id)
    page = reviewer.get(f"/ops/decisions/{pending.id}/")
    assert b"Would not be sent: account stopped" in page.content


def test_a_viewer_reads_the_decision_but_gets_no_form(viewer, pending) -> None:
    page = viewer.get(f"/ops/decisions/{pending.id}/")
    assert page.status_code == 200
    assert b"shown_sha256" not in page.content
    assert b"Reviewing needs the role" in page.content


def test_the_list_shows_what_is_pending_nearest_expiry_first(reviewer, run_handlers) -> None:
    middle, soon, late = (
        flow_make(run_handlers, approval="one", review_seconds=seconds).decided()
        for seconds in (600, 300, 900)
    )
    flow_make(run_handlers).decided()
    page = reviewer.get("/ops/decisions/")
    assert [row.decision.id for row in page.context["rows"]] == [soon.id, middle.id, late.id]


def test_the_list_filters_by_strategy_and_instrument_and_offers_to_clear(
    reviewer, pending, flow
) -> None:
    slug = flow.strategy.slug
    page = reviewer.get(f"/ops/decisions/?strategy={slug}&instrument=eurusd")
    assert len(page.context["rows"]) == 1
    page = reviewer.get(f"/ops/decisions/?strategy={slug}&instrument=XAUUSD")
    assert b"Clear the filter" in page.content
    assert reviewer.get("/ops/decisions/?state=nonsense").status_code == 404


def test_the_list_costs_the_same_for_one_row_and_for_many(
    reviewer, flow, django_assert_max_num_queries
) -> None:
    for _ in range(6):
        flow.decided()
    with django_assert_max_num_queries(12):
        page = reviewer.get("/ops/decisions/?state=all")
    assert len(page.context["rows"]) == 6


def test_a_review_is_on_the_record_in_the_reviewers_name(reviewer, pending) -> None:
    send(reviewer, pending, "approve")
    user_id = Review.objects.get().reviewer_id
    event = Event.objects.get(name="decision.approved", trace_id=pending.trace_id)
    assert event.actor == f"user:{user_id}"
    page = reviewer.get(f"/ops/trace/{pending.trace_id}/").content.decode()
    assert f"by {Review.objects.get().reviewer.get_username()}" in page


def test_a_stored_script_stays_text_on_the_staff_pages(reviewer, run_handlers) -> None:
    attack = "<script>alert(1)</script>"
    flow = flow_make(run_handlers, approval="one", review_seconds=600)
    strategy_policy_change(strategy_id=flow.strategy.id, actor="user:1", name=attack)
    decision = flow.decided()
    send(reviewer, decision, "reject", reason="other", note=attack)
    for address in (
        f"/ops/decisions/{decision.id}/",
        f"/admin/signals/strategy/{flow.strategy.id}/change/",
        f"/admin/signals/review/{Review.objects.get().id}/change/",
    ):
        text = reviewer.get(address).content.decode()
        assert attack not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_the_page_shows_age_reward_and_every_cut(reviewer, run_handlers, clock) -> None:
    flow = flow_make(run_handlers, approval="one", review_seconds=600, risk_bps=200)
    account = flow.desk.account
    account_set(account, order_lots_max=Decimal("0.05"))
    decision = flow.decided(size="0.50")
    clock.advance(seconds=42)
    page = reviewer.get(f"/ops/decisions/{decision.id}/")
    facts = page.context["review"]
    assert 42 <= facts.price_age_seconds < 60
    assert facts.reward_to_risk == "2.00 : 1"
    assert facts.cuts == ["200 → 50 basis points: the alert asks for no more"]
    (preview,) = page.context["previews"]
    assert dict(preview.facts)["Reward to risk"] == "2.00 : 1"
    cuts = [words for label, words in preview.facts if label == "Size cut"]
    assert cuts[-1].endswith("→ 0.05 lots: the largest order that the account allows")
    text = page.content.decode()
    assert all(words in text for words in (*facts.cuts, *cuts, "2.00 : 1", "data-countdown"))


def test_a_size_that_is_cut_to_nothing_says_what_cut_it(reviewer, flow) -> None:
    decision = flow.decided(sl="0.60000", tp="2.10000")
    page = reviewer.get(f"/ops/decisions/{decision.id}/")
    (preview,) = page.context["previews"]
    assert preview.refusal == "below_lot_min"
    assert {label for label, _ in preview.facts} == {"Size cut"}
    words = preview.facts[-1][1]
    assert words.endswith("→ 0 lots: rounded down to the broker's lot step")
    assert words in page.content.decode().replace("&#x27;", "'")


def test_a_price_is_never_younger_than_now(reviewer, pending) -> None:
    ahead = now() + timedelta(minutes=5)
    facts = review_facts(
        decision=pending, reviews=[], at=pending.alert.received_at - timedelta(seconds=9)
    )
    assert facts.price_age_seconds == 0
    assert review_facts(decision=pending, reviews=[], at=ahead).price_age_seconds > 299


def test_each_verdict_offers_its_own_reasons(reviewer, pending) -> None:
    text = reviewer.get(f"/ops/decisions/{pending.id}/").content.decode()
    approve, reject = text[text.index('id="approve"') :].split('id="reject"')
    assert 'value="within_plan"' in approve
    assert 'value="within_plan"' not in reject
    assert 'value="price_moved"' in reject
    assert 'value="price_moved"' not in approve


def test_a_closed_decision_says_by_whom_or_what(reviewer, flow, pending, run_handlers) -> None:
    send(reviewer, pending, "reject", reason="news_ahead")
    name = Review.objects.get().reviewer.get_username()
    text = reviewer.get(f"/ops/decisions/{pending.id}/").content.decode()
    assert re.search(rf"Closed\..*Rejected at .* UTC by {name} \(News or event risk ahead\)", text)
    overtaken = flow.decided()
    receipt = flow.alert("exit", trade=overtaken.trade_ref, side="sell")
    run_handlers()
    text = reviewer.get(f"/ops/decisions/{overtaken.id}/").content.decode()
    assert "by the exit of the same trade:" in text
    assert f"/admin/signals/alert/{receipt['alert_id']}/change/" in text
    assert "shown_sha256" not in text


def test_after_its_time_the_page_offers_no_verdict(reviewer, pending, clock) -> None:
    clock.advance(seconds=601)
    text = reviewer.get(f"/ops/decisions/{pending.id}/").content.decode()
    assert "shown_sha256" not in text
    assert "Its time is over" in text
    decision_expire_due()
    text = reviewer.get(f"/ops/decisions/{pending.id}/").content.decode()
    assert "No review came in time." in text
