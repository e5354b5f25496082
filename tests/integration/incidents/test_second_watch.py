"""Who looks: a round of drain says that it lives, and web processes miss one that does not."""

import signal
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError

from fusion_project.events import life
from fusion_project.events.clock import now
from fusion_project.events.models import Event
from fusion_project.events.periodic import periodic_names, periodic_prepare
from fusion_project.incidents import second_watch
from fusion_project.incidents.models import Incident
from fusion_project.incidents.second_watch import SecondWatch

LOOK_SECONDS = 5


@pytest.fixture
def _own_signals() -> Iterator[None]:
    """The command takes over what ends a process."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("committed_db", "_own_signals")
def test_one_round_of_drain_is_a_sign_of_life() -> None:
    call_command("drain", "--once")
    seen_at = life.drain_seen_at()
    assert seen_at is not None
    assert now() - seen_at < timedelta(seconds=life.SILENCE_SECONDS_MAX)


def test_the_second_watch_opens_what_the_silent_drain_cannot(committed_db, clock) -> None:
    periodic_prepare()
    SecondWatch().look()
    for _ in range(8):
        clock.advance(seconds=LOOK_SECONDS)
        # Drain's other jobs are due as well, and wait for drain.
        assert SecondWatch().look() == len(periodic_names(watches_only=True))
    assert Incident.objects.get().kind == "drain.silent"


def test_of_many_second_watches_at_once_one_opens(committed_db, clock, in_threads) -> None:
    watches = [SecondWatch() for _ in range(8)]
    for _ in range(8):
        looks = in_threads(8, lambda number: watches[number].look())
        assert sum(looks) == len(periodic_names(watches_only=True))
        clock.advance(seconds=LOOK_SECONDS)
    assert Incident.objects.get().kind == "drain.silent"
    assert Event.objects.filter(name="incident.opened").count() == 1


def test_the_thread_looks_again_after_a_fault(committed_db, monkeypatch) -> None:
    watch, looks = SecondWatch(), []
    monkeypatch.setattr(second_watch, "PAUSE_SECONDS", 0.01)

    def look() -> int:
        looks.append(1)
        if len(looks) == 1:
            raise OperationalError("away")
        watch.stop.set()
        return 0

    monkeypatch.setattr(watch, "look", look)
    watch.start()
    assert watch.stop.wait(10)
    assert len(looks) == 2
