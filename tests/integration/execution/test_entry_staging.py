"""An approved entry becomes one order on each following account, or a recorded refusal."""

from decimal import Decimal

import pytest

from execution.models import Order, Subscription, SymbolMap
from execution.services.staging import decision_stage
from fusion_project.events import names
from fusion_project.events.log import record
from fusion_project.events.models import Event
from signals.intents.legs import Target
from signals.models import Strategy
from signals.services.strategies import strategy_policy_change
from tests.builders.execution import (
    account_follow,
    account_set,
    alert_make,
    decision_make,
    desk_make,
)
from tests.builders.risk import live_make
from tests.builders.switches import account_halt, strategy_stop
from tests.database import owner_writes

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return desk_make()


def refusal(order):
    return (order.state, order.reason)


def test_an_entry_is_staged_with_lots_stops_and_the_decisions_trace(desk):
    decision = desk.decide(sl="1.09500", tp="1.11000")
    (order,) = decision_stage(decision_id=decision.id)
    assert (order.state, order.volume_lots, order.side) == ("staged", Decimal("0.10"), "buy")
    assert (order.sl, order.tp) == (Decimal("1.09500"), Decimal("1.11000"))
    assert (order.trace_id, order.risk_money) == (decision.trace_id, 50)
    event = Event.objects.get(name="order.staged")
    assert (event.subject, event.trace_id) == (f"execution.order:{order.id}", decision.trace_id)


def test_staging_twice_adds_nothing(desk):
    decision = desk.decide()
    decision_stage(decision_id=decision.id)
    assert decision_stage(decision_id=decision.id) == []
    assert Order.objects.count() == 1


def test_the_handler_stages_what_was_approved(desk, run_handlers):
    decision = desk.decide()
    record(
        names.DECISION_APPROVED,
        subject=f"signals.decision:{decision.id}",
        trace_id=decision.trace_id,
        actor="system",
        detail={},
    )
    run_handlers.only("execution.stage_orders")
    assert Order.objects.get().decision_id == decision.id


def test_every_following_account_gets_its_own_order(desk):
    account_follow(desk.strategy)
    sleeping = account_follow(desk.strategy)
    Subscription.objects.filter(account=sleeping).update(is_active=False)
    assert len(decision_stage(decision_id=desk.decide().id)) == 2


def test_what_was_not_approved_is_not_staged(desk):
    assert decision_stage(decision_id=desk.decide(approve=False).id) == []
    assert Order.objects.count() == 0


def symbols_rename(instrument):
    with owner_writes():
        SymbolMap.objects.update(confirmation=None, instrument=instrument)


@pytest.mark.parametrize(
    ("arrange", "reason"),
    [
        (
            lambda d: account_halt(d.account.id),
            "account_stopped",
        ),
        (lambda d: strategy_stop(d.strategy), "strategy_stopped"),
        (
            lambda d: symbols_rename("X"),
            "symbol_not_mapped",
        ),
        (lambda d: SymbolMap.objects.update(confirmation=None), "symbol_not_confirmed"),
        (lambda d: account_set(d.account, entries_per_minute_max=0), "entry_rate_limit"),
        (lambda d: type(d.account).objects.update(equity=None), "equity_unknown"),
        (
            lambda d: account_set(d.account, open_lots_max=Decimal("0.001")),
            "exposure_limit",
        ),
    ],
)
def test_an_entry_that_may_not_be_sent_is_a_rejected_order_with_its_reason(desk, arrange, reason):
    arrange(desk)
    order = desk.stage(sl="1.09500")
    assert refusal(order) == ("rejected", reason)
    event = Event.objects.get(name="order.rejected")
    assert (event.subject, event.trace_id) == (f"execution.order:{order.id}", order.trace_id)


@pytest.mark.parametrize(
    ("book", "grade", "wanted", "reason"),
    [
        ("live", "A", "A", ""),
        ("live", "B", "A", "provenance_too_low"),
        ("live", "B", "B", ""),
        ("live", "C", "B", "provenance_too_low"),
        ("live", "D", "D", ""),
        ("paper", "D", "A", ""),
    ],
)
def test_a_live_account_trades_only_alerts_of_the_wanted_grade(desk, book, grade, wanted, reason):
    if book == "live":
        live_make(desk)
    strategy = Strategy.objects.get()
    strategy_policy_change(strategy_id=strategy.id, actor="user:1", live_grade_min=wanted)
    desk.strategy.refresh_from_db()
    order = desk.stage(sl="1.09500", alert=alert_make(desk.strategy, grade=grade))
    assert refusal(order) == (("rejected", reason) if reason else ("staged", ""))


@pytest.mark.parametrize(
    ("book", "env", "reason"),
    [
        ("live", "paper", "made_for_paper"),
        ("live", "live", ""),
        ("live", "", ""),
        ("paper", "paper", ""),
        ("paper", "live", ""),
    ],
)
def test_a_live_account_takes_no_entry_that_was_made_for_paper(desk, book, env, reason):
    if book == "live":
        live_make(desk)
    order = desk.stage(sl="1.09500", alert=alert_make(desk.strategy, env=env))
    assert refusal(order) == (("rejected", reason) if reason else ("staged", ""))


def test_an_exit_passes_on_a_live_account_whatever_its_grade_and_money(desk, clock):
    live_make(desk)
    desk.opened()
    alert = alert_make(desk.strategy, grade="D", env="paper")
    exit_order = desk.stage("exit", side="sell", alert=alert)
    assert (exit_order.state, exit_order.verb) == ("staged", "exit")


def test_an_entry_past_its_time_is_refused(desk, clock):
    decision = desk.decide(valid_seconds=30)
    clock.advance(seconds=31)
    (order,) = decision_stage(decision_id=decision.id)
    assert refusal(order) == ("rejected", "too_late")


def test_a_stop_on_the_wrong_side_is_refused(desk):
    assert refusal(desk.stage(sl="1.20000")) == ("rejected", "stop_on_wrong_side")


def test_a_share_of_a_price_that_nobody_named_is_refused(desk):
    order = desk.stage(sl=Target("percent", Decimal(1)), ref_price=None)
    assert refusal(order) == ("rejected", "no_reference_price")


@pytest.mark.parametrize("stop", [Target("pips", Decimal(50)), Target("points", Decimal(500))])
def test_what_a_distance_may_lose_is_known_without_a_price(desk, stop):
    """50 basis points of 10 000 are 50; 50 pips of a lot of EURUSD are 500: 0.1 lots, as priced."""
    priced, order = desk.stage(sl=stop), desk.stage(sl=stop, ref_price=None)
    assert (order.state, order.sl, order.ref_price) == ("staged", None, None)
    assert (order.volume_lots, order.risk_money) == (priced.volume_lots, priced.risk_money)
    assert (order.volume_lots, order.risk_money) == (Decimal("0.10"), Decimal(50))
    assert (order.sl_distance, order.sl_unit, order.needs_minor) == (stop.value, stop.kind, 1)


def test_a_distance_counts_from_the_reference_price(desk):
    assert desk.stage(sl=Target("pips", Decimal(50))).sl == Decimal("1.09500")


def test_open_and_waiting_volume_counts_against_the_limit(desk):
    account_set(desk.account, open_lots_max=Decimal("0.25"))
    desk.opened(lots="0.10")
    assert desk.stage(lots="0.10").volume_lots == Decimal("0.10")
    assert desk.stage(lots="0.10").volume_lots == Decimal("0.05")
    assert refusal(desk.stage(lots="0.10")) == ("rejected", "exposure_limit")


def test_an_unknown_order_still_counts_as_exposure(desk, clock):
    from execution.services.leases import lease_expire_all

    account_set(desk.account, open_lots_max=Decimal("0.10"))
    order = desk.leased(lots="0.10")
    clock.advance(seconds=11)
    lease_expire_all()
    order.refresh_from_db()
    assert order.state == "unknown"
    assert refusal(desk.stage(lots="0.10")) == ("rejected", "exposure_limit")


def test_an_entry_whose_trade_is_closed_already_is_refused(desk):
    entry = desk.decide(trade_ref="t1")
    desk.decide("exit", side="sell", trade_ref="t1")
    (order,) = decision_stage(decision_id=entry.id)
    assert refusal(order) == ("rejected", "trade_already_closed")


def test_a_name_that_is_used_again_after_its_exit_is_another_trade(desk):
    """Charts whose entries are all called the same are common; the intake has judged the order."""
    first = desk.opened(trade_ref="Long")
    desk.stage("exit", side="sell", trade_ref="Long")
    desk.close(first)
    assert desk.stage(trade_ref="Long").state == "staged"


def test_without_a_reference_only_a_later_exit_on_the_symbol_ends_it(desk):
    desk.decide("exit", side="sell")
    entry = desk.decide()
    desk.decide("exit", side="sell", instrument="GBPUSD")
    assert decision_stage(decision_id=entry.id)[0].state == "staged"
    late = desk.decide()
    desk.decide("cancel", side="any")
    assert refusal(decision_stage(decision_id=late.id)[0]) == ("rejected", "trade_already_closed")


def test_the_exit_leg_of_a_reversal_does_not_end_its_own_entry(desk):
    alert = alert_make(desk.strategy, trade_ref="t2")
    decision_make(desk.strategy, "exit", side="sell", alert=alert, trade_ref="t2", reverses=True)
    entry = decision_make(desk.strategy, side="sell", alert=alert, leg_no=1, trade_ref="t2")
    (order,) = decision_stage(decision_id=entry.id)
    assert (order.state, order.waits_for_flat) == ("staged", True)
