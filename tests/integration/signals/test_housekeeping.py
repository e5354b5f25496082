"""Partitions ahead of time, samples forgotten, and the periodic jobs that do it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from fusion_project.events.clock import now
from fusion_project.events.periodic import periodic_names, periodic_run
from signals.models import Delivery, UnknownCallerMinute, UnknownCallerSample
from signals.services.housekeeping import partitions_make
from signals.services.intake import unknown_caller_count
from tests.builders.signals import BuiltStrategy, entry_decided, entry_received, strategy_built


def partition_of(delivery: Delivery) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableoid::regclass::text FROM signals_delivery WHERE id = %s", [delivery.id]
        )
        return str(cursor.fetchone()[0])


def test_the_app_role_makes_the_next_months_partitions(db: None, clock: Any) -> None:
    clock.set(datetime(2031, 12, 31, 23, 59, tzinfo=UTC))
    assert partitions_make() == 6
    assert partitions_make() == 0
    built = strategy_built()
    entry_received(built)
    clock.advance(minutes=1)
    entry_received(built)
    assert [partition_of(one) for one in Delivery.objects.order_by("id")] == [
        "signals_delivery_2031_12",
        "signals_delivery_2032_01",
    ]


def test_a_delivery_without_its_months_partition_is_kept_all_the_same(db: None, clock: Any) -> None:
    clock.set(datetime(2040, 5, 1, tzinfo=UTC))
    entry_received(strategy_built())
    assert partition_of(Delivery.objects.get()) == "signals_delivery_default"
    assert partitions_make() == 5


def test_a_partition_of_this_month_is_there_from_the_first_migration(db: None) -> None:
    entry_received(strategy_built())
    assert partition_of(Delivery.objects.get()) == f"signals_delivery_{now():%Y_%m}"


def test_samples_are_forgotten_after_a_day_and_counts_after_a_quarter(db: None, clock: Any) -> None:
    clock.set(datetime(2026, 3, 2, tzinfo=UTC))
    unknown_caller_count(body_start=b"x", size_bytes=1, content_type="", peer="", count=1, limit=9)
    clock.advance(hours=25)
    unknown_caller_count(body_start=b"y", size_bytes=1, content_type="", peer="", count=1, limit=9)
    periodic_run("signals.forget_unknown_callers")
    assert [bytes(one.body_start) for one in UnknownCallerSample.objects.all()] == [b"y"]
    assert UnknownCallerMinute.objects.count() == 2
    clock.advance(days=91)
    periodic_run("signals.forget_unknown_callers")
    assert not UnknownCallerSample.objects.exists()
    assert not UnknownCallerMinute.objects.exists()


def test_the_periodic_job_expires_what_waits_too_long(built: BuiltStrategy, clock: Any) -> None:
    decision = entry_received(built).decisions.get()
    decided = entry_decided(built)
    clock.advance(seconds=61)
    periodic_run("signals.expire_decisions")
    decision.refresh_from_db()
    decided.refresh_from_db()
    assert (decision.state, decision.reason, decided.state) == ("expired", "too_late", "approved")


@pytest.mark.django_db
def test_the_jobs_are_registered_and_run() -> None:
    mine = [name for name in periodic_names() if name.startswith("signals.")]
    assert mine == [
        "signals.expire_decisions",
        "signals.forget_told_positions",
        "signals.forget_unknown_callers",
        "signals.make_partitions",
        "signals.watch_absences",
        "signals.watch_bars",
        "signals.watch_lobes",
        "signals.watch_rates",
        "signals.write_labels",
    ]
    for name in mine:
        periodic_run(name)
