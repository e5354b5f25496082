"""Switches: four scopes, three states; exits pass; one person stops, two allow again."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from execution.errors import SwitchInvalid, SwitchNotRaised, TargetUnknown
from execution.models import Order, Switch
from execution.risk import rules
from execution.rules.switches import (
    ACTIVE,
    EVERYTHING,
    HALTED,
    REDUCING,
    Target,
    account_target,
    instrument_target,
    strategy_target,
)
from execution.services.silence import executor_watch
from execution.services.switches import switch_lower, switch_raise_ask
from fusion_project.events.clock import now
from fusion_project.events.models import Event
from fusion_project.events.periodic import periodic_run
from fusion_project.incidents.models import Incident
from fusion_project.second_person.errors import OwnRequest
from fusion_project.second_person.services import request_confirm
from signals.models import Strategy
from tests.builders.execution import desk_make
from tests.builders.people import staff_make
from tests.builders.second_person import confirm, request_confirmed
from tests.builders.switches import allow, stop

pytestmark = pytest.mark.django_db

SCOPES = {
    "all": lambda desk: EVERYTHING,
    "account": lambda desk: account_target(desk.account.pk),
    "strategy": lambda desk: strategy_target(desk.strategy.pk),
    "instrument": lambda desk: instrument_target("EURUSD"),
}
each_scope = pytest.mark.parametrize("scope", SCOPES)
each_state = pytest.mark.parametrize("state", [REDUCING, HALTED])


@pytest.fixture
def desk():
    return desk_make()


def resting(desk, **fields) -> Order:
    """A limit entry that waits at the broker."""
    order = desk.leased(order_type="limit", limit_price="1.09900", **fields)
    desk.report("ack", order)
    desk.report("working", order)
    order.refresh_from_db()
    assert order.state == "working"
    return order


@each_state
@each_scope
def test_no_entry_in_its_scope_is_staged_leased_or_permitted(desk, scope, state):
    held, staged = desk.leased(), desk.stage()
    stop(SCOPES[scope](desk), state)
    answer = desk.poll()
    assert (answer.permitted, answer.new_ids) == ([], frozenset())
    staged.refresh_from_db()
    assert staged.state == "staged"
    refused = desk.stage()
    assert (refused.state, refused.reason) == ("rejected", f"{scope}_stopped")
    assert held in answer.orders


@each_scope
def test_the_statement_that_hands_out_asks_every_scope_itself(desk, scope, monkeypatch):
    order = desk.stage()
    stop(SCOPES[scope](desk))
    monkeypatch.setattr(rules, "ENTRY_RULES", ())
    assert desk.poll().new_ids == frozenset()
    order.refresh_from_db()
    assert (order.state, order.fence) == ("staged", 0)


@each_scope
def test_the_table_leases_no_entry_that_a_switch_stops(desk, scope):
    order = desk.stage()
    stop(SCOPES[scope](desk))
    with pytest.raises(IntegrityError, match="switch stops"), transaction.atomic():
        Order.objects.filter(id=order.id).update(
            state="leased", fence=1, lease_until=now(), lease_key_id=desk.caller.key_id
        )


@each_scope
def test_what_is_outside_its_scope_goes_on(desk, scope):
    other = desk_make()
    order = other.stage()
    elsewhere = {
        "all": None,
        "account": account_target(desk.account.pk),
        "strategy": strategy_target(desk.strategy.pk),
        "instrument": instrument_target("GBPUSD"),
    }[scope]
    if elsewhere is None:
        pytest.skip("nothing is outside of everything")
    stop(elsewhere)
    answer = other.poll()
    assert answer.new_ids == {order.id}
    assert [one.id for one in answer.permitted] == [order.id]


@each_scope
def test_exits_pass_whatever_stands(desk, scope):
    desk.opened(trade_ref="t1")
    stop(SCOPES[scope](desk))
    leave = desk.stage("exit", side="sell", trade_ref="t1")
    assert desk.poll().new_ids == {leave.id}


@each_scope
def test_halted_withdraws_what_rests_at_the_broker(desk, scope):
    order = resting(desk)
    stop(SCOPES[scope](desk))
    assert [(one.order.id, one.command) for one in desk.poll().desired] == [(order.id, "cancel")]
    order.refresh_from_db()
    assert (order.state, order.reason) == ("cancel_requested", "halted")
    desk.report("cancelled", order)
    order.refresh_from_db()
    assert order.state == "cancelled"


@each_scope
def test_reducing_leaves_what_rests_at_the_broker(desk, scope):
    order = resting(desk)
    stop(SCOPES[scope](desk), REDUCING)
    assert desk.poll().desired == []
    order.refresh_from_db()
    assert order.state == "working"


def test_halted_also_withdraws_what_comes_to_rest_later(desk):
    order = desk.leased(order_type="limit", limit_price="1.09900")
    desk.report("ack", order)
    stop(EVERYTHING)
    assert desk.poll().desired == []
    desk.report("working", order)
    assert [one.order.id for one in desk.poll().desired] == [order.id]


def test_a_halt_elsewhere_withdraws_nothing(desk):
    order = resting(desk)
    stop(instrument_target("GBPUSD"))
    stop(account_target(desk_make().account.pk))
    assert desk.poll().desired == []
    order.refresh_from_db()
    assert order.state == "working"


def test_a_turn_is_a_version_and_a_fact(desk):
    target = account_target(desk.account.pk)
    assert stop(target, REDUCING, reason="watch it")
    assert stop(target, HALTED, reason="worse")
    assert not stop(target, HALTED)
    assert not stop(target, REDUCING)
    assert not stop(target, ACTIVE)
    allow(target)
    turns = list(Switch.objects.order_by("version").values_list("version", "state", "reason"))
    assert turns == [(1, "reducing", "watch it"), (2, "halted", "worse"), (3, "active", "test")]
    told = [
        json.loads(one.detail) for one in Event.objects.filter(name="switch.changed").order_by("id")
    ]
    assert [(one["from"], one["state"]) for one in told] == [
        ("active", "reducing"),
        ("reducing", "halted"),
        ("halted", "active"),
    ]


def test_one_person_does_not_raise_what_is_stopped(desk):
    target = account_target(desk.account.pk)
    stop(target)
    anna = f"user:{staff_make('ops').pk}"
    request = switch_raise_ask(target=target, state=ACTIVE, reason="over", actor=anna)
    assert request.words == (
        f"Set account {desk.account.name} from HALTED to ACTIVE: entries are allowed again."
    )
    with pytest.raises(OwnRequest):
        request_confirm(request_id=request.pk, payload_sha256=request.payload_sha256, actor=anna)
    assert desk.poll().entries_allowed is False
    assert confirm(request).state == "done"
    assert desk.poll().entries_allowed is True


@pytest.mark.parametrize("kind", ["", "account.create", "switch.raise"])
def test_the_table_takes_no_turn_that_allows_more_without_two_people(desk, kind):
    stop(EVERYTHING)
    turn = {
        "scope": "all",
        "version": 2,
        "state": "active",
        "reason": "x",
        "actor": "system",
        "at": now(),
        "request": request_confirmed(kind) if kind else None,
    }
    if kind == "switch.raise":
        Switch.objects.create(**turn)
        return
    with pytest.raises(IntegrityError, match="two people"), transaction.atomic():
        Switch.objects.create(**turn)


@pytest.mark.parametrize(
    "changes", [{"version": 3}, {"version": 1}, {"state": "halted"}, {"scope": "desk"}]
)
def test_the_table_takes_no_turn_out_of_order(desk, changes):
    stop(EVERYTHING)
    turn = {"scope": "all", "version": 2, "state": "reducing", "reason": "x", "actor": "system"}
    turn |= {"at": now(), "request": request_confirmed("switch.raise"), **changes}
    with pytest.raises(IntegrityError), transaction.atomic():
        Switch.objects.create(**turn)


def test_a_request_that_the_world_has_overtaken_is_refused(desk):
    target = account_target(desk.account.pk)
    stop(target, REDUCING)
    anna = f"user:{staff_make('ops').pk}"
    request = switch_raise_ask(target=target, state=ACTIVE, reason="over", actor=anna)
    stop(target, HALTED, reason="a rule")
    done = confirm(request)
    assert (done.state, "was turned since" in done.outcome) == ("refused", True)
    assert desk.poll().entries_allowed is False


def test_a_raise_to_what_is_no_less_strict_is_refused(desk):
    anna = f"user:{staff_make('ops').pk}"
    with pytest.raises(SwitchNotRaised):
        switch_raise_ask(target=EVERYTHING, state=ACTIVE, reason="x", actor=anna)
    stop(EVERYTHING, REDUCING)
    with pytest.raises(SwitchNotRaised):
        switch_raise_ask(target=EVERYTHING, state=HALTED, reason="x", actor=anna)


@pytest.mark.parametrize(
    ("target", "state", "reason", "error"),
    [
        (Target("account", "999999"), HALTED, "x", TargetUnknown),
        (Target("strategy", "999999"), HALTED, "x", TargetUnknown),
        (EVERYTHING, "off", "x", SwitchInvalid),
        (EVERYTHING, HALTED, " ", SwitchInvalid),
    ],
)
def test_odd_turns_are_refused(target, state, reason, error):
    with pytest.raises(error):
        switch_lower(target=target, state=state, reason=reason, actor="user:1")
    assert not Switch.objects.exists()


def test_a_strategy_that_is_stopped_takes_no_entry_where_it_is_received(desk):
    target = strategy_target(desk.strategy.pk)
    stop(target, REDUCING)
    assert Strategy.objects.get(id=desk.strategy.pk).is_active is False
    stop(target, HALTED)
    allow(target, REDUCING)
    assert Strategy.objects.get(id=desk.strategy.pk).is_active is False
    allow(target)
    assert Strategy.objects.get(id=desk.strategy.pk).is_active is True


def test_a_strategy_switched_by_other_hands_is_told_anew(desk):
    Strategy.objects.filter(id=desk.strategy.pk).update(is_active=False, version=2)
    periodic_run("execution.push_tradable")
    assert Strategy.objects.get(id=desk.strategy.pk).is_active is True
    assert desk.stage().state == "staged"


def test_the_dead_mans_switch_stops_staging_and_withdraws_once_the_executor_is_back(desk, clock):
    order = resting(desk)
    clock.advance(seconds=29)
    assert desk.stage(valid_seconds=600).state == "staged"
    clock.advance(seconds=2)
    assert desk.awaits(valid_seconds=600)["reason"] == "executor_silent"
    for _ in range(5):
        executor_watch()
        clock.advance(seconds=10)
    assert Incident.objects.filter(kind="executor.silent", closed_at=None).count() == 1
    order.refresh_from_db()
    assert (order.state, order.reason) == ("cancel_requested", "executor_silent")
    answer = desk.poll()
    assert [(one.order.id, one.command) for one in answer.desired] == [(order.id, "cancel")]
    assert desk.stage(valid_seconds=600).state == "staged"


def test_exits_are_staged_while_the_executor_is_silent(desk, clock):
    desk.opened(trade_ref="t1")
    clock.advance(seconds=60)
    assert desk.stage("exit", side="sell", trade_ref="t1").state == "staged"


def test_nobody_changes_or_deletes_a_turn(desk):
    stop(EVERYTHING)
    for statement in (
        "UPDATE execution_switch SET state = 'active'",
        "DELETE FROM execution_switch",
    ):
        refused = pytest.raises(DatabaseError, match="permission denied")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def said(*words: str) -> str:
    out = io.StringIO()
    call_command("switch", *words, stdout=out)
    return out.getvalue()


def test_the_command_lists_stops_and_asks(desk):
    anna = staff_make("ops").get_username()
    told = ("--reason", "quotes", "--as", anna)
    assert "allowed everywhere" in said("list")
    login = f"account:{desk.account.login}"
    assert "HALTED: no entry goes out any more, exits pass" in said("set", login, "halted", *told)
    assert "Nothing done" in said("set", login, "halted", *told)
    assert f"{login}\thalted" in said("list")
    assert "waits for a second person" in said("set", login, "active", *told)
    assert "REDUCING" in said("set", f"strategy:{desk.strategy.slug}", "reducing", *told)
    assert "HALTED" in said("set", "instrument:EURUSD", "halted", *told)
    assert "HALTED" in said("set", "all", "halted", *told)
    assert len(said("list").splitlines()) == 4


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("account:9", "no account 9"),
        ("strategy:none", "no strategy none"),
        ("desk", "Name all"),
        ("instrument:", "Name all"),
    ],
)
def test_the_command_refuses_what_it_does_not_know(target, words, db):
    with pytest.raises(CommandError, match=words):
        said("set", target, "halted", "--reason", "x", "--as", staff_make("ops").get_username())
