"""Handlings of neighbouring alerts that run at once: one finding, told once."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connections, transaction

from fusion_project.events.models import Event
from fusion_project.incidents.models import Incident
from fusion_project.incidents.services import incident_close, incident_open, incident_settle
from signals.models import Alert, Expectation, ToldPosition
from signals.services.watching import absence_watch, alert_watch, canary_declare
from tests.builders.signals import alert_received, strategy_built
from tests.threads import somebody_waits, until_somebody_waits

pytestmark = pytest.mark.usefixtures("committed_db")


def sentence(side: str, position: str) -> bytes:
    return (
        f"Trend: order {side} @ 1 filled on OANDA:EURUSD. New strategy position is {position}"
    ).encode()


def test_neighbours_handled_at_once_find_the_gap_once(in_threads: Any) -> None:
    built = strategy_built()
    for body in (sentence("buy", "1"), sentence("sell", "-1")):
        alert_received(built, body)
    ids = sorted(Alert.objects.values_list("id", flat=True))
    results = in_threads(8, lambda number: alert_watch(alert_id=ids[number % 2]))
    assert results == [None] * 8
    found = Incident.objects.get(kind="alert.lost")
    assert found.times_seen == 1
    assert ToldPosition.objects.count() == 2
    assert Expectation.objects.get().last_alert_id == ids[1]


def test_a_handling_waits_for_its_neighbour_that_is_half_done(in_threads: Any) -> None:
    built = strategy_built()
    for body in (sentence("buy", "1"), sentence("sell", "-1")):
        alert_received(built, body)
    first, second = sorted(Alert.objects.values_list("id", flat=True))
    is_half_done, is_done = threading.Event(), threading.Event()

    def work(number: int) -> None:
        if number == 0:
            with transaction.atomic():
                alert_watch(alert_id=first)
                is_half_done.set()
                until_somebody_waits(or_done=is_done)
        else:
            assert is_half_done.wait(30)
            alert_watch(alert_id=second)
            is_done.set()

    assert in_threads(2, work) == [None, None]
    assert Incident.objects.get(kind="alert.lost").closed_at is None


def test_two_drains_report_one_absence_once(in_threads: Any, clock: Any) -> None:
    built = strategy_built()
    canary_declare(strategy_id=built.strategy.id, every_seconds=30, actor="system")
    clock.advance(seconds=80)
    assert sorted(in_threads(4, lambda number: absence_watch())) == [0, 0, 0, 1]
    assert Incident.objects.get(kind="canary.missing").times_seen == 1


def test_a_person_and_the_rule_that_close_an_incident_at_once_close_it_once(
    in_threads: Any,
) -> None:
    for number in range(10):
        subject = f"signals.strategy:{number}"
        incident_id = incident_open(kind="alert.rate", subject=subject, note="12 fires")

        def work(who: int, subject: str = subject, incident_id: int = incident_id) -> Any:
            if who:
                return incident_close(incident_id=incident_id, note="seen", actor="user:1")
            return incident_settle(kind="alert.rate", subject=subject, note="calm")

        by_rule, by_person = in_threads(2, work)
        found = Incident.objects.get(id=incident_id)
        assert by_rule is (found.closed_by == "system")
        assert (by_person is None) is (found.closed_by == "user:1")
    assert Event.objects.filter(name="incident.closed").count() == 10


def test_the_rule_finds_an_incident_closed_that_a_person_is_just_closing() -> None:
    incident_id = incident_open(kind="alert.rate", subject="signals.strategy:1", note="12 fires")
    results: list[Any] = []

    def settle() -> None:
        try:
            results.append(
                incident_settle(kind="alert.rate", subject="signals.strategy:1", note="calm")
            )
        except Exception as error:
            results.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=settle)
    with transaction.atomic():
        incident_close(incident_id=incident_id, note="seen", actor="user:1")
        thread.start()
        while thread.is_alive() and not somebody_waits():
            time.sleep(0.01)
    thread.join()
    assert results == [False]
