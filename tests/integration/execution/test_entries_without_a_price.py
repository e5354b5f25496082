"""A market entry that names no price: what its stop in pips may lose is known all the same."""

from decimal import Decimal

import pytest
from django.test import Client

from execution.models import Order
from signals.models import Decision
from tests.builders.pages import client_of, flow_make, staff_make

pytestmark = pytest.mark.django_db


def sent(flow, text: str) -> str:
    """Post it to the webhook, let the handlers work; return what the answer says of its order."""
    answer = Client().post(flow.webhook, text, content_type="text/plain")
    assert answer.status_code == 202, answer.content
    flow.run_handlers()
    rule: str = answer.json()["order_rule"]
    return rule


def test_pineconnectors_market_entry_in_pips_is_ordered_at_the_risk_allowed(run_handlers) -> None:
    flow = flow_make(run_handlers)
    assert sent(flow, "60123456789,buy,EURUSD,sl_pips=50,tp_pips=100") == ""
    order = Order.objects.get()
    assert (order.state, order.reason, order.ref_price, order.sl) == ("staged", "", None, None)
    assert (order.sl_distance, order.sl_unit) == (Decimal(50), "pips")
    assert (order.tp_distance, order.tp_unit) == (Decimal(100), "pips")
    assert order.risk_money == order.volume_lots * 50 * 10
    assert 0 < order.risk_money <= flow.desk.account.equity * flow.strategy.policy.risk_bps / 10_000


@pytest.mark.parametrize("asked", ["sl_pct=1", "sl_price=1.09", "sl_pips=50,tp_pct=1"])
def test_what_counts_from_a_price_is_foretold_and_refused_without_one(run_handlers, asked) -> None:
    flow = flow_make(run_handlers)
    assert sent(flow, f"60123456789,buy,EURUSD,{asked}") == "no_reference_price"
    order = Order.objects.get()
    assert (order.state, order.reason) == ("rejected", "no_reference_price")


def test_pages_tell_the_distance_and_do_not_say_that_there_is_no_stop(run_handlers) -> None:
    flow = flow_make(run_handlers, approval="one")
    sent(flow, "60123456789,buy,EURUSD,sl_pips=50,tp_pips=100")
    page = f"/ops/decisions/{Decision.objects.get().id}/"
    shown = client_of(staff_make("reviewer")).get(page).content.decode()
    assert "50 pips from the fill" in shown
    assert "loss not limited" not in shown
