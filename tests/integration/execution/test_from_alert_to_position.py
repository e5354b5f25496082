"""From a chart's message to a closed position, through the real rooms before this one."""

from decimal import Decimal

import pytest

from execution.models import BrokerAccount, Order, Position
from execution.services.subscriptions import subscription_create
from fusion_project.events.models import Event
from signals.models import Decision
from tests.builders.execution import Desk, account_follow, desk_make
from tests.builders.signals import entry_received, exit_received, strategy_built

pytestmark = pytest.mark.django_db


@pytest.fixture
def built():
    return strategy_built()


@pytest.fixture
def desk(built):
    made = desk_make()
    subscription_create(strategy_id=built.strategy.id, account_id=made.account.id)
    return made


def fill(desk: Desk) -> Order:
    (order,) = desk.poll().orders
    desk.report("ack", order)
    desk.deal(order, price=Decimal("1.08420"), position_ticket=7_700 + order.id % 1000)
    return order


def test_an_entry_alert_becomes_an_order_within_its_risk(built, desk, run_handlers):
    alert = entry_received(built)
    run_handlers()
    order = Order.objects.get()
    decision = Decision.objects.get(alert=alert)
    assert (order.state, order.trace_id, order.decision_id) == (
        "staged",
        alert.trace_id,
        decision.id,
    )
    allowed = Decimal(10_000) * decision.risk_bps / 10_000 * decision.size_factor
    assert 0 < order.risk_money <= allowed


def test_a_trade_leaves_its_facts_in_order_under_one_trace(built, desk, run_handlers):
    alert = entry_received(built)
    run_handlers()
    fill(desk)
    exit_received(built, alert.trade_ref)
    run_handlers()
    (exit_order,) = desk.poll().orders
    desk.report("ack", exit_order)
    desk.close(
        Position.objects.get(),
        magic=exit_order.id,
        price=Decimal("1.08520"),
        profit=Decimal("10.00"),
    )
    names = list(
        Event.objects.filter(trace_id=alert.trace_id).order_by("id").values_list("name", flat=True)
    )
    expected = [
        "alert.received",
        "decision.proposed",
        "decision.approved",
        "order.staged",
        "order.leased",
        "report.received",
        "order.acknowledged",
        "report.received",
        "deal.recorded",
        "position.closed",
    ]
    at = 0
    for name in expected:
        at = names.index(name, at)
    assert Position.objects.get().net == Decimal("10.00")


def test_an_exit_before_its_entry_was_decided_leaves_nothing_open(built, desk, run_handlers):
    alert = entry_received(built)
    exit_received(built, alert.trade_ref)
    run_handlers()
    assert desk.poll().orders == []
    assert not Order.objects.exclude(state="rejected").exists()


def test_an_exit_while_the_entry_is_out_closes_what_it_opened(built, desk, run_handlers):
    alert = entry_received(built)
    run_handlers()
    (order,) = desk.poll().orders
    exit_received(built, alert.trade_ref)
    run_handlers()
    desk.deal(order, price=Decimal("1.08420"))
    (exit_order,) = desk.poll().orders
    assert (exit_order.verb, exit_order.trace_id) == ("exit", alert.trace_id)


def test_several_accounts_follow_one_alert(built, desk, run_handlers):
    account_follow(built.strategy)
    entry_received(built)
    run_handlers()
    assert Order.objects.count() == BrokerAccount.objects.count() == 2
