"""A silent drain, worker or executor is an incident, which ends when it is alive again."""

from collections.abc import Callable
from typing import Any

import pytest

from execution.models import BrokerAccount, ExecutorKey
from execution.services.keys import key_revoke
from execution.services.sessions import heartbeat_record
from execution.wire import Heartbeat, Watermark
from fusion_project.events import doorbell, life
from fusion_project.events.models import LifeSign
from fusion_project.events.periodic import periodic_run
from fusion_project.incidents.models import Incident
from tests.builders.execution import desk_make

pytestmark = pytest.mark.django_db

LOOK_SECONDS = 5


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would have been rung."""
    heard: list[str] = []
    monkeypatch.setattr(life.bell, "ring", heard.append)
    return heard


@pytest.fixture
def look_for(clock: Any, rings: list[str]) -> Callable[..., None]:
    """`look_for(seconds, meanwhile)`: time passes, the watches look, what lives does its part."""

    def run(seconds: int, meanwhile: Callable[[], object] = lambda: None) -> None:
        for _ in range(seconds // LOOK_SECONDS):
            meanwhile()
            periodic_run("incidents.watch_life")
            periodic_run("execution.watch_executors")
            clock.advance(seconds=LOOK_SECONDS)

    return run


def incidents(kind: str, **more: Any) -> list[Incident]:
    return list(Incident.objects.filter(kind=kind, **more))


def open_kinds() -> set[str]:
    return set(Incident.objects.filter(closed_at=None).values_list("kind", flat=True))


def test_a_drain_that_falls_silent_opens_one_incident_and_coming_back_ends_it(look_for) -> None:
    look_for(40, life.drain_note)
    assert open_kinds() == set()
    look_for(30)
    assert open_kinds() == set()
    look_for(15)
    [found] = incidents("drain.silent", closed_at=None)
    look_for(30)
    assert len(incidents("drain.silent")) == 1
    look_for(5, life.drain_note)
    found.refresh_from_db()
    assert (found.closed_by, found.closing_note) == ("system", "A drain is at work again.")


def test_a_drain_that_was_never_seen_is_missed_after_half_a_minute_of_looking(look_for) -> None:
    look_for(35)
    assert open_kinds() == set()
    look_for(10)
    assert open_kinds() == {"drain.silent"}


def test_after_an_outage_of_everything_nobody_has_been_silent(look_for, clock, settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    desk = desk_make()
    desk.poll()
    look_for(20, life.drain_note)
    clock.advance(hours=9)
    look_for(30)
    assert open_kinds() == set()
    look_for(15)
    assert open_kinds() == {"drain.silent", "worker.silent", "executor.silent"}
    # The next outage is no sign of life: what was open stays open.
    clock.advance(hours=9)
    look_for(5)
    assert open_kinds() == {"drain.silent", "worker.silent", "executor.silent"}


def test_a_worker_that_does_not_answer_is_missed_until_it_does(look_for, settings, rings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    def both() -> None:
        life.drain_note()
        life.worker_note()

    look_for(40, both)
    assert set(rings) == {doorbell.WORKER_ANSWERS}
    assert open_kinds() == set()
    look_for(45, life.drain_note)
    [found] = incidents("worker.silent", closed_at=None)
    look_for(5, both)
    found.refresh_from_db()
    assert (found.closed_by, found.closing_note) == ("system", "A worker answers again.")


def test_without_redis_no_worker_is_asked_or_missed(look_for, settings, rings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    look_for(50, life.drain_note)
    assert open_kinds() == {"worker.silent"}
    rings.clear()
    settings.REDIS_URL = ""
    look_for(60, life.drain_note)
    assert open_kinds() == {"seal.lags"}  # nobody seals here
    assert rings == []
    assert "Redis is off" in incidents("worker.silent")[0].closing_note


def test_the_task_that_answers_is_known_to_workers_under_the_name_that_is_rung() -> None:
    from fusion_project.events import tasks

    life.worker_ask()
    assert life.worker_awaited_since() is not None
    tasks.app.tasks[doorbell.WORKER_ANSWERS].apply()
    assert life.worker_awaited_since() is None


def test_a_silent_executor_opens_one_incident_that_its_next_poll_ends(look_for) -> None:
    desk = desk_make()
    look_for(40, desk.poll)
    assert incidents("executor.silent") == []
    look_for(45)
    [found] = incidents("executor.silent", closed_at=None)
    assert found.subject == f"execution.account:{desk.account.id}"
    assert desk.account.name in found.note
    look_for(5, desk.poll)
    found.refresh_from_db()
    assert found.closed_by == "system"
    assert found.closing_note


def test_an_executor_that_polls_and_sends_no_heartbeat_is_half_dead(look_for) -> None:
    desk = desk_make()

    def beat() -> None:
        heartbeat_record(
            caller=desk.caller,
            facts=Heartbeat(
                instance="ea-1",
                balance=desk.account.balance,
                equity=desk.account.equity,
                margin=desk.account.balance,
                watermark=Watermark(time_msc=0, ticket=0),
                open_tickets=(),
            ),
        )

    desk.poll()
    beat()
    look_for(45, desk.poll)
    assert len(incidents("executor.silent", closed_at=None)) == 1
    look_for(5, lambda: (desk.poll(), beat()))
    assert incidents("executor.silent", closed_at=None) == []


def test_an_executor_that_never_called_is_not_missed(look_for) -> None:
    desk_make()
    look_for(120, life.drain_note)
    assert incidents("executor.silent") == []


def test_an_account_without_a_live_key_expects_no_executor(look_for) -> None:
    desk = desk_make()
    desk.poll()
    look_for(45)
    assert len(incidents("executor.silent", closed_at=None)) == 1
    key_revoke(key_id=ExecutorKey.objects.get(account=desk.account).id, actor="user:1")
    look_for(5)
    assert incidents("executor.silent", closed_at=None) == []


def test_each_silent_account_has_its_own_incident(look_for) -> None:
    one, other = desk_make(), desk_make()
    other.poll()
    look_for(45, one.poll)
    [found] = incidents("executor.silent", closed_at=None)
    assert found.subject == f"execution.account:{other.account.id}"
    assert BrokerAccount.objects.count() == 2


def test_signs_are_few_however_busy_a_part_is(django_assert_num_queries) -> None:
    at_work = life.Seldom(life.drain_note)
    with django_assert_num_queries(1):
        for _ in range(100):
            at_work()
    assert LifeSign.objects.count() == 1
