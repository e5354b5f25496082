"""The three duplicate rules, the conflict record, and the age rules."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from fusion_project.events.clock import now
from fusion_project.events.models import Event
from signals.dialects.base import Reading
from signals.intents.intent import Intent
from signals.intents.legs import Leg
from signals.models import Alert, AlertConflict, Decision, Delivery, Strategy
from signals.services.intake import DeliveryFacts, Receipt, alert_accept, body_sha256
from signals.services.strategies import strategy_switch
from tests.builders.signals import BuiltStrategy, entry_received, strategy_built
from tests.factories.signals import EntryFactory, ExitFactory, body_of


def test_the_same_bytes_are_one_alert_however_late_they_come_again(post: Any, clock: Any) -> None:
    message = EntryFactory(at=now())
    first = post(message).json()
    for seconds in (5, 5, 5, 86_400):
        clock.advance(seconds=seconds)
        response = post(message)
        assert response.status_code == 200
        assert (response.json()["verdict"], response.json()["reason"]) == (
            "duplicate",
            "same_bytes",
        )
        assert response.json()["alert_id"] == first["alert_id"]
        assert response.json()["trace_id"] == first["trace_id"]
        assert response.json()["receipt"] != first["receipt"]
    assert Alert.objects.count() == Decision.objects.count() == 1
    assert Delivery.objects.count() == 5
    assert Event.objects.filter(name="alert.received").count() == 1


def test_a_second_firing_with_a_new_send_time_is_the_same_id(post: Any, clock: Any) -> None:
    message = EntryFactory(at=now())
    first = post(message).json()
    clock.advance(seconds=1)
    for again in ({"sent_at": message["sent_at"] + 1000}, {"key": "x"}, {"minor": 1}):
        answer = post({**message, **again})
        assert (answer.status_code, answer.json()["reason"]) == (200, "same_id"), again
        assert answer.json()["alert_id"] == first["alert_id"]
    assert Alert.objects.count() == 1


def test_the_same_id_with_another_meaning_is_a_conflict_record_and_no_decision(post: Any) -> None:
    message = EntryFactory(at=now())
    first = post(message).json()
    response = post({**message, "sl": "1.08000"})
    assert (response.status_code, response.json()["reason"]) == (200, "id_conflict")
    assert response.json()["verdict"] == "refused"
    conflict = AlertConflict.objects.get()
    assert conflict.alert_id == first["alert_id"]
    assert Intent.from_json(conflict.intent).legs[0].sl.value == Decimal("1.08")  # type: ignore[union-attr]
    assert Decision.objects.count() == 1
    assert Event.objects.get(name="alert.refused").detail == (
        '{"lowers_risk":false,"rule":"id_conflict"}'
    )


def test_two_strategies_may_send_the_same_bytes(post: Any) -> None:
    other = strategy_built("other")
    message = EntryFactory(at=now())
    assert post(message).status_code == 202
    assert post(message, path=other.path).status_code == 202


def accept(built: BuiltStrategy, leg: Leg, body: bytes, **members: Any) -> Receipt:
    """Accept a reading of a dialect without deterministic ids."""
    strategy = Strategy.objects.get(id=built.strategy.id)
    facts = DeliveryFacts(
        strategy_id=strategy.id,
        secret_id=None,
        body=body,
        body_sha256=body_sha256(body),
        content_type="text/plain",
        peer="127.0.0.1",
    )
    intent = Intent(kind="trade", legs=(leg,), **members)
    reading = Reading(dialect="other/1", intent=intent)
    return alert_accept(facts=facts, strategy_version=strategy.version, reading=reading)


BUY = Leg(verb="entry", side="buy", symbol_raw="EURUSD")


def test_an_alert_read_under_an_older_policy_is_not_stored(built: BuiltStrategy) -> None:
    facts = DeliveryFacts(
        strategy_id=built.strategy.id,
        secret_id=None,
        body=b"x",
        body_sha256=body_sha256(b"x"),
        content_type="",
        peer="",
    )
    reading = Reading(dialect="other/1", intent=Intent(kind="trade", legs=(BUY,)))
    old = built.strategy.version - 1
    assert alert_accept(facts=facts, strategy_version=old, reading=reading).verdict == "outdated"
    assert not Delivery.objects.exists()
    assert not Alert.objects.exists()


def test_bytes_without_id_or_time_are_duplicates_for_thirty_seconds_only(
    built: BuiltStrategy, clock: Any
) -> None:
    first = accept(built, BUY, b"buy EURUSD")
    clock.advance(seconds=29)
    assert accept(built, BUY, b"buy EURUSD").rule == "same_bytes"
    clock.advance(seconds=2)
    later = accept(built, BUY, b"buy EURUSD")
    assert later.verdict == "accepted"
    assert later.alert_id != first.alert_id


def test_the_same_intent_on_the_same_bar_is_a_duplicate_without_any_id(
    built: BuiltStrategy,
) -> None:
    bar = {"bar_time": now(), "timeframe": "15"}
    first = accept(built, BUY, b"one", **bar)
    again = accept(built, BUY, b"two", **bar, ref_price=Decimal("1.1"))
    assert (again.verdict, again.rule, again.alert_id) == (
        "duplicate",
        "same_intent",
        first.alert_id,
    )
    later = accept(built, BUY, b"three", timeframe="15", bar_time=now() + timedelta(minutes=15))
    assert later.verdict == "accepted"


def test_two_targets_on_one_bar_are_both_accepted(built: BuiltStrategy) -> None:
    bar = {"bar_time": now(), "timeframe": "15"}
    for number, share in enumerate(("50", "25")):
        leg = Leg(verb="partial_exit", side="sell", symbol_raw="EURUSD", close_pct=Decimal(share))
        assert accept(built, leg, bytes([number]), **bar).verdict == "accepted"


@pytest.mark.parametrize(
    ("members", "rule"),
    [
        ({"bar_close": -121_000, "bar_time": -300_000}, "stale"),
        ({"sent_at": -121_000}, "stale"),
        ({"sent_at": 31_000}, "from_future"),
        ({"expires_at": -1}, "expired"),
    ],
)
def test_an_entry_out_of_its_time_is_refused_by_rule(
    post: Any, members: dict[str, int], rule: str
) -> None:
    message = EntryFactory(at=now())
    base = message["sent_at"]
    response = post({**message, **{name: base + shift for name, shift in members.items()}})
    assert (response.status_code, response.json()["verdict"]) == (200, "refused")
    assert response.json()["reason"] == rule
    assert response.json()["alert_id"] is None
    assert not Alert.objects.exists()
    assert Delivery.objects.get().rule == rule
    assert Event.objects.get(name="alert.refused").detail == (
        f'{{"lowers_risk":false,"rule":"{rule}"}}'
    )


def test_an_entry_at_the_edge_of_its_time_is_accepted(post: Any) -> None:
    message = EntryFactory(at=now())
    message["sent_at"] -= 120_000
    assert post(message).status_code == 202


def test_what_lowers_risk_is_never_too_old(post: Any) -> None:
    message = ExitFactory(at=now() - timedelta(days=2))
    assert post(message).status_code == 202


def test_a_resend_of_an_accepted_entry_is_a_duplicate_and_not_stale(post: Any, clock: Any) -> None:
    message = EntryFactory(at=now())
    post(message)
    clock.advance(seconds=500)
    assert post(message).json()["reason"] == "same_bytes"


def test_a_switched_off_strategy_refuses_entries_and_lets_exits_pass(
    built: BuiltStrategy, post: Any
) -> None:
    entry_received(built, id="t")
    strategy_switch(strategy_id=built.strategy.id, is_active=False)
    assert post(EntryFactory(at=now())).json()["reason"] == "strategy_inactive"
    assert post(ExitFactory(at=now(), trade_id="t")).status_code == 202


def test_an_accepted_alert_is_one_round_trip_once_the_strategy_is_known(
    post: Any, django_assert_num_queries: Any
) -> None:
    post(EntryFactory(at=now()))
    body = body_of(EntryFactory(at=now()))
    with django_assert_num_queries(1, connection=connection):
        assert post(body).status_code == 202
