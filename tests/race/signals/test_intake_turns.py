"""Alerts that must wait for each other do: the second arrives while the first is half stored."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, connections, transaction

from fusion_project.events.clock import now
from signals.dialects.base import Reading
from signals.intents.intent import Intent
from signals.models import Alert, Delivery
from signals.services.housekeeping import partitions_make
from signals.services.intake import DeliveryFacts, Receipt, alert_accept, body_sha256
from tests.builders.signals import alert_received, strategy_built
from tests.factories.signals import EntryFactory, body_of

pytestmark = pytest.mark.usefixtures("committed_db")


def while_open(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """Run `second` in a thread while the transaction of `first` is open; return its result."""
    results: list[Any] = []

    def run() -> None:
        results.append(second())
        connections.close_all()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        # It either waits for us by now, or is through already: then nothing held it.
        while thread.is_alive() and not _somebody_waits():
            time.sleep(0.01)
    thread.join()
    return results[0]


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
               WHERE d.datname = current_database() AND l.locktype = 'advisory'
                   AND NOT l.granted)"""
        )
        return bool(cursor.fetchone()[0])


def test_equal_bytes_wait_for_each_other_even_where_they_trade_nothing() -> None:
    strategy = strategy_built().strategy
    strategy.refresh_from_db()
    body = b"ping"
    facts = DeliveryFacts(
        strategy_id=strategy.id,
        secret_id=None,
        body=body,
        body_sha256=body_sha256(body),
        content_type="text/plain",
        peer="127.0.0.1",
    )

    def accept() -> Receipt:
        reading = Reading(dialect="other/1", intent=Intent(kind="test"))
        return alert_accept(facts=facts, strategy_version=strategy.version, reading=reading)

    assert while_open(accept, accept).rule == "same_bytes"
    assert Alert.objects.count() == 1


def test_an_entry_is_counted_only_after_the_one_before_it() -> None:
    built = strategy_built(entries_per_minute_max=1)

    def enter() -> str:
        return alert_received(built, body_of(EntryFactory(at=now()))).reason

    assert while_open(enter, enter) == "rate_limited"


def test_new_partitions_wait_for_a_long_reader_and_no_alert_waits_behind_them(clock: Any) -> None:
    built = strategy_built()
    clock.set(datetime(2031, 12, 31, tzinfo=UTC))
    made: list[int] = []

    def make() -> None:
        made.append(partitions_make())
        connections.close_all()

    thread = threading.Thread(target=make, daemon=True)
    with transaction.atomic():
        assert Delivery.objects.count() == 0  # what a backup holds as long as it reads
        thread.start()
        thread.join(20)
        # The months of bars, whose table nobody reads, and none of deliveries.
        assert made == [3]
    assert alert_received(built, body_of(EntryFactory(at=now()))).status == 202
    clock.advance(days=40)
    assert partitions_make() == 3 + 2
