"""Many workers, one effect: claims, stale holders and drains on real commits."""

import random
import threading

from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fusion_project.events import periodic
from fusion_project.events.models import Handling
from fusion_project.events.registry import NotYet, Recorded, handler_get
from fusion_project.events.work import claim, handler_work_off, run_claims
from fusion_project.incidents.models import Incident
from tests.events_probe import effect_add
from tests.threads import run_in_threads


def _effect(event: Recorded) -> None:
    effect_add(str(event.id))


def test_eight_workers_do_each_of_forty_events_once(committed_db, handler, happen) -> None:
    name = handler(_effect)
    for _ in range(40):
        happen()
    tried = run_in_threads(8, lambda _: handler_work_off(name)[0])
    assert sum(tried) == 40
    assert Incident.objects.filter(kind="effect").count() == 40
    assert not Handling.objects.filter(handler=name, done_at=None).exists()


def test_two_holders_of_one_event_commit_one_effect(committed_db, handler, happen, clock) -> None:
    both_inside = threading.Barrier(2)

    def work(event: Recorded) -> None:
        effect_add(str(random.random()))
        both_inside.wait(timeout=10)

    name = handler(work)
    happen()
    first = claim(handler_get(name))
    clock.advance(seconds=21)
    second = claim(handler_get(name))
    run_in_threads(2, lambda n: run_claims(handler_get(name), [first, second][n]))
    assert Incident.objects.filter(kind="effect").count() == 1
    assert Handling.objects.get(handler=name).attempts == 2


def test_of_eight_drains_one_runs_a_due_job(committed_db, monkeypatch) -> None:
    runs: list[int] = []
    jobs = {"probe.job": periodic._Registered(60, lambda: runs.append(1))}
    monkeypatch.setattr(periodic, "_jobs", jobs)
    periodic.periodic_prepare()
    run_in_threads(8, lambda _: periodic.periodic_run_due())
    assert runs == [1]


def test_an_uncommitted_fact_is_invisible_to_workers(committed_db, handler, happen) -> None:
    name = handler(_effect)
    with transaction.atomic():
        happen()
        assert run_in_threads(1, lambda _: handler_work_off(name)[0]) == [0]
    assert handler_work_off(name)[0] == 1


outcomes = st.lists(st.sampled_from(["done", "fails", "waits", "dies"]), min_size=1, max_size=12)


def test_any_mix_of_failures_waits_and_deaths_ends_in_one_effect_or_a_parked_row(
    committed_db, handler, happen, clock
) -> None:
    """Property over scripts of what each attempt does; the row never ends undone and unseen."""

    @settings(
        max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(outcomes)
    def holds(script: list[str]) -> None:
        steps = iter(script)
        name = handler(lambda event: _act(event, next(steps, "done")))
        event_id = happen()
        while not (one := Handling.objects.get(handler=name, event_id=event_id)).done_at:
            if one.is_parked:
                break
            _attempt(name)
            clock.advance(seconds=301)
        effects = Incident.objects.filter(kind="effect", subject=str(event_id)).count()
        assert effects == (1 if one.done_at else 0)
        counted = [step for step in script[: one.attempts] if step in ("fails", "dies")]
        assert one.is_parked == (len(counted) >= 5)
        _forget(name)

    def _act(event: Recorded, step: str) -> None:
        _effect(event)
        if step == "fails":
            raise RuntimeError("broken")
        if step == "waits":
            raise NotYet("later")
        if step == "dies":
            raise SystemExit

    def _attempt(name: str) -> None:
        try:
            handler_work_off(name)
        except SystemExit:
            connection.close()

    def _forget(name: str) -> None:
        Handling.objects.filter(handler=name, done_at=None).update(due_at=None)

    holds()
