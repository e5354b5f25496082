"""Watches the log for handlers that wait too long for another fact."""

from fusion_project.events.periodic import every
from fusion_project.events.selectors import handling_list_waiting
from fusion_project.incidents.services import incident_open

WAITS_TOO_LONG_SECONDS = 600


@every(seconds=30, name="incidents.watch_waiting")
def watch_waiting() -> None:
    """Open an incident for each handling that has said "not yet" for ten minutes."""
    for handling in handling_list_waiting(longer_than_seconds=WAITS_TOO_LONG_SECONDS):
        incident_open(
            kind="handling.waits",
            subject=f"events.handling:{handling.pk}",
            note=f"{handling.handler} has waited over ten minutes: {handling.last_error[:300]}",
            trace_id=handling.event.trace_id,
        )
