"""The plan of an entry from its decision to the executor that knows plans, and to no other."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from execution.answers import poll_answer
from execution.models import BrokerAccount, Order, Position, Report
from execution.services.leases import order_expire_due
from execution.services.staging import decision_stage
from execution.wire import answer_plain
from fusion_project.events.clock import now
from fusion_project.events.models import Event
from signals.intents.legs import Target
from signals.models import Decision
from tests.builders.execution import alert_make, desk_make
from tests.builders.risk import quote_tell, shown_to
from tests.database import owner_writes

pytestmark = pytest.mark.django_db

STOP = Target("pips", Decimal(50))
TARGETS = [
    {"kind": "pips", "value": "20", "share": "50"},
    {"kind": "pips", "value": "40", "share": "30"},
]
PLAN = {
    "targets": TARGETS,
    "trailing": {"distance": {"kind": "pips", "value": "30"}},
    "break_even": {
        "trigger": {"kind": "pips", "value": "15"},
        "offset": {"kind": "pips", "value": "1"},
    },
    "time_exit_seconds": 7200,
}


def reads(desk, minor):
    BrokerAccount.objects.filter(id=desk.account.id).update(
        instance=desk.instance, instance_nonce="first", instance_minor=minor
    )


@pytest.fixture
def desk():
    made = desk_make()
    reads(made, 4)
    quote_tell(made.account, "1.10000", "1.10000")
    return made


def polled(desk):
    return list(answer_plain(poll_answer(desk.poll(boot_nonce="first")))["orders"])


def test_the_plan_is_told_word_by_word(desk):
    order = desk.stage(sl=STOP, plan=PLAN)
    assert order.needs_minor == 4
    (told,) = polled(desk)
    assert list(told["plan"]["targets"]) == [
        {"unit": "pips", "value": "20", "share": "50"},
        {"unit": "pips", "value": "40", "share": "30"},
    ]
    assert told["plan"]["trailing"]["distance"] == {"unit": "pips", "value": "30"}
    assert told["plan"]["break_even"]["offset"] == {"unit": "pips", "value": "1"}
    assert told["plan"]["time_exit_seconds"] == 7200


def test_an_older_executor_is_never_handed_a_plan(desk, clock):
    reads(desk, 3)
    order = desk.stage(sl=STOP, plan=PLAN)
    assert desk.poll(boot_nonce="first").orders == []
    clock.advance(seconds=61)
    order_expire_due()
    order.refresh_from_db()
    assert (order.state, order.reason) == ("expired", "too_late")
    assert "needs an executor of minor 4" in order.message


def test_the_table_hands_it_to_no_older_executor_either(desk):
    order = desk.stage(sl=STOP, plan=PLAN)
    reads(desk, 3)
    with (
        pytest.raises(IntegrityError, match="an executor of minor 4"),
        transaction.atomic(),
    ):
        Order.objects.filter(id=order.id).update(
            state="leased", fence=1, lease_until=order.valid_until
        )


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"plan": ""}, "order_asks_what_was_decided"),
        ({"plan": '{"time_exit_seconds":7200}'}, "order_asks_what_was_decided"),
        ({"needs_minor": 3}, "order_minor_is_told"),
    ],
)
def test_the_table_takes_no_other_plan_than_was_decided(desk, changes, constraint):
    order = desk.stage(sl=STOP, plan=PLAN)
    decision = desk.decide(sl=STOP, plan=PLAN)
    columns = {
        field.attname: getattr(order, field.attname)
        for field in Order._meta.concrete_fields
        if field.attname not in ("id", "decision_id", "trace_id", "valid_until")
    }
    wanted = {
        **columns,
        "decision_id": decision.id,
        "trace_id": decision.trace_id,
        "valid_until": decision.valid_until,
    }
    shown_to(desk.account, decision, Decimal(1))
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Order.objects.create(**{**wanted, **changes})
    assert refused.value.__cause__.diag.constraint_name == constraint


def test_what_was_staged_of_a_plan_stays(desk):
    order = desk.stage(sl=STOP, plan=PLAN)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic(), owner_writes():
        Order.objects.filter(id=order.id).update(plan='{"time_exit_seconds":1}')


@pytest.mark.parametrize(
    "plan",
    [
        '{"targets":[{"kind":"pips","value":"20","share":"60"},{"kind":"pips","value":"40","share":"41"}]}',
        '{"targets":[{"kind":"pips","value":"20","share":"50"},{"kind":"pips","value":"20","share":"1"}]}',
        '{"targets":[{"kind":"price","value":"1.05","share":"50"}]}',
        '{"targets":[{"kind":"pips","value":"0","share":"50"}]}',
        '{"targets":[]}',
        '{"trailing":{"distance":{"kind":"miles","value":"1"}}}',
        '{"trailing":{"distance":{"kind":"pips","value":"1"},"step":{"kind":"pips","value":"2"}}}',
        '{"break_even":{"trigger":{"kind":"pips","value":"5"},"offset":{"kind":"pips","value":"5"}}}',
        '{"time_exit_seconds":0}',
        '{"delay":{"seconds":5}}',
        '{"entry_distance":{"kind":"pips","value":"5"}}',
        '{"odd":1}',
        "{}",
    ],
)
def test_the_table_of_decisions_takes_no_plan_that_cannot_be_meant(desk, plan):
    leg = (
        '{"event":"entry","order_type":"market","plan":%s,"side":"buy","size":null,'
        '"sl":{"kind":"price","value":"1.09"},"symbol_raw":"EURUSD"}'
    )
    with pytest.raises(IntegrityError, match="plan_is_sound"), transaction.atomic():
        Decision.objects.create(
            alert=alert_make(desk.strategy),
            strategy=desk.strategy,
            leg_no=0,
            verb="entry",
            side="buy",
            instrument="EURUSD",
            leg=leg % plan,
            trace_id="a" * 32,
            valid_until=now() + timedelta(seconds=60),
            created_at=now(),
        )


def test_an_entry_is_handed_out_after_its_delay(desk, clock):
    order = desk.stage(sl=STOP, plan={"delay": {"seconds": 20, "expires_seconds": 30}})
    assert (order.plan, order.needs_minor) == ("", 1)
    assert order.not_before - order.decision.created_at == timedelta(seconds=20)
    assert polled(desk) == []
    clock.advance(seconds=19)
    assert polled(desk) == []
    clock.advance(seconds=2)
    assert [one["order_id"] for one in polled(desk)] == [str(order.id)]


def test_the_table_hands_out_no_entry_before_its_delay_is_over(desk):
    order = desk.stage(sl=STOP, plan={"delay": {"seconds": 20, "expires_seconds": 30}})
    with pytest.raises(IntegrityError, match="its delay is not over"), transaction.atomic():
        Order.objects.filter(id=order.id).update(
            state="leased", fence=1, lease_until=order.valid_until
        )


def test_an_exit_during_the_delay_ends_the_entry(desk, clock):
    order = desk.stage(
        sl=STOP, trade_ref="t1", plan={"delay": {"seconds": 20, "expires_seconds": 30}}
    )
    desk.decide_and_stage("exit", side="sell", trade_ref="t1")
    order.refresh_from_db()
    assert order.state == "cancelled"
    clock.advance(seconds=21)
    assert polled(desk) == []


def test_the_narrower_of_two_spreads_counts(desk):
    order = desk.stage(sl=STOP, plan={"spread": {"kind": "pips", "value": "1.5"}})
    assert (order.spread_points_max, order.plan) == (15, "")


def test_a_distance_from_the_market_is_a_price_once_it_is_staged(desk):
    quote_tell(desk.account, "1.09990", "1.10010")
    plan = {"entry_distance": {"kind": "pips", "value": "10"}, **PLAN}
    order = desk.stage(order_type="limit", sl=STOP, plan=plan)
    assert (order.state, order.limit_price) == ("staged", Decimal("1.09910"))
    assert order.sl == Decimal("1.09410")
    sell = desk.stage(order_type="stop", side="sell", sl=STOP, plan=plan, instrument="EURUSD")
    assert sell.stop_price == Decimal("1.09890")


def test_a_target_that_the_market_has_passed_is_refused(desk):
    quote_tell(desk.account, "1.10000", "1.10010")
    target = {"kind": "price", "value": "1.10005", "share": "50"}
    order = desk.stage(sl=STOP, ref_price="1.10000", plan={"targets": [target]})
    assert (order.state, order.reason) == ("rejected", "stop_on_wrong_side")


@pytest.mark.parametrize("planned_first", [True, False])
def test_on_a_netting_account_a_plan_has_its_position_alone(planned_first):
    desk = desk_make(margin_mode="netting")
    plans = [PLAN, None] if planned_first else [None, PLAN]
    first = desk.stage(sl=STOP, plan=plans[0])
    assert first.state == "staged"
    second = desk.stage(sl=STOP, plan=plans[1])
    assert (second.state, second.reason) == ("rejected", "plan_not_shared")


def test_the_table_keeps_a_netting_plan_alone_too():
    desk = desk_make(margin_mode="netting")
    order = desk.stage(sl=STOP, plan=PLAN)
    decision = desk.decide(sl=STOP, plan=PLAN)
    columns = {
        field.attname: getattr(order, field.attname)
        for field in Order._meta.concrete_fields
        if field.attname not in ("id", "decision_id", "trace_id", "valid_until")
    }
    with pytest.raises(IntegrityError, match="plan_not_shared"), transaction.atomic():
        Order.objects.create(
            **columns,
            decision_id=decision.id,
            trace_id=decision.trace_id,
            valid_until=decision.valid_until,
        )


def test_each_step_is_kept_and_seen_on_the_life_line(desk):
    order = desk.stage(sl=STOP, plan=PLAN)
    desk.poll(boot_nonce="first")
    desk.report("ack", order)
    deal = desk.deal(order)
    assert (
        desk.report("step", order, code="target_1", message="0.05 lots closed").verdict == "stored"
    )
    report = Report.objects.get(kind="step")
    assert (report.order_id, report.trace_id) == (order.id, order.trace_id)
    events = Event.objects.filter(name="report.received", trace_id=order.trace_id)
    assert any("0.05 lots closed" in one.detail for one in events)
    position = Position.objects.get(position_ticket=deal.position_ticket)
    desk.deal(
        kind="sell",
        entry="out",
        magic=order.id,
        position_ticket=deal.position_ticket,
        volume_lots=order.volume_lots / 2,
        price=Decimal("1.10200"),
    )
    position.refresh_from_db()
    assert position.volume_open_lots == order.volume_lots / 2
    order.refresh_from_db()
    assert order.state == "filled"


def test_an_entry_is_staged_by_the_alerts_own_plan_alone(desk):
    decision = desk.decide(sl=STOP, plan=PLAN)
    (order,) = decision_stage(decision_id=decision.id)
    assert '"targets"' in order.plan
    assert '"time_exit_seconds":7200' in order.plan
