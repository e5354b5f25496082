"""An entry without a stop has no risk figure: it is not ordered unless the policy allows that."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from execution.models import Order, Position
from signals.intake.reasons import REVIEW_REASONS
from signals.intents.words import NO_STOP
from signals.models import Decision
from signals.services.strategies import strategy_policy_change
from tests.builders.execution import desk_make, strategy_make
from tests.builders.pages import client_of, flow_make, staff_make

pytestmark = pytest.mark.django_db
REASON = next(iter(REVIEW_REASONS["approve"]))
BARE = '{"ticker":"EURUSD","action":"buy"}'


def send(flow, text: str = BARE) -> Decision:
    """Post one message to the webhook, let the handlers work, and return its decision."""
    answer = Client().post(flow.webhook, text, content_type="text/plain")
    assert answer.status_code == 202, answer.content
    flow.run_handlers()
    return Decision.objects.get(alert_id=answer.json()["alert_id"])


def stop_set(strategy, stop: str) -> None:
    strategy_policy_change(strategy_id=strategy.id, actor="user:1", stop=stop)
    strategy.refresh_from_db()


def test_it_is_accepted_and_decided_and_refused_when_it_is_to_be_ordered(run_handlers) -> None:
    flow = flow_make(run_handlers)
    assert send(flow).state == "approved"
    order = Order.objects.get()
    assert (order.state, order.reason, order.volume_lots) == ("rejected", "stop_required", 0)
    assert flow.desk.poll().orders == []


def test_where_the_policy_says_optional_the_subscriptions_lots_count(run_handlers) -> None:
    flow = flow_make(run_handlers, stop="optional")
    send(flow)
    order = Order.objects.get()
    assert (order.state, str(order.volume_lots.normalize()), order.sl) == ("staged", "0.1", None)
    assert order.risk_money is None


def test_where_the_policy_says_optional_the_alerts_size_counts(run_handlers) -> None:
    flow = flow_make(run_handlers, stop="optional")
    send(flow, '{"ticker":"EURUSD","action":"buy","quantity":30000}')
    assert str(Order.objects.get().volume_lots.normalize()) == "0.3"


def test_every_staff_page_says_that_the_loss_is_not_limited(run_handlers) -> None:
    flow = flow_make(run_handlers, stop="optional", approval="one")
    decision = send(flow)
    reviewer = client_of(staff_make("reviewer"))
    page = f"/ops/decisions/{decision.id}/"
    waiting = reviewer.get(page).content.decode()
    assert "Buy 0.1 lots EURUSD, no stop: loss not limited" in waiting
    assert "basis points of equity" not in waiting
    assert "no stop" in reviewer.get("/ops/decisions/").content.decode()
    shown = waiting.partition('name="shown_sha256" value="')[2][:64]
    reviewer.post(f"{page}approve", {"reason": REASON, "shown_sha256": shown})
    flow.run_handlers()
    assert Order.objects.get().state == "staged"
    admin = client_of(staff_make(is_superuser=True))
    for address in (page, f"/ops/trace/{decision.trace_id}/"):
        text = admin.get(address).content.decode()
        assert NO_STOP in text, address
        assert "risk_bps <b>" not in text
    linter = {"message": BARE, "strategy": flow.strategy.slug}
    assert NO_STOP in admin.post("/ops/alert-linter/", linter).content.decode()


def test_linter_and_preview_say_beforehand_that_it_would_be_refused(run_handlers) -> None:
    flow = flow_make(run_handlers, approval="one")
    decision = send(flow)
    admin = client_of(staff_make(is_superuser=True))
    review = admin.get(f"/ops/decisions/{decision.id}/")
    linter = admin.post("/ops/alert-linter/", {"message": BARE, "strategy": flow.strategy.slug})
    (previewed,), (leg,) = review.context["previews"], linter.context["legs"]
    assert previewed.refusal == leg.accounts[0].refusal == "stop_required"
    assert linter.context["report"].rule == "stop_required"
    assert "f-notice-fine" not in linter.content.decode()


def test_a_policy_that_asks_for_a_stop_again_keeps_back_what_is_staged() -> None:
    desk = desk_make(strategy_make(stop="optional"))
    order = desk.stage(sl=None)
    stop_set(desk.strategy, "required")
    assert desk.poll().orders == []
    stop_set(desk.strategy, "optional")
    assert [one.id for one in desk.poll().orders] == [order.id]


def test_what_is_handed_out_loses_its_permit_when_the_policy_asks_for_a_stop() -> None:
    desk = desk_make(strategy_make(stop="optional"))
    order = desk.leased(sl=None)
    assert order in desk.poll().permitted
    stop_set(desk.strategy, "required")
    answer = desk.poll()
    assert order in answer.orders
    assert order not in answer.permitted


def test_an_exit_of_a_position_without_a_stop_passes_whatever_the_policy_says() -> None:
    desk = desk_make(strategy_make(stop="optional"))
    desk.opened(sl=None, trade_ref="t1")
    stop_set(desk.strategy, "required")
    exit_order = desk.stage("exit", side="sell", trade_ref="t1")
    assert exit_order.id in [one.id for one in desk.poll().orders]


def test_a_position_without_a_stop_may_be_given_one() -> None:
    desk = desk_make(strategy_make(stop="optional"))
    desk.opened(sl=None, trade_ref="t1")
    order = desk.stage("amend", side="buy", trade_ref="t1", sl="1.09500", ref_price="1.10500")
    assert order.state == "staged"
    desk.poll()
    desk.report("done", order)
    assert Position.objects.get().sl == order.sl


def test_the_table_refuses_a_staged_entry_without_a_stop() -> None:
    desk = desk_make(strategy_make(stop="optional"))
    order = desk.stage(sl=None)
    another = desk.decide()
    order.pk, order.decision, order.trace_id = None, another, another.trace_id
    order.trade_ref, order.valid_until = another.trade_ref, another.valid_until
    stop_set(desk.strategy, "required")
    with pytest.raises(IntegrityError, match="must name a stop"), transaction.atomic():
        order.save(force_insert=True)
    order.sl = 0
    with pytest.raises(IntegrityError, match="must name a stop"), transaction.atomic():
        order.save(force_insert=True)


def test_a_stop_that_has_no_price_to_count_from_is_refused_whatever_the_size(run_handlers) -> None:
    flow = flow_make(run_handlers)
    stop = '{"type":"stop","stopPrice":1.09}'
    send(flow, f'{{"ticker":"EURUSD","action":"buy","quantity":500000,"stopLoss":{stop}}}')
    assert Order.objects.get().reason == "no_reference_price"
