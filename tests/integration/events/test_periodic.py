"""Periodic jobs run from their rows: one winner each time they are due."""

import pytest

from fusion_project.events import periodic
from fusion_project.events.clock import now
from fusion_project.events.models import PeriodicJob

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    runs: list[int] = []
    monkeypatch.setattr(
        periodic, "_jobs", {"probe.job": periodic._Registered(10, lambda: runs.append(1))}
    )
    periodic.periodic_prepare()
    return runs


def test_a_job_runs_when_due_and_not_before(job, clock) -> None:
    assert periodic.periodic_run_due() == 1
    assert periodic.periodic_run_due() == 0
    clock.advance(seconds=11)
    assert periodic.periodic_run_due() == 1
    assert len(job) == 2


def test_a_failing_job_is_noted_and_due_again(monkeypatch, clock) -> None:
    def broken() -> None:
        raise RuntimeError("no luck")

    monkeypatch.setattr(periodic, "_jobs", {"probe.job": periodic._Registered(10, broken)})
    periodic.periodic_prepare()
    periodic.periodic_run_due()
    assert "no luck" in PeriodicJob.objects.get(name="probe.job").last_error
    clock.advance(seconds=11)
    assert periodic.periodic_run_due() == 1


def test_the_job_that_waits_longest_runs_first(monkeypatch, clock) -> None:
    ran: list[str] = []
    jobs = {
        "probe.often": periodic._Registered(1, lambda: ran.append("often")),
        "probe.seldom": periodic._Registered(5, lambda: ran.append("seldom")),
    }
    monkeypatch.setattr(periodic, "_jobs", jobs)
    clock.set(now())
    periodic.periodic_prepare()
    periodic.periodic_run_due()
    clock.advance(seconds=4.9)
    periodic.periodic_run_due()
    clock.advance(seconds=1)
    periodic.periodic_run_due()
    assert ran[2:] == ["often", "seldom", "often"]


def test_preparing_again_keeps_due_times(job) -> None:
    periodic.periodic_run_due()
    before = PeriodicJob.objects.get(name="probe.job").due_at
    periodic.periodic_prepare()
    assert PeriodicJob.objects.get(name="probe.job").due_at == before


def test_a_watch_runs_in_web_processes_and_another_job_does_not(monkeypatch) -> None:
    ran: list[str] = []
    jobs = {
        "probe.watch": periodic._Registered(10, lambda: ran.append("watch"), is_watch=True),
        "probe.job": periodic._Registered(10, lambda: ran.append("job")),
    }
    monkeypatch.setattr(periodic, "_jobs", jobs)
    periodic.periodic_prepare(watches_only=True)
    assert periodic.periodic_run_due(watches_only=True) == 1
    assert ran == ["watch"]
    assert PeriodicJob.objects.count() == 1
