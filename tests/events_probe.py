"""Throw-away handlers: registered for one test, gone after it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction

from fusion_project.events import names, registry
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.incidents.models import Incident

TRACE = "0" * 31 + "2"


def effect_add(subject: str) -> None:
    """Leave a row behind that tells that a handler's work was committed."""
    at = now()
    Incident.objects.create(kind="effect", subject=subject, note="n", opened_at=at, last_seen_at=at)


@pytest.fixture
def handler() -> Iterator[Callable[..., str]]:
    """`handler(function, batch=…)` handles incident.opened as `probe.<n>`; returns its name."""
    added: list[str] = []

    def add(work: Callable[..., None], **options: Any) -> str:
        name = f"probe.number_{len(added)}"
        prepare = options.pop("prepare", None)
        registry._handlers[name] = registry.Handler(
            name,
            (names.INCIDENT_OPENED,),
            "default",
            options.pop("batch", 1),
            work,
            prepare,
            options.pop("lease_seconds", 20),
            gives_way=options.pop("gives_way", ""),
        )
        registry._names_of.clear()
        added.append(name)
        return name

    yield add
    for name in added:
        del registry._handlers[name]
    registry._names_of.clear()


@pytest.fixture
def happen() -> Callable[[], int]:
    """Record one incident.opened; returns the event's id."""

    def make(number: int = 1, kind: str = "test") -> int:
        with transaction.atomic():
            return record(
                names.INCIDENT_OPENED,
                subject=f"incidents.incident:{number}",
                trace_id=TRACE,
                actor="system",
                detail={"kind": kind},
            )

    return make
