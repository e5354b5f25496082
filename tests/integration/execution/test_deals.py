"""Deals: stored once per revision, folded, closed, and told to later apps."""

import itertools
from decimal import Decimal

import pytest
from msgspec.structs import replace

from execution.models import BrokerAccount, Deal, Order, Position
from execution.selectors.positions import position_quality_get
from execution.selectors.switches import account_state
from fusion_project.events.models import Event
from fusion_project.incidents.models import Incident
from signals.models import Feature
from tests.builders.execution import desk_make, strategy_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return desk_make()


def closed_events():
    return [event.detail for event in Event.objects.filter(name="position.closed").order_by("id")]


def as_dict(detail):
    import json

    return json.loads(detail) if isinstance(detail, str) else detail


def test_a_deal_is_recorded_with_its_orders_trace_and_event(desk):
    order = desk.leased()
    desk.deal(order)
    deal = Deal.objects.get()
    assert (deal.order_id, deal.trace_id, deal.revision) == (order.id, order.trace_id, 1)
    event = Event.objects.get(name="deal.recorded")
    assert event.subject == f"execution.deal:{deal.id}"
    assert as_dict(event.detail) == {
        "account_id": desk.account.id,
        "ticket": str(deal.ticket),
        "revision": 1,
        "position_ticket": str(deal.position_ticket),
        "kind": "buy",
        "entry": "in",
    }


def test_a_report_sent_twice_records_one_deal(desk):
    facts = desk.deal_facts(desk.leased())
    desk.report("deal", deal=facts)
    desk.report("deal", deal=facts)
    assert Deal.objects.count() == 1
    assert Event.objects.filter(name="deal.recorded").count() == 1


def test_the_opening_deposit_is_a_deal_without_a_position(desk):
    desk.deal(
        kind="balance", entry="", position_ticket=0, profit=Decimal(10_000), volume_lots=Decimal(0)
    )
    assert Deal.objects.get().kind == "balance"
    assert Position.objects.count() == 0


def test_an_opening_deal_makes_a_position_with_what_was_asked(desk):
    position = desk.opened(sl="1.09500", tp="1.12000", trade_ref="t1")
    order = Order.objects.get()
    assert (position.decision_id, position.strategy_id) == (order.decision_id, desk.strategy.id)
    assert (position.trade_ref, position.trace_id) == ("t1", order.trace_id)
    assert (position.sl, position.price_requested) == (Decimal("1.09500"), Decimal("1.1"))
    assert position.risk_money == 50
    assert position.ack_latency_ms is not None


def test_a_closing_deal_closes_the_position_and_says_so(desk):
    position = desk.opened(sl="1.09500")
    desk.close(position, profit=Decimal("25.00"), commission=Decimal("-0.30"))
    assert position.closed_at is not None
    assert position.net == Decimal("24.70")
    assert as_dict(closed_events()[0]) == {
        "account_id": desk.account.id,
        "position_ticket": str(position.position_ticket),
        "fold_revision": 2,
        "net": "24.7",
    }
    event = Event.objects.get(name="position.closed")
    assert (event.subject, event.trace_id) == (
        f"execution.position:{position.id}",
        position.trace_id,
    )


def test_the_result_is_pushed_to_signals_in_units_of_the_risk(desk):
    position = desk.opened(sl="1.09500")
    desk.close(position, profit=Decimal("25.00"))
    feature = Feature.objects.get(name="trade.result_r")
    assert (feature.value, feature.strategy_id) == (Decimal("0.5"), desk.strategy.id)
    assert feature.at == position.closed_at


@pytest.mark.parametrize(("profit", "sign"), [("12", 1), ("-3", -1), ("0", 0)])
def test_without_a_stop_only_the_sign_of_the_result_is_pushed(profit, sign):
    desk = desk_make(strategy_make(stop="optional"))
    desk.close(desk.opened(sl=None), profit=Decimal(profit))
    assert Feature.objects.get().value == sign


def test_a_partial_close_keeps_the_position_open(desk):
    position = desk.opened(lots="0.30", risk_bps=200)
    desk.close(position, volume_lots=Decimal("0.10"))
    assert (position.volume_open_lots, position.closed_at) == (Decimal("0.20"), None)
    assert closed_events() == []


def test_any_order_of_reports_gives_the_same_position(desk):
    order = desk.leased(lots="0.30", risk_bps=200)
    ticket = 7_001
    life = [
        desk.deal_facts(
            order, volume_lots=Decimal("0.10"), price=Decimal("1.10000"), position_ticket=ticket
        ),
        desk.deal_facts(
            order, volume_lots=Decimal("0.20"), price=Decimal("1.10300"), position_ticket=ticket
        ),
        desk.deal_facts(
            kind="sell",
            entry="out",
            volume_lots=Decimal("0.30"),
            price=Decimal("1.10500"),
            profit=Decimal(90),
            position_ticket=ticket,
        ),
    ]
    results = set()
    for number, permutation in enumerate(itertools.permutations(life)):
        other = desk_make() if number else desk
        twin = other.leased(lots="0.30") if number else order
        for facts in permutation:
            magic = twin.id if facts.entry == "in" else 0
            other.report("deal", deal=replace(facts, magic=magic))
        position = Position.objects.get(account=other.account)
        results.add(
            (
                position.side,
                position.volume_open_lots,
                position.volume_closed_lots,
                position.price_open,
                position.price_close,
                position.net,
                position.opened_at,
                position.closed_at,
                position.order_id == twin.id,
                position.sl,
                position.price_requested,
            )
        )
        last = Event.objects.filter(subject=f"execution.position:{position.id}").last()
        assert as_dict(last.detail)["net"] == "90"
        twin.refresh_from_db()
        assert twin.state == "filled"
    assert len(results) == 1


def test_a_restated_deal_is_a_new_revision_and_closes_the_position_again(desk):
    position = desk.opened()
    facts = desk.deal_facts(
        kind="sell",
        entry="out",
        position_ticket=position.position_ticket,
        volume_lots=position.volume_open_lots,
        profit=Decimal(10),
    )
    desk.report("deal", deal=facts)
    desk.report("deal", deal=replace(facts, profit=Decimal(4)))
    position.refresh_from_db()
    assert list(Deal.objects.filter(ticket=facts.ticket).values_list("revision", flat=True)) == [
        1,
        2,
    ]
    assert (position.net, position.fold_revision) == (4, 3)
    assert [as_dict(detail)["fold_revision"] for detail in closed_events()] == [2, 3]
    assert Incident.objects.get().kind == "deal.restated"


def test_a_cancelled_closing_deal_reopens_the_position_and_tells_it(desk):
    position = desk.opened()
    facts = desk.deal_facts(
        kind="sell",
        entry="out",
        position_ticket=position.position_ticket,
        volume_lots=position.volume_open_lots,
        profit=Decimal(10),
    )
    desk.report("deal", deal=facts)
    cancelled = replace(facts, kind_told="sell_canceled", profit=Decimal(0))
    desk.report("deal", deal=cancelled)
    newest = Deal.objects.get(ticket=facts.ticket, revision=2)
    assert (newest.kind, newest.kind_raw) == ("sell_canceled", "")
    position.refresh_from_db()
    assert position.closed_at is None
    assert [as_dict(detail)["fold_revision"] for detail in closed_events()] == [2]
    reopened = Event.objects.get(name="position.reopened")
    assert as_dict(reopened.detail)["fold_revision"] == 3


def test_a_deal_that_names_an_order_we_never_staged_halts_the_account(desk):
    desk.deal(magic=999)
    assert account_state(BrokerAccount.objects.get().id) == "halted"
    assert Incident.objects.get().kind == "deal.orphaned"
    assert Deal.objects.count() == 1


def test_a_position_opened_by_hand_is_folded_without_a_strategy(desk):
    desk.deal()
    position = Position.objects.get()
    assert (position.strategy_id, position.instrument) == (None, "EURUSD")
    assert account_state(BrokerAccount.objects.get().id) == "active"


def test_the_brokers_stop_bears_the_entrys_magic_and_does_not_fill_it_again(desk):
    position = desk.opened(sl="1.09500")
    order = Order.objects.get()
    desk.close(position, magic=order.id, reason="sl", price=Decimal("1.09480"))
    order.refresh_from_db()
    assert (order.state, order.filled_lots) == ("filled", order.volume_lots)
    assert position.close_price_requested == Decimal("1.09500")


def test_quality_compares_the_fills_with_what_was_asked(desk):
    order = desk.leased(sl="1.09500")
    desk.report("ack", order)
    desk.deal(order, price=Decimal("1.10011"))
    position = Position.objects.get()
    desk.close(position, reason="sl", price=Decimal("1.09489"))
    quality = position_quality_get(position_id=position.id)
    assert quality.entry_slippage_bps == Decimal("1.0000")
    assert quality.exit_slippage_bps == Decimal("1.0046")
    assert quality.ack_latency_ms is not None


def test_an_entry_filled_in_parts_is_partially_filled_until_it_is_whole(desk):
    order = desk.leased(lots="0.30", risk_bps=200)
    first = desk.deal(order, volume_lots=Decimal("0.10"))
    order.refresh_from_db()
    assert (order.state, order.filled_lots) == ("partially_filled", Decimal("0.10"))
    desk.deal(order, volume_lots=Decimal("0.20"), position_ticket=first.position_ticket)
    order.refresh_from_db()
    assert order.state == "filled"
    assert Position.objects.get().volume_open_lots == Decimal("0.30")
