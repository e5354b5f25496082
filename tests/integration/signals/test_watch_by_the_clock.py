"""Alerts that fire too often, fall silent, or whose canary stays out: incidents by the clock."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction

from fusion_project.events.clock import now
from fusion_project.events.life import watch_look
from fusion_project.events.models import Event
from fusion_project.events.periodic import periodic_run
from fusion_project.incidents.models import Incident
from fusion_project.incidents.services import incident_close
from signals.errors import PolicyInvalid
from signals.models import Alert, Delivery, Expectation
from signals.selectors import watching
from signals.selectors.watching import path_seen_list
from signals.services.strategies import strategy_policy_change, strategy_switch
from signals.services.watching import alert_watch, canary_declare
from tests.builders.signals import BuiltStrategy, alert_received, entry_received
from tests.builders.switches import strategy_stop
from tests.factories.signals import BarFactory, EntryFactory, TestSignalFactory


def incidents(kind: str, **facts: Any) -> list[Incident]:
    return list(Incident.objects.filter(kind=kind, **facts).order_by("id"))


def watch(*alert_ids: int) -> None:
    for alert_id in alert_ids:
        alert_watch(alert_id=alert_id)


def test_twelve_fires_in_three_minutes_warn_before_tradingview_stops_the_alert(
    built: BuiltStrategy, clock: Any
) -> None:
    entry = EntryFactory(at=now())
    for _ in range(11):
        clock.advance(seconds=5)
        alert_received(built, entry)
    periodic_run("signals.watch_rates")
    assert incidents("alert.rate") == []
    alert_received(built, {**entry, "sent_at": entry["sent_at"] + 60_000})
    for _ in range(2):
        periodic_run("signals.watch_rates")
    (found,) = incidents("alert.rate")
    assert found.subject == f"signals.strategy:{built.strategy.id}/EURUSD"
    assert "12 fires in 3 minutes" in found.note
    assert found.times_seen == 1
    clock.advance(minutes=3)
    periodic_run("signals.watch_rates")
    found.refresh_from_db()
    assert found.closed_by == "system"


def test_more_than_fifteen_fires_stay_open_until_the_alert_fires_again(
    built: BuiltStrategy, clock: Any
) -> None:
    entry = EntryFactory(at=now())
    for _ in range(16):
        clock.advance(seconds=5)
        alert_received(built, entry)
    periodic_run("signals.watch_rates")
    (found,) = incidents("alert.rate")
    assert "probably stopped" in found.note
    clock.advance(hours=5)
    periodic_run("signals.watch_rates")
    assert len(incidents("alert.rate", closed_at=None)) == 1
    alert_received(built, entry)
    periodic_run("signals.watch_rates")
    assert incidents("alert.rate", closed_at=None) == []


def test_a_rate_warning_that_a_person_closed_counts_anew(built: BuiltStrategy, clock: Any) -> None:
    entry = EntryFactory(at=now())
    for _ in range(13):
        clock.advance(seconds=1)
        alert_received(built, entry)
    periodic_run("signals.watch_rates")
    (found,) = incidents("alert.rate")
    incident_close(incident_id=found.id, note="will fire less", actor="user:1")
    clock.advance(seconds=1)
    alert_received(built, entry)
    periodic_run("signals.watch_rates")
    assert len(incidents("alert.rate")) == 1


def test_an_alert_that_fires_every_fifteen_seconds_opens_one_warning_and_keeps_it(
    built: BuiltStrategy, clock: Any
) -> None:
    entry = EntryFactory(at=now())
    for number in range(120):
        # Two seconds early or late: eleven to thirteen fires in three minutes.
        alert_received(built, entry)
        clock.advance(seconds=(15, 19, 11, 13, 17)[number % 5])
        periodic_run("signals.watch_rates")
    (found,) = incidents("alert.rate")
    assert found.closed_at is None


def test_many_symbols_at_once_are_as_many_alerts_whatever_becomes_of_them(
    built: BuiltStrategy, clock: Any
) -> None:
    symbols = ["EURUSD", "GBPUSD", "USDJPY", "XAUUSD", "BTCUSD", "ETHUSD"]
    for _ in range(4):
        clock.advance(seconds=40)
        for symbol in symbols:
            alert_received(built, BarFactory(at=now(), symbol=symbol, tf="1"))
            alert_received(built, EntryFactory(at=now() - timedelta(hours=1), symbol=symbol))
    assert Delivery.objects.filter(rule="stale").count() == 24
    periodic_run("signals.watch_rates")
    assert incidents("alert.rate") == []


def test_a_stopped_alert_is_not_forgotten_among_those_of_other_symbols(
    built: BuiltStrategy, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "FIRES_MAX", 20)
    entry = EntryFactory(at=now())
    for _ in range(16):
        clock.advance(seconds=5)
        alert_received(built, entry)
    periodic_run("signals.watch_rates")
    for _ in range(25):
        clock.advance(minutes=5)
        entry_received(built, symbol="GBPUSD")
        periodic_run("signals.watch_rates")
    (found,) = incidents("alert.rate")
    assert (found.closed_at, "probably stopped" in found.note) == (None, True)


def steady(built: BuiltStrategy, clock: Any, count: int, minutes: int = 15) -> None:
    for _ in range(count):
        clock.advance(minutes=minutes)
        entry_received(built)


def test_our_own_outage_is_no_silence_of_the_sender(
    built: BuiltStrategy, clock: Any, run_handlers: Any
) -> None:
    steady(built, clock, 12)
    canary_declare(strategy_id=built.strategy.id, every_seconds=600, actor="user:1")
    run_handlers.only("signals.watch_alert")
    clock.advance(hours=9)
    # The first look after the outage: from here on it can be heard.
    watch_look()
    periodic_run("signals.watch_absences")
    assert Incident.objects.count() == 0
    clock.advance(minutes=59)
    periodic_run("signals.watch_absences")
    assert incidents("alert.silent") == []
    assert len(incidents("canary.missing")) == 1
    clock.advance(minutes=2)
    periodic_run("signals.watch_absences")
    assert len(incidents("alert.silent")) == 1


def test_silence_far_beyond_the_usual_gap_opens_once_and_closes_at_the_next_alert(
    built: BuiltStrategy, clock: Any, run_handlers: Any
) -> None:
    steady(built, clock, 12)
    run_handlers.only("signals.watch_alert")
    clock.advance(minutes=59)
    periodic_run("signals.watch_absences")
    assert incidents("alert.silent") == []
    clock.advance(minutes=2)
    for _ in range(2):
        periodic_run("signals.watch_absences")
    (found,) = incidents("alert.silent")
    assert found.subject == f"signals.strategy:{built.strategy.id}/EURUSD"
    assert found.times_seen == 1
    incident_close(incident_id=found.id, note="market holiday", actor="user:1")
    watch(*Alert.objects.values_list("id", flat=True))
    clock.advance(hours=3)
    periodic_run("signals.watch_absences")
    assert incidents("alert.silent", closed_at=None) == []
    steady(built, clock, 1)
    run_handlers.only("signals.watch_alert")
    clock.advance(days=1)
    periodic_run("signals.watch_absences")
    (again,) = incidents("alert.silent", closed_at=None)
    steady(built, clock, 1)
    run_handlers.only("signals.watch_alert")
    again.refresh_from_db()
    assert again.closed_by == "system"


def test_a_strategy_that_is_switched_on_again_is_not_silent_since_it_was_switched_off(
    built: BuiltStrategy, clock: Any, run_handlers: Any
) -> None:
    steady(built, clock, 13)
    run_handlers.only("signals.watch_alert")
    strategy_switch(strategy_id=built.strategy.id, is_active=False)
    clock.advance(days=3)
    strategy_switch(strategy_id=built.strategy.id, is_active=True)
    periodic_run("signals.watch_absences")
    assert incidents("alert.silent") == []
    steady(built, clock, 1)
    run_handlers.only("signals.watch_alert")
    strategy_policy_change(strategy_id=built.strategy.id, actor="user:1", name="Renamed")
    clock.advance(days=30)
    periodic_run("signals.watch_absences")
    assert len(incidents("alert.silent")) == 1


def test_a_stored_alert_whose_handling_waits_is_not_silence(
    built: BuiltStrategy, clock: Any, run_handlers: Any
) -> None:
    steady(built, clock, 12)
    run_handlers.only("signals.watch_alert")
    clock.advance(minutes=61)
    entry_received(built)
    periodic_run("signals.watch_absences")
    assert incidents("alert.silent") == []


def test_too_little_history_and_inactive_strategies_are_not_watched_for_silence(
    built: BuiltStrategy, clock: Any, run_handlers: Any
) -> None:
    steady(built, clock, 11)
    run_handlers.only("signals.watch_alert")
    clock.advance(days=1)
    periodic_run("signals.watch_absences")
    assert incidents("alert.silent") == []
    steady(built, clock, 2)
    run_handlers.only("signals.watch_alert")
    strategy_switch(strategy_id=built.strategy.id, is_active=False)
    clock.advance(days=3)
    periodic_run("signals.watch_absences")
    assert incidents("alert.silent") == []


def canary(built: BuiltStrategy) -> int:
    answer = alert_received(built, TestSignalFactory(at=now()))
    assert answer.status == 202
    assert answer.receipt is not None
    return int(answer.receipt.alert_id or 0)


def test_a_declared_canary_that_stays_out_opens_an_incident_and_closes_it_when_back(
    built: BuiltStrategy, clock: Any, run_handlers: Any
) -> None:
    canary_declare(strategy_id=built.strategy.id, every_seconds=60, actor="user:1")
    assert Event.objects.filter(name="policy.changed").last().actor == "user:1"
    canary(built)
    run_handlers()
    clock.advance(seconds=134)
    periodic_run("signals.watch_absences")
    assert incidents("canary.missing") == []
    clock.advance(seconds=2)
    for _ in range(2):
        periodic_run("signals.watch_absences")
    (found,) = incidents("canary.missing", closed_at=None)
    assert found.subject == f"signals.strategy:{built.strategy.id}"
    assert "over twice its 60 s" in found.note
    assert path_seen_list()[0].is_canary_late
    canary(built)
    run_handlers()
    found.refresh_from_db()
    assert found.closed_by == "system"
    assert not path_seen_list()[0].is_canary_late


def test_a_canary_never_seen_is_missed_as_well_and_none_declared_settles_it(
    built: BuiltStrategy, clock: Any
) -> None:
    canary_declare(strategy_id=built.strategy.id, every_seconds=60, actor="system")
    clock.advance(seconds=136)
    periodic_run("signals.watch_absences")
    (found,) = incidents("canary.missing", closed_at=None)
    assert "never seen" in found.note
    canary_declare(strategy_id=built.strategy.id, every_seconds=None, actor="system")
    assert incidents("canary.missing", closed_at=None) == []
    clock.advance(days=1)
    periodic_run("signals.watch_absences")
    assert incidents("canary.missing", closed_at=None) == []


@pytest.mark.parametrize("seconds", [0, 29, 604_801])
def test_a_canary_cadence_out_of_range_is_refused_twice(built: BuiltStrategy, seconds: int) -> None:
    with pytest.raises(PolicyInvalid):
        canary_declare(strategy_id=built.strategy.id, every_seconds=seconds, actor="system")
    with pytest.raises(IntegrityError), transaction.atomic():
        Expectation.objects.create(strategy=built.strategy, kind="test", declared_seconds=seconds)


def test_an_old_canary_handled_late_does_not_set_the_clock_back(
    built: BuiltStrategy, clock: Any
) -> None:
    canary_declare(strategy_id=built.strategy.id, every_seconds=60, actor="system")
    first = canary(built)
    clock.advance(seconds=50)
    second = canary(built)
    watch(second, first)
    row = Expectation.objects.get(kind="test")
    assert row.last_alert_id == second
    assert row.due_by == now() + timedelta(seconds=135)


def test_signs_of_life_say_when_the_path_was_last_seen(
    built: BuiltStrategy, clock: Any, run_handlers: Any
) -> None:
    assert [one.delivery_at for one in path_seen_list()] == [None]
    canary(built)
    run_handlers()
    clock.advance(seconds=40)
    (seen,) = path_seen_list()
    assert (seen.slug, seen.delivery_seconds_ago, seen.canary_seconds_ago) == ("ema-cross", 40, 40)
    alert_received(built, b"not json {")
    (seen,) = path_seen_list()
    assert (seen.delivery_at, seen.canary_seconds_ago) == (now(), 40)


def test_the_command_declares_and_shows_a_canary(built: BuiltStrategy) -> None:
    out = StringIO()
    call_command("strategy_canary", "ema-cross", "--every-seconds", "60", stdout=out)
    assert "every 60 s" in out.getvalue()
    call_command("strategy_canary", "ema-cross", "--none", stdout=out)
    assert "none declared" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("strategy_canary", "no-such", "--every-seconds", "60")


def test_the_command_says_that_a_strategy_is_switched_off_and_names_one_that_is_not_there(
    built: BuiltStrategy,
) -> None:
    strategy_stop(built.strategy)
    for words in ([], ["ema-cross"]):
        out = StringIO()
        call_command("strategy_canary", *words, stdout=out)
        assert out.getvalue() == "ema-cross\tswitched off: nothing of it is watched\n"
    with pytest.raises(CommandError, match="There is no strategy no-such"):
        call_command("strategy_canary", "no-such")
