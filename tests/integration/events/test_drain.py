"""Drain takes turns: handlers that have much to do keep no periodic job waiting."""

import pytest
from django.core.management import call_command

from fusion_project.events import periodic
from fusion_project.events.clock import now

pytestmark = pytest.mark.usefixtures("committed_db")


def test_drain_runs_what_is_due_between_the_turns_of_handlers(
    monkeypatch, clock, handler, happen
) -> None:
    """So that many handlers with a backlog each delay a job by one turn, not by all of them."""
    seen: list[str] = []
    jobs = {"probe.job": periodic._Registered(1, lambda: seen.append("job"))}
    monkeypatch.setattr(periodic, "_jobs", jobs)

    def work(_: object) -> None:
        seen.append("handled")
        clock.advance(seconds=1.1)

    clock.set(now())
    for _ in range(2):
        handler(work)
    happen()
    call_command("drain", "--once", "--overdue-seconds", "0")
    assert seen == ["job", "handled", "job", "handled", "job"]
