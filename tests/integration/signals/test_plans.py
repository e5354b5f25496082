"""Alerts with a plan: kept word by word in the decision, with the expiry that a delay brings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from signals.intents.legs import Leg
from signals.models import Decision
from tests.builders.signals import BuiltStrategy, alert_received, entry_received
from tests.factories.signals import EntryFactory

pytestmark = pytest.mark.django_db

TARGETS = [{"kind": "pips", "value": "10", "share": "50"}]


def test_a_plan_stands_in_the_decision_as_it_was_sent(built: BuiltStrategy) -> None:
    plan = {"targets": TARGETS, "time_exit_seconds": 600}
    decision = entry_received(built, tp=None, plan=plan).decisions.get()
    told = Leg.from_json(decision.leg).plan
    assert told is not None
    assert told.to_dict() == plan


def test_a_delay_gives_the_entry_its_own_expiry(built: BuiltStrategy) -> None:
    plan = {"delay": {"seconds": 300, "expires_seconds": 60}}
    decision = entry_received(built, plan=plan).decisions.get()
    assert decision.valid_until is not None
    assert decision.valid_until - decision.created_at == timedelta(seconds=360)


def test_a_plan_that_cannot_be_meant_is_refused_and_kept(built: BuiltStrategy) -> None:
    plan = {"targets": [{**TARGETS[0], "share": "120"}]}
    answer = alert_received(built, EntryFactory(tp=None, plan=plan))
    assert (answer.status, answer.reason) == (422, "plan_shares")
    assert Decision.objects.count() == 0


def test_what_comes_first_closes_the_former_trade_and_not_this_one(built: BuiltStrategy) -> None:
    former = entry_received(built, id="t:1", trade_id="t:1").decisions.get()
    alert = entry_received(built, id="t:2", trade_id="t:2", cancel_first=True, flatten_first=True)
    decisions = list(alert.decisions.order_by("leg_no"))
    assert [one.verb for one in decisions] == ["cancel_all", "exit", "entry"]
    assert [one.scope for one in decisions] == ["symbol", "symbol", ""]
    former.refresh_from_db()
    assert former.state == "superseded"
    assert decisions[-1].state == "proposed"
