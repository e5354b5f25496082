"""Fusion of a received alert: lobes, engine, decision, opinions and events; and its replay."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from fusion_project.events.clock import now
from fusion_project.events.models import Event, Handling
from signals.fusion.engines.registry import CURRENT, ENGINES
from signals.fusion.inputs import EngineInputs, Policy
from signals.fusion.replay import replay
from signals.intents.legs import Target
from signals.lobes.base import LobeAnswer, Question
from signals.lobes.registry import LOBES
from signals.models import Alert, Decision, Opinion
from signals.selectors.questions import asking_list
from signals.selectors.replays import decision_difference
from signals.services.asking import alert_ask, lobes_ask
from signals.services.fusing import decision_fuse
from signals.services.strategies import strategy_policy_change, strategy_switch
from tests.builders.signals import (
    BuiltStrategy,
    entry_decided,
    entry_fuse,
    entry_received,
    exit_received,
    results_record,
    strategy_built,
)
from tests.integration.signals.test_trades import leg, received

SHY = ENGINES["engine:fusion/1"].fuse(
    EngineInputs(
        policy=Policy(
            strategy="",
            version=1,
            approval="automatic",
            risk_bps=1,
            payoff_r=Decimal(1),
            cost_r=Decimal(0),
            margin_r=Decimal(0),
        ),
        side="buy",
        entry_price=None,
        stop_price=None,
        target_price=None,
        risk_hint_bps=None,
        opinions=(),
    )
)


def asked(alert: Alert) -> tuple[int, list[Opinion]]:
    [one] = alert_ask(alert_id=alert.id)
    return one.decision_id, one.opinions


def events_of(decision: Decision) -> list[str]:
    subject = f"signals.decision:{decision.id}"
    return list(Event.objects.filter(subject=subject).order_by("id").values_list("name", flat=True))


def test_a_fresh_strategy_whose_declared_prior_clears_cost_trades(
    built: BuiltStrategy, run_handlers: Any
) -> None:
    alert = entry_received(built)
    assert run_handlers.only("signals.fuse_alert") == 1
    decision = alert.decisions.get()
    assert (decision.state, decision.author) == ("approved", "engine:fusion/2")
    assert (decision.reason, decision.risk_bps) == ("edge_above_margin", 50)
    assert (decision.p_final, decision.size_factor) == (Decimal("0.6"), 1)
    assert (decision.reviews_needed, decision.decided_at) == (0, now())
    assert events_of(decision) == ["decision.proposed", "decision.approved"]
    assert set(alert.opinions.values_list("lobe", "status")) == {
        ("base_rate", "awake"),
        ("track_record", "asleep"),
        ("bar_features", "asleep"),
        ("neighbours", "asleep"),
        ("online", "asleep"),
    }


def test_a_strategy_without_a_declared_edge_abstains(db: None) -> None:
    decision = entry_decided(strategy_built(prior_p=Decimal("0.3")))
    assert (decision.state, decision.reason) == ("abstained", "edge_below_margin")
    assert (decision.risk_bps, decision.is_live) == (0, False)
    assert events_of(decision) == ["decision.proposed", "decision.abstained"]


@pytest.mark.parametrize(("approval", "needed"), [("one", 1), ("two", 2)])
def test_a_policy_with_reviewers_leaves_the_decision_to_them(
    db: None, approval: str, needed: int
) -> None:
    decision = entry_decided(strategy_built(approval=approval))
    assert (decision.state, decision.reviews_needed) == ("pending_review", needed)
    assert decision.decided_at is None
    assert events_of(decision) == ["decision.proposed"]


def test_the_policy_at_decision_time_counts(built: BuiltStrategy) -> None:
    alert = entry_received(built)
    strategy_switch(strategy_id=built.strategy.id, is_active=False)
    entry_fuse(alert)
    assert alert.decisions.get().reason == "strategy_inactive"
    assert alert.decisions.get().state == "abstained"


def test_an_entry_decided_too_late_expires(
    built: BuiltStrategy, clock: Any, run_handlers: Any
) -> None:
    alert = entry_received(built)
    clock.advance(seconds=60)
    run_handlers.only("signals.fuse_alert")
    decision = alert.decisions.get()
    assert (decision.state, decision.reason, decision.inputs) == ("expired", "too_late", None)
    assert events_of(decision) == ["decision.expired"]


def test_fusing_twice_changes_nothing(built: BuiltStrategy) -> None:
    alert = entry_received(built)
    decision_id, opinions = asked(alert)
    assert decision_fuse(decision_id=decision_id, opinions=opinions) == "approved"
    before = Event.objects.count()
    assert decision_fuse(decision_id=decision_id, opinions=opinions) == "approved"
    assert Event.objects.count() == before
    assert alert.opinions.count() == len(LOBES)


def test_a_decided_entry_that_is_fused_again_too_late_stays_decided(
    built: BuiltStrategy, clock: Any
) -> None:
    alert = entry_received(built)
    decision_id, opinions = asked(alert)
    decision_fuse(decision_id=decision_id, opinions=opinions)
    clock.advance(hours=1)
    assert decision_fuse(decision_id=decision_id, opinions=opinions) == "approved"


def test_an_exit_between_asking_and_deciding_wins(built: BuiltStrategy) -> None:
    alert = entry_received(built, id="t:1")
    decision_id, opinions = asked(alert)
    exit_received(built, "t:1")
    assert decision_fuse(decision_id=decision_id, opinions=opinions) == "superseded"
    assert alert.decisions.get().inputs is None


def test_a_losing_record_makes_the_strategy_abstain(built: BuiltStrategy, clock: Any) -> None:
    strategy_policy_change(
        strategy_id=built.strategy.id,
        actor="user:1",
        prior_p=Decimal("0.5"),
        prior_strength=Decimal(10),
    )
    results_record(built, wins=10, losses=190)
    clock.advance(seconds=1)
    assert entry_decided(built).reason == "edge_below_margin"


def test_a_lobe_that_the_policy_does_not_ask_has_no_say(db: None) -> None:
    decision = entry_decided(strategy_built(lobes=["track_record"]))
    assert (decision.state, decision.reason) == ("abstained", "no_lobe_awake")
    assert list(decision.alert.opinions.values_list("lobe", flat=True)) == ["track_record"]


class Broken:
    """A lobe that fails."""

    name = "broken"
    version = "1"

    def answer(self, question: Question) -> LobeAnswer:
        raise RuntimeError("no answer")


class OutOfRange(Broken):
    """A lobe that answers nonsense."""

    name = "nonsense"

    def answer(self, question: Question) -> LobeAnswer:
        return LobeAnswer(lobe=self.name, version="1", status="awake", p=Decimal(1))


@pytest.mark.parametrize("lobe", [Broken(), OutOfRange()])
def test_a_lobe_that_fails_sleeps_and_leaves_a_fact(built: BuiltStrategy, lobe: Any) -> None:
    alert = entry_received(built)
    [asking] = asking_list(alert_id=alert.id)
    opinions = lobes_ask(question=asking.question, lobes=(*LOBES, lobe))
    assert decision_fuse(decision_id=asking.decision_id, opinions=opinions) == "approved"
    assert alert.opinions.get(lobe=lobe.name).status == "failed"
    assert Event.objects.get(name="lobe.failed").trace_id == alert.trace_id


def test_a_decision_stores_what_it_was_made_from_with_its_hash(built: BuiltStrategy) -> None:
    decision = entry_decided(built, size="0.20")
    assert decision.inputs is not None
    assert decision.inputs_sha256 == hashlib.sha256(decision.inputs.encode()).hexdigest()
    record = json.loads(decision.inputs)
    assert record["context"]["body_sha256"] == decision.alert.body_sha256
    assert [one["lobe"] for one in record["context"]["answers"]] == [one.name for one in LOBES]
    inputs = EngineInputs.from_dict(record["inputs"])
    assert (inputs.risk_hint_bps, decision.risk_bps) == (20, 20)
    assert inputs.policy.version == built.strategy.policy.version


def test_every_stored_decision_replays_byte_for_byte(built: BuiltStrategy) -> None:
    abstaining = strategy_built("shy", prior_p=Decimal("0.31"))
    waiting = strategy_built("watched", approval="one", prior_strength=Decimal("37.5"))
    decisions = [entry_decided(one) for one in (built, abstaining, waiting)]
    exit_received(waiting, decisions[2].trade_ref)
    for decision in decisions:
        assert replay(decision.inputs or "")[0] == decision.inputs
    out = StringIO()
    call_command("replay_decisions", stdout=out)
    assert "3 decisions replayed (3 by engine:fusion/2), 0 differ." in out.getvalue()


def test_replay_names_what_differs(built: BuiltStrategy) -> None:
    decision = entry_decided(built)
    assert decision.inputs is not None
    assert decision_difference(decision) == ""
    decision.risk_bps = 49
    assert decision_difference(decision) == "its columns are not what the record says"
    decision.inputs = decision.inputs.replace('"p":"0.6"', '"p":"0.7"')
    assert decision_difference(decision) == "its inputs do not have the stored hash"
    decision.inputs_sha256 = hashlib.sha256(decision.inputs.encode()).hexdigest()
    assert decision_difference(decision) == "the replay gives another record"
    decision.inputs = decision.inputs.replace("engine:fusion/2", "engine:fusion/0")
    decision.inputs_sha256 = hashlib.sha256(decision.inputs.encode()).hexdigest()
    assert "engine:fusion/0" in decision_difference(decision)


def test_the_replay_command_fails_where_a_decision_differs(
    built: BuiltStrategy, monkeypatch: pytest.MonkeyPatch
) -> None:
    decision = entry_decided(built)
    monkeypatch.setitem(ENGINES, CURRENT.name, replace(CURRENT, fuse=lambda inputs: SHY))
    out = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("replay_decisions", decision=decision.id, stdout=out)
    assert failed.value.returncode == 1
    assert f"decision {decision.id}: the replay gives another record" in out.getvalue()


def test_what_if_names_the_verdicts_a_lobe_decided(built: BuiltStrategy) -> None:
    decision = entry_decided(built)
    out = StringIO()
    call_command("replay_decisions", without_lobe="base_rate", stdout=out)
    assert f"decision {decision.id}: trade becomes abstain" in out.getvalue()


def test_a_question_holds_numbers_and_enums_only(built: BuiltStrategy) -> None:
    alert = entry_received(built, script="sender-word", reason="buy_now")
    [asking] = asking_list(alert_id=alert.id)
    question = asking.question
    assert question.entry_price == Decimal("1.0842")
    assert question.known_until == alert.received_at
    text = repr(question)
    assert "buy_now" not in text
    assert "sender-word" not in text


def test_the_handling_is_done_after_fusion(built: BuiltStrategy, run_handlers: Any) -> None:
    entry_received(built)
    run_handlers.only("signals.fuse_alert")
    assert Handling.objects.get(handler="signals.fuse_alert").done_at is not None


@pytest.mark.parametrize(
    ("stop", "target", "payoff"),
    [
        (("pips", "20"), ("pips", "40"), 2),
        (("percent", "1"), ("percent", "3"), 3),
        (("price", "1.09"), ("price", "1.13"), 3),
        (("pips", "20"), ("percent", "3"), 1),
        (("pips", "20"), None, 1),
    ],
)
def test_what_a_win_pays_is_told_by_the_alerts_own_stop_and_target(
    built: BuiltStrategy,
    stop: tuple[str, str],
    target: tuple[str, str] | None,
    payoff: int,
) -> None:
    sl, tp = (one and Target(one[0], Decimal(one[1])) for one in (stop, target))
    alert = received(built, replace(leg("entry", "buy"), sl=sl, tp=tp), ref_price=Decimal("1.1"))
    entry_fuse(alert)
    record = alert.decisions.get().inputs
    assert Decimal(json.loads(record)["outcome"]["payoff_r"]) == payoff
    assert replay(record)[0] == record
