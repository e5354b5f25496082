"""Closing by a person's word: orders without a decision, one person, past every switch."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from execution.errors import ReasonMissing, TargetUnknown
from execution.models import CloseRequest, Order, Position
from execution.rules.switches import EVERYTHING
from execution.services.closing import close_carry_out, flatten_ask, position_close_ask
from fusion_project.events.clock import now
from fusion_project.events.models import Event, EventLink
from fusion_project.second_person.errors import PersonUnknown
from tests.builders.execution import desk_make
from tests.builders.people import staff_make
from tests.builders.switches import stop

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return desk_make()


@pytest.fixture
def anna():
    return f"user:{staff_make('ops').pk}"


def foreign(desk) -> Position:
    """A position that a person opened at the broker."""
    deal = desk.deal(kind="buy", entry="in", symbol="EURUSD")
    return Position.objects.get(account=desk.account, position_ticket=deal.position_ticket)


def exits(request: CloseRequest) -> list[Order]:
    return list(Order.objects.filter(request=request).order_by("id"))


def test_an_account_is_flattened_whatever_is_halted(desk, anna, run_handlers):
    first, second = desk.opened(trade_ref="t1"), desk.opened(trade_ref="t2", lots="0.20")
    stop(EVERYTHING)
    request = flatten_ask(account_id=desk.account.pk, reason="going home", actor=anna)
    run_handlers()
    run_handlers()
    orders = exits(request)
    assert [one.position_ticket for one in orders] == [
        first.position_ticket,
        second.position_ticket,
    ]
    assert {(one.verb, one.side, one.decision_id, one.state) for one in orders} == {
        ("exit", "sell", None, "staged")
    }
    assert desk.poll().new_ids == {one.id for one in orders}
    for one, position in zip(orders, (first, second), strict=True):
        desk.report("ack", one)
        desk.close(position, magic=one.id)
    assert not Position.objects.filter(closed_at=None).exists()
    assert {one.state for one in exits(request)} == {"filled"}


def test_its_life_lines_name_each_other(desk, anna, run_handlers):
    position = desk.opened()
    request = flatten_ask(account_id=desk.account.pk, reason="x", actor=anna)
    run_handlers()
    (order,) = exits(request)
    staged = Event.objects.get(name="order.staged", subject=f"execution.order:{order.pk}")
    assert (staged.trace_id, staged.actor) == (position.trace_id, anna)
    assert EventLink.objects.get(event=staged).trace_id == request.trace_id
    asked = Event.objects.get(name="close.asked")
    assert (asked.trace_id, asked.actor) == (request.trace_id, anna)


def test_entries_that_are_staged_or_out_are_cancelled_and_what_they_still_open_is_closed(
    desk, anna, run_handlers
):
    out = desk.leased(trade_ref="t1")
    desk.report("ack", out)
    staged = desk.stage(trade_ref="t2")
    request = flatten_ask(account_id=desk.account.pk, reason="x", actor=anna)
    run_handlers()
    out.refresh_from_db()
    staged.refresh_from_db()
    assert (out.state, staged.state) == ("cancel_requested", "cancelled")
    desk.deal(out)
    (order,) = exits(request)
    assert order.verb == "exit"


def test_an_entry_that_was_never_sent_is_not_handed_out_again(desk, anna, run_handlers):
    out = desk.leased()
    desk.report("ack", out)
    flatten_ask(account_id=desk.account.pk, reason="x", actor=anna)
    run_handlers()
    desk.report("never_sent", out)
    out.refresh_from_db()
    assert out.state == "cancelled"


def test_all_means_every_account_and_one_means_no_other(desk, anna, run_handlers):
    other = desk_make()
    here, there = desk.opened(), other.opened()
    one = flatten_ask(account_id=desk.account.pk, reason="x", actor=anna)
    run_handlers()
    assert [order.position_ticket for order in exits(one)] == [here.position_ticket]
    every = flatten_ask(account_id=None, reason="x", actor=anna)
    run_handlers()
    # The first account's exit is on its way already.
    assert [order.position_ticket for order in exits(every)] == [there.position_ticket]


def test_positions_that_are_not_ours_stay_unless_they_are_meant(desk, anna, run_handlers):
    theirs = foreign(desk)
    left = flatten_ask(account_id=desk.account.pk, reason="x", actor=anna)
    run_handlers()
    assert exits(left) == []
    meant = flatten_ask(account_id=desk.account.pk, reason="x", actor=anna, with_foreign=True)
    run_handlers()
    (order,) = exits(meant)
    assert (order.position_ticket, order.strategy_id) == (theirs.position_ticket, None)
    assert desk.poll().new_ids == {order.id}
    desk.report("ack", order)
    desk.close(theirs, magic=order.id)
    order.refresh_from_db()
    assert order.state == "filled"


def test_one_position_is_closed_and_no_other(desk, anna, run_handlers):
    meant, other = desk.opened(trade_ref="t1"), desk.opened(trade_ref="t2")
    ticket = meant.position_ticket
    told = {"account_id": desk.account.pk, "position_ticket": ticket, "reason": "x", "actor": anna}
    request = position_close_ask(**told)
    run_handlers()
    (order,) = exits(request)
    assert order.position_ticket == ticket != other.position_ticket
    assert close_carry_out(request_id=request.pk, account_id=desk.account.pk) == []


def test_what_is_not_open_or_not_ours_is_refused(desk, anna):
    theirs = foreign(desk)
    told = {"account_id": desk.account.pk, "reason": "x", "actor": anna}
    with pytest.raises(TargetUnknown, match="no open position 1"):
        position_close_ask(**told, position_ticket=1)
    with pytest.raises(TargetUnknown, match="not ours"):
        position_close_ask(**told, position_ticket=theirs.position_ticket)
    with pytest.raises(TargetUnknown, match="no account"):
        flatten_ask(account_id=999_999, reason="x", actor=anna)
    with pytest.raises(ReasonMissing):
        flatten_ask(account_id=None, reason=" ", actor=anna)
    with pytest.raises(PersonUnknown):
        flatten_ask(account_id=None, reason="x", actor="system")
    assert not CloseRequest.objects.exists()


def exit_row(desk, position: Position, asked: CloseRequest, **changes) -> Order:
    fields = {
        "request": asked,
        "account": desk.account,
        "strategy_id": position.strategy_id,
        "position_ticket": position.position_ticket,
        "instrument": position.instrument,
        "broker_symbol": position.broker_symbol,
        "trace_id": position.trace_id,
        "trade_ref": position.trade_ref,
        "verb": "exit",
        "side": "sell",
        "volume_lots": position.volume_open_lots,
        "staged_at": now(),
    }
    return Order.objects.create(**{**fields, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"request": None},
        {"verb": "entry", "position_ticket": 0},
        {"verb": "partial_exit"},
        {"side": "buy"},
        {"volume_lots": 5},
        {"position_ticket": 77},
        {"instrument": "GBPUSD"},
        {"strategy_id": None},
        {"order_type": "limit"},
    ],
)
def test_the_table_takes_no_order_that_the_request_does_not_mean(desk, anna, changes):
    position = desk.opened()
    request = flatten_ask(account_id=desk.account.pk, reason="x", actor=anna)
    refused = pytest.raises(IntegrityError, match=r"does not mean|no order comes from it")
    with refused, transaction.atomic():
        exit_row(desk, position, request, **changes)


def test_the_table_closes_no_foreign_position_that_was_not_meant(desk, anna):
    theirs = foreign(desk)
    request = flatten_ask(account_id=desk.account.pk, reason="x", actor=anna)
    with pytest.raises(IntegrityError, match="does not mean"), transaction.atomic():
        exit_row(desk, theirs, request)


def test_an_order_comes_from_a_decision_or_a_request_never_from_both(desk, anna):
    position = desk.opened()
    request = flatten_ask(account_id=desk.account.pk, reason="x", actor=anna)
    decision = desk.decide("exit", side="sell")
    with pytest.raises(IntegrityError, match="order_has_one_cause"), transaction.atomic():
        exit_row(desk, position, request, decision=decision)


def test_what_an_order_comes_from_is_never_changed(desk, anna, run_handlers):
    desk.opened()
    request = flatten_ask(account_id=desk.account.pk, reason="x", actor=anna)
    run_handlers()
    (order,) = exits(request)
    with pytest.raises(Exception, match=r"permission denied|stays"), transaction.atomic():
        Order.objects.filter(id=order.pk).update(request_id=request.pk + 1)


def said(command: str, *words: str) -> str:
    out = io.StringIO()
    call_command(command, *words, stdout=out)
    return out.getvalue()


def test_the_commands_close_and_show(desk, run_handlers):
    position, theirs = desk.opened(), foreign(desk)
    login, ben = desk.account.login, staff_make("ops").get_username()
    shown = said("position_close", login).splitlines()
    assert [line.split("\t")[-1] for line in shown] == ["ours", "not ours"]
    ticket = str(position.position_ticket)
    told = ("--reason", "wrong chart", "--as", ben)
    assert f"Asked: close {ticket}" in said("position_close", login, ticket, *told)
    with pytest.raises(CommandError, match="not ours"):
        said("position_close", login, str(theirs.position_ticket), *told)
    with pytest.raises(CommandError, match="Say who does it"):
        said("position_close", login, ticket, "--reason", "x")
    assert "close 1 open, cancel 0 entries" in said("flatten", login, *told)
    assert "1 open that are not ours stay" in said("flatten", "all", *told)
    run_handlers()
    assert Order.objects.filter(request__isnull=False).count() == 1
    said("flatten", "all", *told, "--with-foreign")
    run_handlers()
    assert Order.objects.filter(request__isnull=False).count() == 2
