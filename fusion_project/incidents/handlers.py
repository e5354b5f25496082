"""Facts of the log that become incidents."""

from fusion_project.events import names
from fusion_project.events.registry import Recorded, handles
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open


@handles(names.HANDLING_PARKED, queue="default")
def open_parked(event: Recorded) -> None:
    """A handler gave up on an event: a person must look and retry."""
    incident_open(
        kind=kinds.HANDLING_PARKED,
        subject=event.subject,
        note=f"{event.detail['handler']} gave up on event {event.detail['event_id']}: "
        f"{event.detail['error']}",
        trace_id=event.trace_id,
    )
