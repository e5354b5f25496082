"""Legs, traces and superseding: what one alert does to its trade in the intake transaction."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fusion_project.events.clock import now
from fusion_project.events.models import Event, Handling
from signals.dialects.base import Reading
from signals.intents.intent import Intent
from signals.intents.legs import Leg
from signals.models import Alert, Decision, Strategy
from signals.services.intake import DeliveryFacts, alert_accept, body_sha256
from tests.builders.signals import (
    BuiltStrategy,
    alert_received,
    entry_decided,
    entry_received,
    exit_received,
    strategy_built,
)
from tests.factories.signals import AmendFactory, CancelFactory, EntryFactory, PartialExitFactory


def event_names() -> list[str]:
    return list(Event.objects.order_by("id").values_list("name", flat=True))


def received(built: BuiltStrategy, *legs: Leg, **members: Any) -> Alert:
    """Accept legs as a dialect without trade references sends them."""
    strategy = Strategy.objects.get(id=built.strategy.id)
    body = f"{Alert.objects.count()}".encode()
    facts = DeliveryFacts(
        strategy_id=strategy.id,
        secret_id=None,
        body=body,
        body_sha256=body_sha256(body),
        content_type="",
        peer="",
    )
    reading = Reading(
        dialect="other/1",
        intent=Intent(kind="trade", legs=legs, **members),
        signalled_at=members.get("bar_time"),
    )
    receipt = alert_accept(facts=facts, strategy_version=strategy.version, reading=reading)
    assert receipt.verdict == "accepted"
    return Alert.objects.get(id=receipt.alert_id or 0)


def leg(verb: str, side: str = "any", symbol: str = "EURUSD") -> Leg:
    return Leg(verb=verb, side=side, symbol_raw=symbol)


def test_an_entry_waits_for_fusion_as_a_proposed_decision(built: BuiltStrategy) -> None:
    alert = entry_received(built, id="t:1")
    decision = alert.decisions.get()
    assert (decision.state, decision.inputs, decision.is_live) == ("proposed", None, True)
    assert (decision.verb, decision.side, decision.instrument) == ("entry", "buy", "EURUSD")
    assert (decision.trade_ref, decision.trace_id) == ("t:1", alert.trace_id)
    assert decision.valid_until == now() + timedelta(seconds=60)
    assert Leg.from_json(decision.leg) == Intent.from_json(alert.intent).legs[0]
    assert event_names()[-1] == "alert.received"
    assert sorted(Handling.objects.values_list("handler", flat=True)) == [
        "signals.fuse_alert",
        "signals.watch_alert",
    ]


def test_an_entry_under_review_is_valid_until_its_review_ends(db: None, clock: Any) -> None:
    built = strategy_built(approval="one", review_seconds=300)
    clock.set(now())
    assert entry_received(built).decisions.get().valid_until == now() + timedelta(seconds=300)


def test_an_entry_is_never_valid_beyond_its_own_expiry(built: BuiltStrategy) -> None:
    soon = int(now().timestamp() * 1000) + 5_000
    decision = entry_received(built, expires_at=soon).decisions.get()
    assert decision.valid_until == now() + timedelta(seconds=5)


@pytest.mark.parametrize("factory", [PartialExitFactory, AmendFactory, CancelFactory])
def test_every_leg_but_an_entry_is_approved_by_rule_at_once(
    built: BuiltStrategy, factory: Any
) -> None:
    entry = entry_decided(built, id="t:1")
    alert_received(built, factory(at=now(), trade_id="t:1"))
    decision = Decision.objects.latest("id")
    assert (decision.state, decision.author) == ("approved", "rule:risk_lowering")
    assert (decision.reason, decision.valid_until) == ("lowers_risk", None)
    assert decision.trace_id == entry.trace_id
    assert event_names()[-2:] == ["alert.received", "decision.approved"]
    approved = Event.objects.latest("id")
    assert approved.subject == f"signals.decision:{decision.id}"
    assert f'"verb":"{decision.verb}"' in approved.detail


def test_an_exit_takes_the_trace_of_its_trade(built: BuiltStrategy) -> None:
    entry = entry_decided(built, id="t:1")
    entry_decided(built, id="t:2")
    alert = exit_received(built, "t:1")
    assert alert.trace_id == entry.trace_id
    assert set(Event.objects.filter(trace_id=entry.trace_id).values_list("name", flat=True)) == {
        "alert.received",
        "opinion.received",
        "decision.proposed",
        "decision.approved",
    }


def test_an_exit_of_an_unknown_trade_mints_its_own_trace(built: BuiltStrategy) -> None:
    entry = entry_decided(built, id="t:1")
    assert exit_received(built, "never-seen").trace_id != entry.trace_id


def test_a_reversal_that_names_its_new_trade_supersedes_the_undecided_entry_it_turns(
    built: BuiltStrategy,
) -> None:
    turned = received(built, leg("entry", "buy"), trade_ref="t:1").decisions.get()
    same_way = received(built, leg("entry", "sell"), trade_ref="t:0").decisions.get()
    elsewhere = received(built, leg("entry", "buy", "GBPUSD"), trade_ref="t:9").decisions.get()
    alert = received(built, leg("exit", "sell"), leg("entry", "sell"), trade_ref="t:2")
    for one in (turned, same_way, elsewhere):
        one.refresh_from_db()
    assert (turned.state, turned.reason) == ("superseded", "later_alert")
    assert (same_way.state, elsewhere.state) == ("proposed", "proposed")
    assert [one.state for one in alert.decisions.order_by("leg_no")] == ["approved", "proposed"]


def test_an_exit_supersedes_the_undecided_entry_of_its_trade_only(built: BuiltStrategy) -> None:
    mine, other = entry_received(built, id="t:1"), entry_received(built, id="t:2")
    exit_alert = exit_received(built, "t:1")
    gone = mine.decisions.get()
    assert (gone.state, gone.is_live, gone.reason) == ("superseded", False, "later_alert")
    assert other.decisions.get().state == "proposed"
    event = Event.objects.get(name="decision.superseded")
    assert (event.subject, event.trace_id) == (f"signals.decision:{gone.id}", mine.trace_id)
    assert event.detail == f'{{"by_alert_id":{exit_alert.id},"reason":"later_alert"}}'
    assert exit_alert.decisions.get().state == "approved"


def test_an_exit_supersedes_an_entry_that_waits_for_review(db: None) -> None:
    built = strategy_built(approval="one")
    decision = entry_decided(built, id="t:1")
    assert decision.state == "pending_review"
    exit_received(built, "t:1")
    decision.refresh_from_db()
    assert decision.state == "superseded"


def test_a_superseded_entry_is_left_alone_by_fusion(
    built: BuiltStrategy, run_handlers: Any
) -> None:
    alert = entry_received(built, id="t:1")
    exit_received(built, "t:1")
    run_handlers.only("signals.fuse_alert")
    assert alert.decisions.get().state == "superseded"
    assert not alert.opinions.exists()
    assert "decision.proposed" not in event_names()


def test_an_approved_entry_stays_approved_when_its_exit_comes(built: BuiltStrategy) -> None:
    decision = entry_decided(built, id="t:1")
    exit_received(built, "t:1")
    decision.refresh_from_db()
    assert decision.state == "approved"


def test_an_amend_supersedes_nothing(built: BuiltStrategy) -> None:
    alert = entry_received(built, id="t:1")
    alert_received(built, AmendFactory(at=now(), trade_id="t:1", ref_id="t:1"))
    assert alert.decisions.get().state == "proposed"


def test_a_cancel_by_reference_alone_finds_its_entry(built: BuiltStrategy) -> None:
    alert = entry_received(built, id="t:1")
    other = entry_received(built, id="t:2")
    cancel = received(built, leg("cancel"), ref_id="t:1")
    assert alert.decisions.get().state == "superseded"
    assert other.decisions.get().state == "proposed"
    assert cancel.trace_id == alert.trace_id


def test_without_a_reference_the_trade_is_the_last_open_one_on_the_symbol(
    built: BuiltStrategy,
) -> None:
    entry_decided(built, id="t:1")
    last = entry_decided(built, id="t:2")
    entry_decided(built, id="t:3", symbol="GBPUSD", ref_price="1.3", sl="1.2", tp="1.5")
    dead = entry_received(built, id="t:4")
    exit_received(built, "t:4")
    assert dead.decisions.get().state == "superseded"
    assert received(built, leg("exit", "sell")).trace_id == last.trace_id


def test_an_exit_that_buys_back_does_not_belong_to_a_long(built: BuiltStrategy) -> None:
    long = entry_decided(built, id="t:1")
    assert received(built, leg("exit", "buy")).trace_id != long.trace_id


def test_an_exit_without_reference_supersedes_every_undecided_entry_it_would_close(
    built: BuiltStrategy,
) -> None:
    longs = [entry_received(built, id=f"t:{number}") for number in range(2)]
    short = entry_received(built, id="t:s", side="sell")
    received(built, leg("exit", "sell"))
    assert {alert.decisions.get().state for alert in longs} == {"superseded"}
    assert short.decisions.get().state == "proposed"


@pytest.mark.parametrize(("symbol", "left"), [("", 0), ("EURUSD", 1)])
def test_a_close_all_supersedes_all_of_the_symbol_or_of_the_strategy(
    built: BuiltStrategy, symbol: str, left: int
) -> None:
    entry_received(built, id="t:1")
    entry_received(built, id="t:2", symbol="GBPUSD", ref_price="1.3", sl="1.2", tp="1.5")
    other = strategy_built("other")
    entry_received(other, id="t:1")
    received(built, leg("close_all", symbol=symbol))
    mine = Decision.objects.filter(strategy=built.strategy, state="proposed")
    assert mine.count() == left
    assert Decision.objects.filter(strategy=other.strategy, state="proposed").count() == 1


def test_a_reversal_closes_at_once_and_proposes_the_new_entry_on_a_new_trace(
    built: BuiltStrategy,
) -> None:
    old = entry_decided(built, id="t:1")
    alert = received(built, leg("exit", "sell"), leg("entry", "sell"))
    closing, opening = alert.decisions.order_by("leg_no")
    assert (closing.leg_no, closing.state, closing.trace_id) == (0, "approved", old.trace_id)
    assert (opening.leg_no, opening.state, opening.trace_id) == (1, "proposed", alert.trace_id)
    assert alert.trace_id != old.trace_id


def test_a_stale_reversal_still_closes_and_its_entry_expires(
    built: BuiltStrategy, run_handlers: Any
) -> None:
    entry_decided(built, id="t:1")
    old_bar = now() - timedelta(hours=1)
    alert = received(built, leg("exit", "sell"), leg("entry", "sell"), bar_time=old_bar)
    run_handlers.only("signals.fuse_alert")
    closing, opening = alert.decisions.order_by("leg_no")
    assert closing.state == "approved"
    assert (opening.state, opening.reason) == ("expired", "too_late")
    assert opening.valid_until == alert.received_at


def test_the_alert_keeps_the_intent_as_canonical_text(built: BuiltStrategy) -> None:
    alert = entry_received(built, id="t:1", trade_id="t:1")
    assert Intent.from_json(alert.intent).to_json() == alert.intent
    assert alert.bar_time == Intent.from_json(alert.intent).bar_time
    assert alert.sender_id == "t:1"
    assert alert.intent_key is None
    assert EntryFactory(id="x")["trade_id"] == "x"
