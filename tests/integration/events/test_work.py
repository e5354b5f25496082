"""Claim and work: fences, back-off, parking, NotYet, batches."""

import datetime as dt

import pytest
from django.db import transaction

from fusion_project.events.clock import now
from fusion_project.events.models import Event, Handling
from fusion_project.events.registry import NotYet, Recorded, handler_get
from fusion_project.events.selectors import handling_counts
from fusion_project.events.services import (
    HandlingNotParked,
    handling_retry,
    handlings_backfill,
)
from fusion_project.events.work import claim, handler_work_off, run_claims
from fusion_project.incidents.models import Incident
from fusion_project.incidents.periodic import watch_waiting
from tests.events_probe import effect_add

pytestmark = pytest.mark.django_db


class Broken(Exception):
    pass


def test_a_handler_sees_its_event_and_is_done_once(handler, happen) -> None:
    seen: list[Recorded] = []
    name = handler(seen.append)
    event_id = happen(7)
    assert handler_work_off(name)[0] == 1
    assert handler_work_off(name)[0] == 0
    assert [(one.id, one.subject_id, one.detail) for one in seen] == [
        (event_id, 7, {"kind": "test"})
    ]
    done = Handling.objects.get(handler=name)
    assert done.done_at is not None
    assert done.due_at is None


def test_what_gives_way_is_handled_after_all_that_does_not(handler, happen, clock) -> None:
    """As fifty entries that came before one exit."""
    seen: list[int] = []
    name = handler(lambda event: seen.append(event.subject_id), gives_way='"kind":"entry"')
    kinds = ["entry", "entry", "exit", "entry", "exit"]
    for number, kind in enumerate(kinds, 1):
        happen(number, kind)
        clock.advance(seconds=1)
    assert handler_work_off(name)[0] == len(kinds)
    assert seen == [3, 5, 1, 2, 4]


def test_a_failure_rolls_back_its_effect_and_is_due_again_after_the_back_off(
    handler, happen, clock
) -> None:
    clock.set(now())

    def work(event: Recorded) -> None:
        effect_add("x")
        raise Broken

    name = handler(work)
    happen()
    waits = []
    for _ in range(4):
        handler_work_off(name)
        one = Handling.objects.get(handler=name)
        waits.append((one.due_at - now()).total_seconds())
        clock.advance(seconds=waits[-1])
    assert waits == [2, 10, 60, 300]
    assert not Incident.objects.filter(kind="effect").exists()
    assert "Broken" in one.last_error


def test_the_fifth_failure_parks_and_becomes_an_incident(
    handler, happen, clock, run_handlers
) -> None:
    def work(event: Recorded) -> None:
        raise Broken("as always")

    name = handler(work)
    happen()
    for _ in range(5):
        run_handlers.only(name)
        clock.advance(seconds=301)
    one = Handling.objects.get(handler=name)
    assert one.is_parked
    assert one.attempts == 5
    assert handling_counts().parked == 1
    run_handlers.only("incidents.open_parked")
    incident = Incident.objects.get(kind="handling.parked")
    assert "as always" in incident.note


def test_a_handler_that_kills_its_worker_is_parked_after_five_claims(
    handler, happen, clock
) -> None:
    calls: list[int] = []
    name = handler(lambda event: calls.append(event.id), lease_seconds=20)
    happen()
    for _ in range(5):
        assert len(claim(handler_get(name))) == 1
        clock.advance(seconds=21)
    assert claim(handler_get(name)) == []
    assert Handling.objects.get(handler=name).is_parked
    assert calls == []


def test_a_parked_handling_does_not_hide_the_ones_behind_it(handler, happen, clock) -> None:
    name = handler(lambda event: None, lease_seconds=20)
    happen()
    for _ in range(5):
        claim(handler_get(name))
        clock.advance(seconds=21)
    second = happen()
    assert [one.event.id for one in claim(handler_get(name))] == [second]


def test_a_retried_handling_has_all_its_attempts_again(handler, happen, clock) -> None:
    fail = [True]

    def work(event: Recorded) -> None:
        if fail[0]:
            raise Broken

    name = handler(work)
    happen()
    for _ in range(5):
        handler_work_off(name)
        clock.advance(seconds=301)
    one = Handling.objects.get(handler=name)
    handling_retry(handling_id=one.pk)
    handler_work_off(name)
    clock.advance(seconds=3)
    fail[0] = False
    handler_work_off(name)
    one.refresh_from_db()
    assert one.done_at is not None
    with pytest.raises(HandlingNotParked):
        handling_retry(handling_id=one.pk)


def test_not_yet_waits_without_a_counted_attempt_and_becomes_an_incident_after_ten_minutes(
    handler, happen, clock
) -> None:
    ready = [False]

    def work(event: Recorded) -> None:
        if not ready[0]:
            raise NotYet("no position")

    name = handler(work)
    event_id = happen()
    for _ in range(8):
        handler_work_off(name)
        clock.advance(seconds=2)
    watch_waiting()
    assert not Incident.objects.filter(kind="handling.waits").exists()
    clock.advance(seconds=600)
    watch_waiting()
    assert Incident.objects.get(kind="handling.waits").note.endswith("not yet: no position")
    ready[0] = True
    handler_work_off(name)
    one = Handling.objects.get(handler=name, event_id=event_id)
    assert one.done_at is not None
    assert (one.attempts, one.waits) == (9, 8)
    watch_waiting()
    assert Incident.objects.get(kind="handling.waits").closed_by == "system"


def test_a_holder_whose_lease_ran_out_commits_nothing(handler, happen, clock) -> None:
    name = handler(lambda event: effect_add("x"))
    happen()
    stale = claim(handler_get(name))
    clock.advance(seconds=21)
    fresh = claim(handler_get(name))
    run_claims(handler_get(name), stale)
    assert not Incident.objects.filter(kind="effect").exists()
    run_claims(handler_get(name), fresh)
    assert Incident.objects.filter(kind="effect").count() == 1


def test_a_batch_gets_its_events_in_one_call(handler, happen) -> None:
    sizes: list[int] = []
    name = handler(lambda events: sizes.append(len(events)), batch=50)
    for _ in range(7):
        happen()
    handler_work_off(name)
    assert sizes == [7]


def test_a_failed_batch_is_tried_one_by_one_and_only_the_bad_one_waits(handler, happen) -> None:
    def work(events: list[Recorded]) -> None:
        if any(one.subject_id == 3 for one in events):
            raise Broken

    name = handler(work, batch=50)
    for number in range(5):
        happen(number)
    handler_work_off(name)
    left = Handling.objects.filter(handler=name, done_at=None)
    assert [one.event.subject for one in left] == ["incidents.incident:3"]


def test_backfill_gives_a_new_handler_the_past_once(handler, happen) -> None:
    first, second = happen(), happen()
    name = handler(lambda event: None)
    third = happen()
    added = sum(count for _, _, count in handlings_backfill(handler_name=name))
    assert added == Event.objects.filter(name="incident.opened").count() - 1
    assert sum(count for _, _, count in handlings_backfill(handler_name=name)) == 0
    owed = Handling.objects.filter(handler=name).values_list("event_id", flat=True)
    assert {first, second, third} <= set(owed)


def test_a_drain_leaves_alone_what_a_worker_may_be_on(handler, happen, clock) -> None:
    name = handler(lambda event: None)
    happen()
    assert handler_work_off(name, overdue_seconds=2)[0] == 0
    clock.advance(seconds=2.1)
    assert handler_work_off(name, overdue_seconds=2)[0] == 1


def test_a_drain_takes_at_once_what_was_tried_before_for_nobody_rings_for_it(
    handler, happen, clock
) -> None:
    ready = [False]

    def work(event: Recorded) -> None:
        if not ready[0]:
            raise NotYet("no position")

    name = handler(work)
    happen()
    assert handler_work_off(name)[0] == 1
    ready[0] = True
    clock.advance(seconds=0.3)
    assert handler_work_off(name, overdue_seconds=2)[0] == 1
    assert Handling.objects.get(handler=name).done_at is not None


def test_what_waits_is_looked_at_ever_more_seldom_up_to_every_two_seconds(
    handler, happen, clock
) -> None:
    def work(event: Recorded) -> None:
        raise NotYet("no position")

    clock.set(now())
    name = handler(work)
    happen()
    waits = []
    for _ in range(6):
        handler_work_off(name)
        one = Handling.objects.get(handler=name)
        waits.append((one.due_at - now()).total_seconds())
        clock.advance(seconds=waits[-1])
    assert waits == [0.25, 0.5, 1, 2, 2, 2]


def test_an_effect_outside_its_lease_is_not_marked_done_by_another_fence(handler, happen) -> None:
    name = handler(lambda event: None)
    happen()
    held = claim(handler_get(name))[0]
    with transaction.atomic():
        Handling.objects.filter(id=held.handling_id).update(
            due_at=now() + dt.timedelta(seconds=1), attempts=held.attempts + 1
        )
    run_claims(handler_get(name), [held])
    assert Handling.objects.get(id=held.handling_id).done_at is None
