"""The life line: every event of one trace in order, with the work that each event set off."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from fusion_project.events import names
from fusion_project.events.models import Event, EventLink, Handling
from fusion_project.ops.selectors.actors import actor_names
from fusion_project.ops.selectors.traces import abouts_of
from fusion_project.text.formats import seconds_between

HOPS_MAX = 500
_ALARMING = frozenset(
    {
        names.ALERT_REFUSED,
        names.LOBE_FAILED,
        names.ORDER_REJECTED,
        names.ORDER_UNKNOWN,
        names.HANDLING_PARKED,
        names.INCIDENT_OPENED,
    }
)


@dataclass(frozen=True, slots=True)
class HandlingView:
    """What one handler did about an event, its failed attempts included."""

    handler: str
    state: str
    attempts: int
    took_seconds: Decimal | None
    due_at: datetime | None
    last_error: str


@dataclass(frozen=True, slots=True)
class Hop:
    """One event on the line; `gap_seconds` since the hop before it."""

    id: int
    at: datetime
    gap_seconds: Decimal | None
    name: str
    subject: str
    trace_id: str
    actor: str
    detail: dict[str, Any]
    is_linked: bool
    handlings: list[HandlingView] = field(default_factory=list)

    @property
    def is_alarming(self) -> bool:
        return self.name in _ALARMING or any(one.state == "parked" for one in self.handlings)


@dataclass(frozen=True, slots=True)
class LinkedTrace:
    trace_id: str
    about: str


@dataclass(frozen=True, slots=True)
class LifeLine:
    """All hops of a trace; linked traces are named, and joined in where asked for."""

    trace_id: str
    about: str
    hops: list[Hop]
    linked: list[LinkedTrace]
    is_cut: bool

    @property
    def lasted_seconds(self) -> Decimal:
        return seconds_between(self.hops[0].at, self.hops[-1].at)

    @property
    def undone(self) -> int:
        return sum(one.state != "done" for hop in self.hops for one in hop.handlings)

    @property
    def parked(self) -> int:
        return sum(one.state == "parked" for hop in self.hops for one in hop.handlings)


def life_line_get(*, trace_id: str, with_linked: bool = False) -> LifeLine | None:
    """The line of one trace, or None where no event names it."""
    linked = _linked_traces(trace_id)
    traces = {trace_id, *linked} if with_linked else {trace_id}
    linked_here = EventLink.objects.filter(trace_id=trace_id).values("event_id")
    rows = list(
        Event.objects.filter(Q(trace_id__in=traces) | Q(id__in=linked_here)).order_by("at", "id")[
            : HOPS_MAX + 1
        ]
    )
    if not rows:
        return None
    abouts = abouts_of([trace_id, *linked])
    return LifeLine(
        trace_id=trace_id,
        about=abouts.get(trace_id, ""),
        hops=_hops(rows[:HOPS_MAX], trace_id),
        linked=[LinkedTrace(one, abouts.get(one, "")) for one in linked],
        is_cut=len(rows) > HOPS_MAX,
    )


def _linked_traces(trace_id: str) -> list[str]:
    named = EventLink.objects.filter(event__trace_id=trace_id).values_list("trace_id", flat=True)
    naming = EventLink.objects.filter(trace_id=trace_id).values_list("event__trace_id", flat=True)
    return sorted({*named, *naming} - {trace_id, ""})


def _hops(rows: list[Event], trace_id: str) -> list[Hop]:
    readable = actor_names({row.actor for row in rows})
    handlings = _handlings_by_event(rows)
    hops: list[Hop] = []
    for row in rows:
        gap = seconds_between(hops[-1].at, row.at) if hops else None
        hops.append(
            Hop(
                id=row.id,
                at=row.at,
                gap_seconds=gap,
                name=row.name,
                subject=row.subject,
                trace_id=row.trace_id,
                actor=readable[row.actor],
                detail=json.loads(row.detail),
                is_linked=row.trace_id != trace_id,
                handlings=handlings.get(row.id, []),
            )
        )
    return hops


def _handlings_by_event(rows: list[Event]) -> dict[int, list[HandlingView]]:
    moments = {row.id: row.at for row in rows}
    found: dict[int, list[HandlingView]] = {}
    for one in Handling.objects.filter(event_id__in=moments).order_by("handler"):
        took = seconds_between(moments[one.event_id], one.done_at) if one.done_at else None
        state = "done" if one.done_at else ("parked" if one.is_parked else "due")
        view = HandlingView(one.handler, state, one.attempts, took, one.due_at, one.last_error)
        found.setdefault(one.event_id, []).append(view)
    return found
