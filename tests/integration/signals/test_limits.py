"""Limits before and after authentication, and pinned dialects and defaults."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from fusion_project.events.clock import now
from signals.errors import PolicyInvalid
from signals.models import (
    Alert,
    Decision,
    Delivery,
    PeerWindow,
    UnknownCallerMinute,
    UnknownCallerSample,
)
from signals.services import shield as shields
from signals.services.housekeeping import unknown_caller_prune
from signals.services.strategies import strategy_policy_change
from tests.builders.signals import BuiltStrategy, alert_received, strategy_built
from tests.factories.signals import EntryFactory, ExitFactory

WRONG = "/hooks/tradingview/ema-cross/wrong"


@pytest.fixture
def ten_a_minute(settings: Any) -> None:
    settings.UNKNOWN_CALLERS_PER_MINUTE = 10


@pytest.mark.usefixtures("ten_a_minute")
def test_a_peer_without_a_valid_secret_is_told_to_wait(post: Any, clock: Any) -> None:
    statuses = [post(b"x", path=WRONG, REMOTE_ADDR="203.0.113.7").status_code for _ in range(15)]
    assert statuses == [401] * 10 + [429] * 5
    answer = post(b"x", path=WRONG, REMOTE_ADDR="203.0.113.7")
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert answer.json()["reason"] == "too_many_requests"
    assert post(b"x", path=WRONG, REMOTE_ADDR="203.0.113.8").status_code == 401
    clock.advance(seconds=60)
    shields.shield.clear()
    assert post(b"x", path=WRONG, REMOTE_ADDR="203.0.113.7").status_code == 401


@pytest.mark.usefixtures("ten_a_minute")
def test_a_valid_secret_passes_whatever_else_its_address_sent(
    post: Any, built: BuiltStrategy
) -> None:
    for _ in range(30):
        post(b"x", path=WRONG, REMOTE_ADDR="52.89.214.238")
    assert post(EntryFactory(at=now()), REMOTE_ADDR="52.89.214.238").status_code == 202


@pytest.mark.usefixtures("ten_a_minute")
def test_valid_requests_do_not_count(post: Any) -> None:
    for _ in range(20):
        assert post(EntryFactory(at=now()), REMOTE_ADDR="203.0.113.7").status_code == 202
    assert post(b"x", path=WRONG, REMOTE_ADDR="203.0.113.7").status_code == 401


@pytest.mark.usefixtures("ten_a_minute", "built")
def test_forged_forwarding_headers_do_not_dodge_the_limit(post: Any) -> None:
    statuses = [
        post(b"x", path=WRONG, REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR=f"10.1.{n}.1")
        for n in range(200)
    ]
    assert [one.status_code for one in statuses].count(401) == 10


@pytest.mark.usefixtures("ten_a_minute", "built")
def test_addresses_of_one_ipv6_network_count_together(post: Any) -> None:
    statuses = [
        post(b"x", path=WRONG, REMOTE_ADDR=f"2001:db8::{n:x}").status_code for n in range(1, 21)
    ]
    assert statuses.count(401) == 10


@pytest.mark.usefixtures("ten_a_minute")
def test_what_the_shield_turned_away_is_counted_with_the_next_request(
    post: Any, monkeypatch: Any
) -> None:
    for _ in range(30):
        post(b"x", path=WRONG)
    assert UnknownCallerMinute.objects.get().seen == 11
    monkeypatch.setattr(shields.shield, "_clock", lambda: 1e12)
    assert post(b"x", path=WRONG).status_code == 429
    assert UnknownCallerMinute.objects.get().seen == 31
    assert UnknownCallerSample.objects.count() == 10
    assert PeerWindow.objects.get().seen == 31


def test_the_shield_forgets_rather_than_grows(monkeypatch: Any) -> None:
    monkeypatch.setattr(shields, "PEERS_MAX", 3)
    one = shields.Shield()
    for number in range(9):
        one.block(f"203.0.113.{number}", 30)
        assert one.seconds_blocked(f"203.0.113.{number}")
    assert len(one._blocks) <= 3


def test_old_windows_are_forgotten(built: BuiltStrategy, post: Any, clock: Any) -> None:
    post(b"x", path=WRONG)
    clock.advance(minutes=6)
    unknown_caller_prune()
    assert not PeerWindow.objects.exists()


def test_more_entries_than_the_strategy_allows_are_refused_with_a_receipt(
    db: None, clock: Any
) -> None:
    clock.set(now())
    built = strategy_built(entries_per_minute_max=3)
    answers = [alert_received(built, EntryFactory(at=now())) for _ in range(5)]
    assert [one.status for one in answers] == [202, 202, 202, 200, 200]
    assert answers[4].reason == "rate_limited"
    assert answers[4].receipt is not None
    assert answers[4].receipt.delivery_id == Delivery.objects.latest("id").id
    assert Decision.objects.count() == 3
    for _ in range(9):
        assert alert_received(built, ExitFactory(at=now())).status == 202
    clock.advance(seconds=61)
    assert alert_received(built, EntryFactory(at=now())).status == 202


def test_a_reversal_over_the_limit_still_exits(db: None, clock: Any) -> None:
    clock.set(now())
    built = strategy_built(entries_per_minute_max=1)
    alert_received(built, EntryFactory(at=now()))
    answer = alert_received(
        built,
        b'{"ticker":"EURUSD","strategy":{"order_action":"sell","order_contracts":2,'
        b'"market_position":"short","market_position_size":1,"prev_market_position":"long",'
        b'"prev_market_position_size":1}}',
    )
    assert answer.status == 202, answer
    leaving, entering = Alert.objects.latest("id").decisions.order_by("leg_no")
    assert (leaving.verb, leaving.state) == ("exit", "approved")
    assert entering.valid_until == now()


def test_a_strategy_that_pins_its_dialects_refuses_the_others(db: None) -> None:
    built = strategy_built(dialects=["df.signal/1"])
    answer = alert_received(built, b'{"symbol":"EURUSD","action":"buy"}')
    assert (answer.status, answer.reason) == (422, "dialect_not_allowed")
    assert Delivery.objects.get().rule == "dialect_not_allowed"
    assert alert_received(built, EntryFactory(at=now())).status == 202


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dialects", ["df.signal"]),
        ("dialects", "df.signal/1"),
        ("dialects", [None]),
        ("defaults", []),
        ("defaults", {"sise": {"mode": "lots", "value": "1"}}),
        ("defaults", {"size": {"mode": "lots", "value": 0.1}}),
        ("defaults", {"size": {"mode": "lots", "value": "1", "x": 1}}),
        ("defaults", {"size": {"mode": "tons", "value": "1"}}),
        ("defaults", {"sl": {"kind": "price", "value": "1.08"}}),
        ("defaults", {"tp": {"kind": "pips", "value": "-3"}}),
        ("defaults", {"size_unit": "stones"}),
        ("defaults", {"target_unit": 5}),
        ("defaults", {"entry_unit": "pips"}),
        ("defaults", {"timeframe": 15}),
        ("live_grade_min", "E"),
        ("entries_per_minute_max", 0),
    ],
)
def test_odd_declarations_are_refused_when_they_are_saved(
    built: BuiltStrategy, field: str, value: Any
) -> None:
    with pytest.raises(PolicyInvalid):
        strategy_policy_change(strategy_id=built.strategy.id, actor="user:1", **{field: value})


def test_good_declarations_are_saved(built: BuiltStrategy) -> None:
    changed = strategy_policy_change(
        strategy_id=built.strategy.id,
        actor="user:1",
        dialects=["traderspost", "key_value"],
        defaults={
            "size": {"mode": "lots", "value": "0.1"},
            "sl": {"kind": "pips", "value": "30"},
            "tp": {"kind": "percent", "value": 2},
            "size_unit": "risk_pct",
            "target_unit": "pips",
            "entry_unit": "price",
            "timeframe": "15",
        },
    )
    assert changed.policy.dialects == ["traderspost", "key_value"]


@pytest.mark.parametrize(
    ("column", "value"),
    [("defaults", "[]"), ("defaults", '{"sise": 1}'), ("dialects", "{}"), ("defaults", "3")],
)
def test_the_table_refuses_odd_declarations_too(
    built: BuiltStrategy, column: str, value: str
) -> None:
    policy = built.strategy.policy
    policy.pk, policy.version = None, 2
    setattr(policy, column, json.loads(value))
    with pytest.raises(IntegrityError, match=f"signals_policy_{column}"), transaction.atomic():
        policy.save(force_insert=True)


@pytest.mark.django_db
def test_the_windows_table_writes_no_log() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'signals_peerwindow'")
        assert cursor.fetchone() == ("u",)
