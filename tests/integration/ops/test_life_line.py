"""The life line page: every hop of a trade on one page, and found by whatever one has in hand."""

import pytest
from django.db import transaction

from execution.models import Deal, Order, SymbolMap
from execution.services.symbols import symbol_map_revoke
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.models import Event
from tests.builders.events import handling_parked
from tests.builders.execution import desk_make
from tests.builders.pages import flow_make
from tests.builders.signals import alert_received, strategy_built
from tests.builders.switches import account_halt
from tests.factories.signals import TestSignalFactory

pytestmark = pytest.mark.django_db

# What a closed trade has gone through, in this order.
HOPS = [
    "alert.received",
    "decision.proposed",
    "decision.approved",
    "order.staged",
    "order.leased",
    "order.acknowledged",
    "deal.recorded",
    "position.closed",
]


def test_a_closed_trade_shows_every_hop_in_order(viewer, run_handlers) -> None:
    position = flow_make(run_handlers).closed()
    body = viewer.get(f"/ops/trace/{position.trace_id}.json").json()
    seen = [hop["name"] for hop in body["hops"]]
    firsts = [seen.index(name) for name in HOPS]
    assert firsts == sorted(firsts)
    kinds = [hop["detail"]["kind"] for hop in body["hops"] if hop["name"] == "entry.posted"]
    assert kinds.count("deal") == 2
    assert {"token.dai", "token.da", "token.dct_accrual"} <= set(kinds)
    times = [hop["at"] for hop in body["hops"]]
    assert times == sorted(times)


def test_the_page_prints_each_hop_with_time_gap_actor_and_row(viewer, run_handlers) -> None:
    position = flow_make(run_handlers).closed()
    page = viewer.get(f"/ops/trace/{position.trace_id}/")
    assert page.status_code == 200
    text = page.content.decode()
    stations = page.context["stations"]
    assert len(stations) == text.count("f-hop-head")
    for station in stations:
        assert station["hop"].name in text
        assert station["hop"].subject in text
    assert f"/admin/execution/position/{position.pk}/change/" in text
    assert "by handler:execution.stage_orders" in text


def test_what_came_of_no_alert_is_named_by_what_it_is(viewer) -> None:
    desk = desk_make()
    row = SymbolMap.objects.get(account=desk.account)
    symbol_map_revoke(symbol_map_id=row.id, actor="user:1")
    account_halt(desk.account.id)
    abouts = {one.about for one in viewer.get("/ops/traces/").context["rows"]}
    assert "symbol map EURUSD = EURUSD: not confirmed" in abouts
    assert "switch changed: account halted" in abouts
    assert "" not in abouts


def test_the_gaps_add_up_to_the_whole(viewer, run_handlers) -> None:
    position = flow_make(run_handlers).closed()
    page = viewer.get(f"/ops/trace/{position.trace_id}/")
    line = page.context["line"]
    assert line.hops[0].gap_seconds is None
    assert sum(hop.gap_seconds for hop in line.hops[1:]) == line.lasted_seconds


def test_an_alert_whose_order_names_another_trace_shows_both(viewer, run_handlers) -> None:
    flow = flow_make(run_handlers)
    position = flow.opened()
    # An exit without a trade reference that signals cannot tie to the entry mints its own trace.
    stranger = "d" * 32
    order = Order.objects.get(trace_id=position.trace_id)
    with transaction.atomic():
        record(
            names.ORDER_CANCELLED,
            subject=f"execution.order:{order.pk}",
            trace_id=stranger,
            actor="system",
            detail={"reason": "later_alert"},
            links=[position.trace_id],
        )
    page = viewer.get(f"/ops/trace/{position.trace_id}/")
    assert [one.trace_id for one in page.context["line"].linked] == [stranger]
    # The linked event itself stands on the line, marked as another trace's.
    (linked,) = [hop for hop in page.context["line"].hops if hop.is_linked]
    assert linked.name == names.ORDER_CANCELLED
    back = viewer.get(f"/ops/trace/{stranger}/?linked=1")
    assert {hop.trace_id for hop in back.context["line"].hops} == {stranger, position.trace_id}


def test_work_that_failed_is_shown_where_it_failed(viewer, run_handlers) -> None:
    position = flow_make(run_handlers).opened()
    event = Event.objects.get(trace_id=position.trace_id, name="alert.received")
    handling_parked(event.pk, "signals.draw_chart", "ValueError: <b>odd</b> price")
    page = viewer.get(f"/ops/trace/{position.trace_id}/")
    text = page.content.decode()
    assert "1 of them parked" in text
    assert "last error: ValueError: &lt;b&gt;odd&lt;/b&gt; price" in text
    assert "<b>odd</b>" not in text


def test_an_unknown_trace_is_a_404_and_an_odd_one_has_no_address(viewer) -> None:
    assert viewer.get(f"/ops/trace/{'e' * 32}/").status_code == 404
    assert viewer.get("/ops/trace/xyz/").status_code == 404


@pytest.mark.parametrize("what", ["prefix", "order", "ticket", "deal", "subject", "trade_ref"])
def test_a_search_finds_the_trace_by_whatever_one_has(viewer, run_handlers, what) -> None:
    position = flow_make(run_handlers).opened()
    order = Order.objects.get(trace_id=position.trace_id)
    words = {
        "prefix": position.trace_id[:10].upper(),
        "order": str(order.pk),
        "ticket": str(position.position_ticket),
        "deal": str(Deal.objects.get(trace_id=position.trace_id).ticket),
        "subject": f"execution.order:{order.pk}",
        "trade_ref": position.trade_ref,
    }[what]
    answer = viewer.get("/ops/traces/", {"q": f" {words} "}, follow=True)
    assert position.trace_id in answer.content.decode()


@pytest.mark.parametrize("words", ["'; DROP TABLE", "9" * 80, "%", "\x00", "<script>", "ÿ²"])
def test_an_odd_search_finds_nothing_and_breaks_nothing(viewer, words) -> None:
    answer = viewer.get("/ops/traces/", {"q": words})
    assert answer.status_code == 200
    assert b"<script>" not in answer.content


def test_the_list_of_traces_costs_the_same_for_few_and_many(
    viewer, run_handlers, django_assert_max_num_queries
) -> None:
    flow = flow_make(run_handlers)
    for _ in range(5):
        flow.decided()
    with django_assert_max_num_queries(11):
        page = viewer.get("/ops/traces/")
    assert len(page.context["rows"]) >= 5
    assert page.context["rows"][0].about.startswith("entry buy EURUSD")


def test_the_life_line_costs_the_same_for_few_and_many_hops(
    viewer, run_handlers, django_assert_max_num_queries
) -> None:
    position = flow_make(run_handlers).closed()
    with django_assert_max_num_queries(11):
        viewer.get(f"/ops/trace/{position.trace_id}/")


def test_a_refusal_and_a_test_say_in_the_list_what_they_are(viewer) -> None:
    built = strategy_built()
    refused = alert_received(built, b"{").receipt
    tested = alert_received(built, TestSignalFactory(at=now())).receipt
    abouts = {row.trace_id: row.about for row in viewer.get("/ops/traces/").context["rows"]}
    assert abouts[refused.trace_id] == "refused as not_json by ema-cross"
    assert abouts[tested.trace_id] == "test alert by ema-cross"
    page = viewer.get(f"/ops/trace/{refused.trace_id}/").content.decode()
    assert "Life line: refused as not_json by ema-cross" in page
    assert "times are UTC" in page
