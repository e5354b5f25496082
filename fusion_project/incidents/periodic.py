"""Watches: handlers that wait too long for a fact; whether drain, workers and seal are alive."""

from fusion_project.events.models import Handling
from fusion_project.events.periodic import every
from fusion_project.events.selectors import handling_list_waiting
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.life import drain_watch, seal_watch, worker_watch
from fusion_project.incidents.models import Incident
from fusion_project.incidents.services import incident_open, incident_settle

WAITS_TOO_LONG_SECONDS = 600


@every(seconds=30, name="incidents.watch_waiting")
def watch_waiting() -> None:
    """Open an incident for each handling that has said "not yet" for ten minutes.

    It closes when the handling waits no longer.
    """
    waiting = set()
    for handling in handling_list_waiting(longer_than_seconds=WAITS_TOO_LONG_SECONDS):
        subject = subject_of(Handling, handling.pk)
        waiting.add(subject)
        incident_open(
            kind=kinds.HANDLING_WAITS,
            subject=subject,
            note=f"{handling.handler} has waited over ten minutes: {handling.last_error[:300]}",
            trace_id=handling.event.trace_id,
        )
    still_open = Incident.objects.filter(kind=kinds.HANDLING_WAITS, closed_at=None)
    for incident in still_open.exclude(subject__in=waiting):
        incident_settle(
            kind=incident.kind, subject=incident.subject, note="The handler waits no longer."
        )


@every(seconds=5, name="incidents.watch_life", is_watch=True)
def watch_life() -> None:
    """Open an incident where no drain is at work, no worker answers, or nobody seals; close it."""
    drain_watch()
    worker_watch()
    seal_watch()
