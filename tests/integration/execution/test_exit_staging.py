"""What lowers risk: exits, cancels, and what they leave behind."""

from decimal import Decimal

import pytest

from execution.models import Order, Position
from execution.services.staging import decision_stage
from fusion_project.events.models import Event, EventLink
from tests.builders.execution import account_set, alert_make, decision_make, desk_make
from tests.builders.switches import account_halt, strategy_stop

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return desk_make()


def state(order):
    return Order.objects.get(id=order.id).state


def test_an_exit_is_staged_for_the_open_position(desk):
    position = desk.opened(trade_ref="t1")
    order = desk.stage("exit", side="sell", trade_ref="t1")
    assert (order.verb, order.side, order.position_ticket) == (
        "exit",
        "sell",
        position.position_ticket,
    )
    assert order.volume_lots == position.volume_open_lots


def test_an_exit_with_a_trace_of_its_own_names_both_traces(desk):
    position = desk.opened()
    decision = desk.decide("exit", side="sell")
    (order,) = decision_stage(decision_id=decision.id)
    assert order.trace_id == position.trace_id != decision.trace_id
    event = Event.objects.get(name="order.staged", subject=f"execution.order:{order.id}")
    assert EventLink.objects.get(event=event).trace_id == decision.trace_id


def test_an_exit_passes_halted_accounts_inactive_strategies_and_limits(desk):
    desk.opened(lots="0.10")
    account_halt(desk.account.id)
    account_set(desk.account, open_lots_max=Decimal("0.01"), entries_per_minute_max=0)
    strategy_stop(desk.strategy)
    order = desk.stage("exit", side="sell")
    assert [one.id for one in desk.poll().orders] == [order.id]


def test_an_exit_takes_back_a_staged_entry(desk):
    entry = desk.stage(trade_ref="t1")
    decision_stage(decision_id=desk.decide("exit", side="sell", trade_ref="t1").id)
    assert state(entry) == "cancelled"
    assert desk.poll().orders == []


def test_an_exit_asks_to_cancel_an_entry_that_is_out(desk):
    entry = desk.leased(trade_ref="t1")
    decision_stage(decision_id=desk.decide("exit", side="sell", trade_ref="t1").id)
    assert state(entry) == "cancel_requested"
    assert [(one.order.id, one.command) for one in desk.poll().desired] == [(entry.id, "cancel")]


def test_an_entry_that_filled_meanwhile_is_closed_once_it_ends(desk):
    entry = desk.leased(trade_ref="t1", lots="0.10")
    exit_decision = desk.decide("exit", side="sell", trade_ref="t1")
    decision_stage(decision_id=exit_decision.id)
    deal = desk.deal(entry, volume_lots=Decimal("0.04"))
    assert state(entry) == "cancel_requested"
    assert not Order.objects.filter(decision=exit_decision).exists()
    desk.report("cancelled", entry)
    exit_order = Order.objects.get(decision=exit_decision)
    assert exit_order.position_ticket == deal.position_ticket
    assert exit_order.volume_lots == Decimal("0.04")


def test_a_deal_told_after_the_end_of_its_entry_is_closed_too(desk):
    entry = desk.leased(trade_ref="t1", lots="0.10")
    exit_decision = desk.decide("exit", side="sell", trade_ref="t1")
    decision_stage(decision_id=exit_decision.id)
    desk.report("done", entry)
    desk.deal(entry)
    assert Order.objects.get(decision=exit_decision).state == "staged"


def test_a_never_sent_entry_whose_trade_was_closed_is_not_queued_again(desk):
    entry = desk.leased(trade_ref="t1")
    decision_stage(decision_id=desk.decide("exit", side="sell", trade_ref="t1").id)
    desk.report("never_sent", entry)
    assert state(entry) == "cancelled"


def test_an_exit_leaves_other_trades_of_the_strategy_alone(desk):
    other = desk.opened(trade_ref="t2")
    order = desk.stage("exit", side="sell", trade_ref="t1")
    assert (order.state, order.reason) == ("rejected", "no_open_position")
    assert Order.objects.filter(position_ticket=other.position_ticket).count() == 0


def test_without_a_reference_every_open_trade_on_the_symbol_is_meant(desk):
    positions = [desk.opened(), desk.opened()]
    orders = decision_stage(decision_id=desk.decide("exit", side="sell").id)
    assert [one.position_ticket for one in orders] == [one.position_ticket for one in positions]


def test_an_id_that_names_a_trade_means_that_one_alone(desk):
    first = desk.opened(sender_id="a-1")
    desk.opened()
    order = desk.stage("exit", side="sell", ref_id="a-1")
    assert order.position_ticket == first.position_ticket


def test_a_trace_of_a_closed_trade_falls_back_to_what_is_open(desk):
    first, last = desk.opened(), desk.opened()
    desk.close(last)
    order = desk.stage("exit", side="sell", trace_id=last.trace_id)
    assert order.position_ticket == first.position_ticket


def test_an_exit_of_an_unstaged_entry_closes_nothing_else(desk):
    desk.opened()
    entry = desk.decide(sender_id="b-1")
    order = desk.stage("exit", side="sell", ref_id="b-1")
    assert (order.state, order.reason) == ("rejected", "no_open_position")
    (refused,) = decision_stage(decision_id=entry.id)
    assert refused.reason == "trade_already_closed"


def test_an_exit_never_closes_a_trade_that_was_asked_for_later(desk):
    early_exit = desk.decide("exit", side="sell")
    desk.opened()
    (order,) = decision_stage(decision_id=early_exit.id)
    assert order.reason == "no_open_position"


def test_the_side_of_an_exit_picks_the_positions(desk):
    desk.opened(side="sell")
    assert desk.stage("exit", side="sell").reason == "no_open_position"
    assert desk.stage("exit", side="any").state == "staged"


def test_close_all_closes_every_position_of_the_strategy(desk):
    desk.opened(trade_ref="t1")
    desk.opened(trade_ref="t2", side="sell")
    waiting = desk.stage(trade_ref="t3")
    decision = desk.decide("close_all", side="any", instrument="")
    assert len(decision_stage(decision_id=decision.id)) == 2
    assert state(waiting) == "cancelled"


def test_a_partial_exit_closes_a_share_of_the_start(desk):
    position = desk.opened(lots="1.00", risk_bps=500, trade_ref="t1")
    first = desk.stage("partial_exit", side="sell", close_pct="50", trade_ref="t1")
    assert (first.verb, first.volume_lots) == ("partial_exit", Decimal("0.50"))
    desk.close(position, volume_lots=Decimal("0.50"))
    second = desk.stage("partial_exit", side="sell", close_pct="25", trade_ref="t1")
    assert second.volume_lots == Decimal("0.25")


def test_a_partial_exit_leaves_waiting_entries_alone(desk):
    entry = desk.stage(trade_ref="t1")
    decision_stage(
        decision_id=desk.decide("partial_exit", side="sell", close_pct="50", trade_ref="t1").id
    )
    assert state(entry) == "staged"


def test_a_cancel_stops_entries_and_leaves_positions(desk):
    position = desk.opened(trade_ref="t1")
    entry = desk.stage(trade_ref="t1")
    assert decision_stage(decision_id=desk.decide("cancel", side="any", trade_ref="t1").id) == []
    assert state(entry) == "cancelled"
    assert Position.objects.get(id=position.id).is_open
    assert desk.stage("cancel", side="any", trade_ref="t1").reason == "nothing_to_cancel"


def test_staging_an_exit_twice_adds_nothing(desk):
    desk.opened()
    decision = desk.decide("exit", side="sell")
    decision_stage(decision_id=decision.id)
    decision_stage(decision_id=decision.id)
    assert Order.objects.filter(decision=decision).count() == 1


def staged(desk, verb="entry", **fields):
    """The orders of one decision on all accounts, in the order of the accounts."""
    return decision_stage(decision_id=desk.decide(verb, **fields).id)


def reversal(desk):
    alert = alert_make(desk.strategy)
    leave = decision_make(desk.strategy, "exit", side="sell", alert=alert, reverses=True)
    enter = decision_make(desk.strategy, side="sell", alert=alert, leg_no=1)
    return leave, enter


@pytest.mark.parametrize("entry_first", [False, True])
def test_a_reversal_enters_only_when_flat_whichever_leg_is_staged_first(desk, entry_first):
    position = desk.opened()
    leave, enter = reversal(desk)
    for decision in (enter, leave) if entry_first else (leave, enter):
        decision_stage(decision_id=decision.id)
    exit_order = Order.objects.get(decision=leave)
    entry_order = Order.objects.get(decision=enter)
    assert [one.id for one in desk.poll().orders] == [exit_order.id]
    desk.report("ack", exit_order)
    assert desk.poll().orders == []
    desk.close(position, magic=exit_order.id)
    assert state(exit_order) == "filled"
    assert [one.id for one in desk.poll().orders] == [entry_order.id]


def test_a_reversal_waits_while_the_position_is_open_and_no_exit_is_on_its_way(desk):
    desk.opened()
    leave, enter = reversal(desk)
    decision_stage(decision_id=enter.id)
    assert desk.poll().new_ids == frozenset()
    (exit_order,) = decision_stage(decision_id=leave.id)
    desk.poll()
    desk.report("rejected", exit_order, retcode=10018, message="market closed")
    assert desk.poll().new_ids == frozenset()


def test_a_reversal_waits_while_the_former_entry_may_still_fill(desk):
    former = desk.leased()
    leave, enter = reversal(desk)
    decision_stage(decision_id=leave.id)
    decision_stage(decision_id=enter.id)
    assert state(former) == "cancel_requested"
    assert desk.poll().new_ids == frozenset()
    desk.report("cancelled", former)
    assert desk.poll().new_ids == {Order.objects.get(decision=enter).id}


def test_a_reversal_that_never_gets_flat_expires(desk, clock):
    from execution.services.leases import order_expire_due

    desk.opened()
    _, enter = reversal(desk)
    (order,) = decision_stage(decision_id=enter.id)
    clock.advance(seconds=61)
    assert order_expire_due() == 1
    assert state(order) == "expired"


def test_an_exit_leaves_both_accounts_flat_although_the_newest_entry_was_refused_on_one(desk):
    other = desk_make(desk.strategy, open_lots_max=Decimal("0.10"))
    first, second = staged(desk, lots="0.10")
    stopped, kept = desk.opened(first), other.opened(second)
    desk.close(stopped)
    again, refused = staged(desk, lots="0.10")
    assert (refused.state, refused.account) == ("rejected", other.account)
    newest = desk.opened(again)
    closing = {order.account: order.position_ticket for order in staged(desk, "exit", side="sell")}
    assert closing == {
        desk.account: newest.position_ticket,
        other.account: kept.position_ticket,
    }
