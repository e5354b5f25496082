"""Lists and pages say what became of an accepted alert's orders, and the linter what would."""

import pytest

from execution.models import Order, SymbolMap
from fusion_project.events.periodic import periodic_run
from signals.models import Decision
from tests.builders.pages import client_of, flow_make, signal_message, staff_make
from tests.integration.ops.test_linter import _judge

pytestmark = pytest.mark.django_db
LISTS = ("/ops/decisions/?state=all", "/admin/signals/decision/")


@pytest.fixture
def admin():
    return client_of(staff_make(is_superuser=True))


def pages_of(admin, decision) -> dict[str, str]:
    addresses = (*LISTS, f"/ops/decisions/{decision.id}/")
    return {one: admin.get(one).content.decode() for one in addresses}


def test_a_refused_order_is_told_by_its_reason_everywhere(run_handlers, admin) -> None:
    flow = flow_make(run_handlers)
    SymbolMap.objects.update(confirmation=None)
    decision = flow.decided()
    for address, page in pages_of(admin, decision).items():
        assert "efused: symbol not confirmed" in page, address
        assert "0 lots" not in page, address
    assert "Compare the contract" in pages_of(admin, decision)[f"/ops/decisions/{decision.id}/"]
    orders = admin.get("/admin/execution/order/").content.decode()
    assert "ntry buy EURUSD" in orders
    assert "0 EURUSD" not in orders
    assert "volume_lots" not in admin.get(f"/ops/trace/{decision.trace_id}/").content.decode()


def test_an_order_is_followed_from_staged_to_filled(run_handlers, admin) -> None:
    flow = flow_make(run_handlers)
    decision = flow.decided()

    def told(words: str) -> None:
        for address, page in pages_of(admin, decision).items():
            assert words in page, (address, words)

    told("staged")
    flow.desk.poll()
    told("handed to the executor")
    order = Order.objects.get()
    flow.desk.report("ack", order)
    told("with the executor")
    flow.desk.deal(order)
    told("filled")


def test_an_order_filled_in_part_says_how_much(run_handlers, admin) -> None:
    flow = flow_make(run_handlers)
    decision = flow.decided()
    order = Order.objects.get()
    flow.desk.poll()
    flow.desk.report("ack", order)
    flow.desk.deal(order, volume_lots=order.volume_lots / 2)
    for page in pages_of(admin, decision).values():
        assert " lots filled" in page


def test_a_decision_that_nobody_follows_says_so(run_handlers, admin) -> None:
    flow = flow_make(run_handlers)
    flow.strategy.subscriptions.update(is_active=False)
    periodic_run("execution.push_tradable")
    decision = flow.decided()
    assert Decision.objects.get(id=decision.id).state == "approved"
    for address, page in pages_of(admin, decision).items():
        assert "no account follows the strategy" in page, address


def test_a_list_of_decisions_asks_no_more_for_more_of_them(
    run_handlers, admin, django_assert_max_num_queries
) -> None:
    flow = flow_make(run_handlers)
    for _ in range(4):
        flow.decided()
    for address in LISTS:
        admin.get(address)
        with django_assert_max_num_queries(16):
            admin.get(address)


def test_the_linters_headline_is_what_would_be_traded(viewer, run_handlers) -> None:
    flow = flow_make(run_handlers)
    slug = flow.strategy.slug
    page = _judge(viewer, signal_message("entry"), slug).content.decode()
    assert "Would be accepted and order at most buy 0.1 lots EURUSD on" in page
    assert "f-notice-fine" in page
    unmapped = _judge(viewer, signal_message("entry", symbol="XAUUSD"), slug).content.decode()
    assert "nothing would be ordered: <code>symbol_not_mapped</code>" in unmapped
    assert "f-notice-fine" not in unmapped
    leaving = _judge(viewer, signal_message("exit", trade="x", side="sell"), slug)
    assert "nothing to act on" in leaving.content.decode()
    flow.strategy.subscriptions.update(is_active=False)
    alone = _judge(viewer, signal_message("entry"), slug).content.decode()
    assert "nothing would be ordered: <code>no_account</code>" in alone
