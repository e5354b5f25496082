"""Alerts and reviews that meet: one of each, whoever comes first."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from fusion_project.events.clock import now
from fusion_project.events.models import Event
from signals.dialects.base import Reading
from signals.errors import DecisionNotPending
from signals.intents.intent import Intent
from signals.intents.legs import Leg
from signals.lobes.registry import LOBES
from signals.models import Alert, AlertConflict, Decision, Delivery, Review, Strategy
from signals.selectors.decisions import decision_shown_sha256
from signals.services.asking import alert_ask
from signals.services.decisions import decision_approve, decision_expire_due, decision_reject
from signals.services.fusing import decision_fuse
from signals.services.intake import DeliveryFacts, alert_accept, body_sha256
from tests.builders.signals import (
    BuiltStrategy,
    entry_decided,
    entry_received,
    exit_received,
    strategy_built,
)
from tests.factories.signals import EntryFactory, ExitFactory, body_of

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture(autouse=True)
def patience(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crowd on a busy machine may take longer than a request's deadline; only order counts."""
    settings.REQUEST_DATABASE_DEADLINE_SECONDS = 60
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "connect_timeout", 60)


def post(built: BuiltStrategy, body: bytes) -> Any:
    return Client().post(built.path, body, content_type="application/json")


def test_fifty_copies_at_once_make_one_alert_and_one_receipt(in_threads: Any) -> None:
    built = strategy_built()
    body = body_of(EntryFactory(at=now()))
    answers = in_threads(50, lambda number: post(built, body))
    assert Counter(answer.status_code for answer in answers) == {202: 1, 200: 49}
    assert len({answer.json()["alert_id"] for answer in answers}) == 1
    assert len({answer.json()["trace_id"] for answer in answers}) == 1
    assert len({answer.json()["receipt"] for answer in answers}) == 50
    assert Alert.objects.count() == Decision.objects.count() == 1
    assert Delivery.objects.count() == 50
    assert Event.objects.filter(name="alert.received").count() == 1


def test_refirings_at_once_with_other_send_times_make_one_alert(in_threads: Any) -> None:
    built = strategy_built()
    message = EntryFactory(at=now())
    answers = in_threads(
        20, lambda number: post(built, body_of({**message, "sent_at": message["sent_at"] + number}))
    )
    assert Counter(answer.status_code for answer in answers) == {202: 1, 200: 19}
    assert {answer.json()["reason"] for answer in answers} == {"", "same_id"}
    assert Alert.objects.count() == 1


def test_one_id_with_twenty_meanings_at_once_makes_one_decision(in_threads: Any) -> None:
    built = strategy_built()
    message = EntryFactory(at=now())
    answers = in_threads(
        20, lambda number: post(built, body_of({**message, "sl": f"1.080{number:02}"}))
    )
    assert Counter(answer.json()["verdict"] for answer in answers) == {"accepted": 1, "refused": 19}
    assert AlertConflict.objects.count() == 19
    assert Decision.objects.count() == 1


def test_different_alerts_at_once_are_all_accepted(in_threads: Any) -> None:
    built = strategy_built()
    bodies = [body_of(EntryFactory(at=now())) for _ in range(30)]
    answers = in_threads(30, lambda number: post(built, bodies[number]))
    assert {answer.status_code for answer in answers} == {202}
    assert Alert.objects.count() == Decision.objects.count() == 30


def test_an_exit_racing_the_fusion_of_its_entry_leaves_one_consistent_end(
    in_threads: Any,
) -> None:
    built = strategy_built()
    for number in range(10):
        alert = entry_received(built, id=f"t:{number}")
        [asked] = alert_ask(alert_id=alert.id)
        decision_id = asked.decision_id

        def work(who: int, trade: str = f"t:{number}", known: Any = asked) -> Any:
            if who:
                return exit_received(built, trade).id
            return decision_fuse(decision_id=known.decision_id, opinions=known.opinions)

        fused, _ = in_threads(2, work)
        decision = Decision.objects.get(id=decision_id)
        names = set(
            Event.objects.filter(subject=f"signals.decision:{decision_id}").values_list(
                "name", flat=True
            )
        )
        assert fused == decision.state
        if decision.state == "superseded":
            assert names == {"decision.superseded"}
            assert decision.inputs is None
        else:
            assert decision.state == "approved"
            assert names == {"decision.proposed", "decision.approved"}


def test_an_exit_racing_its_entrys_arrival_never_leaves_the_entry_undecided_behind_it(
    in_threads: Any,
) -> None:
    built = strategy_built()
    for number in range(10):
        bodies = [
            body_of(EntryFactory(at=now(), id=f"t:{number}")),
            body_of(ExitFactory(at=now(), trade_id=f"t:{number}")),
        ]
        answers = in_threads(2, lambda who, bodies=bodies: post(built, bodies[who]))
        if answers[0].status_code == 200:
            # The exit was first: its entry comes too late and is not opened.
            assert answers[0].json()["reason"] == "trade_closed_already"
            continue
        assert {answer.status_code for answer in answers} == {202}
        entry, closing = (Decision.objects.get(alert_id=one.json()["alert_id"]) for one in answers)
        assert entry.alert_id < closing.alert_id
        assert (entry.state, entry.trace_id) == ("superseded", closing.trace_id)


def test_fusing_one_alert_in_parallel_decides_once(in_threads: Any) -> None:
    built = strategy_built()
    alert = entry_received(built)
    [asked] = alert_ask(alert_id=alert.id)
    states = in_threads(
        8, lambda who: decision_fuse(decision_id=asked.decision_id, opinions=asked.opinions)
    )
    assert set(states) == {"approved"}
    assert alert.opinions.count() == len(LOBES)
    assert Event.objects.filter(name="decision.approved").count() == 1


def reviews_asked(decision: Decision, count: int) -> list[dict[str, Any]]:
    people = [
        User.objects.create_user(f"reviewer_{decision.id}_{number}", is_staff=True)
        for number in range(count)
    ]
    shown = decision_shown_sha256(decision.id)
    return [
        {
            "decision_id": decision.id,
            "reviewer_id": person.id,
            "reason": "within_plan",
            "note": "",
            "shown_sha256": shown,
        }
        for person in people
    ]


def test_approve_and_reject_at_once_have_one_winner(in_threads: Any) -> None:
    built = strategy_built(approval="one")
    for _ in range(5):
        decision = entry_decided(built)
        asked = reviews_asked(decision, 6)
        outcomes = in_threads(
            6,
            lambda who, asked=asked: (
                decision_reject(**{**asked[who], "reason": "price_moved"})
                if who % 2
                else decision_approve(**asked[who])
            ),
        )
        winners = [one for one in outcomes if not isinstance(one, DecisionNotPending)]
        decision.refresh_from_db()
        assert [one.state for one in winners] == [decision.state]
        assert Review.objects.filter(decision=decision).count() == 1


def test_two_needed_approvals_at_once_approve_exactly_once(in_threads: Any) -> None:
    decision = entry_decided(strategy_built(approval="two"))
    asked = reviews_asked(decision, 5)
    outcomes = in_threads(5, lambda who: decision_approve(**asked[who]))
    kinds = Counter(
        "late" if isinstance(one, DecisionNotPending) else one.state for one in outcomes
    )
    assert kinds == {"pending_review": 1, "approved": 1, "late": 3}
    assert Event.objects.filter(name="decision.approved").count() == 1


def test_one_person_clicking_twice_counts_once(in_threads: Any) -> None:
    decision = entry_decided(strategy_built(approval="two"))
    [asked] = reviews_asked(decision, 1)
    in_threads(4, lambda who: decision_approve(**asked))
    decision.refresh_from_db()
    assert (decision.state, Review.objects.count()) == ("pending_review", 1)


def test_an_exit_racing_a_review_leaves_one_end(in_threads: Any) -> None:
    built = strategy_built(approval="one")
    for number in range(5):
        decision = entry_decided(built, id=f"r:{number}")
        [asked] = reviews_asked(decision, 1)

        def work(who: int, trade: str = f"r:{number}", asked: Any = asked) -> Any:
            return exit_received(built, trade) if who else decision_approve(**asked)

        in_threads(2, work)
        ends = Event.objects.filter(
            subject=f"signals.decision:{decision.id}",
            name__in=["decision.approved", "decision.superseded"],
        )
        assert ends.count() == 1


def test_several_expirers_expire_each_decision_once(in_threads: Any, clock: Any) -> None:
    built = strategy_built(approval="one", review_seconds=1)
    for _ in range(10):
        entry_decided(built)
    clock.advance(seconds=2)
    counts = in_threads(6, lambda who: decision_expire_due())
    assert sum(counts) == 10
    assert Event.objects.filter(name="decision.expired").count() == 10


def test_equal_bytes_without_id_or_time_at_once_make_one_alert(in_threads: Any) -> None:
    built = strategy_built()
    strategy = Strategy.objects.get(id=built.strategy.id)
    body = b"buy EURUSD"
    facts = DeliveryFacts(
        strategy_id=strategy.id,
        secret_id=None,
        body=body,
        body_sha256=body_sha256(body),
        content_type="text/plain",
        peer="127.0.0.1",
    )
    leg = Leg(verb="entry", side="buy", symbol_raw="EURUSD")
    reading = Reading(dialect="other/1", intent=Intent(kind="trade", legs=(leg,)))
    receipts = in_threads(
        20,
        lambda who: alert_accept(facts=facts, strategy_version=strategy.version, reading=reading),
    )
    assert Counter(one.verdict for one in receipts) == {"accepted": 1, "duplicate": 19}
    assert Alert.objects.count() == 1
