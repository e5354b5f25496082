"""Opening and closing incidents; both are facts on the log."""

from django.db import connection, transaction

from fusion_project.errors import DomainError
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.incidents.kinds import kind_get
from fusion_project.incidents.models import Incident


class IncidentNotOpen(DomainError):
    """The incident is closed already or does not exist."""

    code = "incident_not_open"


class NoteRequired(DomainError):
    """An incident is closed with a note that says what was found."""

    code = "note_required"
    status = 400


@transaction.atomic
def incident_open(*, kind: str, subject: str, note: str, trace_id: str = "") -> int:
    """Open an incident, or count one more sighting where it is open. Returns its id.

    Raises IncidentKindUnknown for a kind that is not in the table.
    """
    kind_get(kind)
    seen_at = now()
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO incidents_incident
                   (kind, subject, note, trace_id, opened_at, last_seen_at)
               VALUES (%s, %s, %s, %s, %s, %s)
               ON CONFLICT (kind, subject) WHERE closed_at IS NULL
               DO UPDATE SET times_seen = incidents_incident.times_seen + 1,
                             last_seen_at = excluded.last_seen_at, note = excluded.note
               RETURNING id, times_seen""",
            [kind, subject, note, trace_id, seen_at, seen_at],
        )
        incident_id, times_seen = cursor.fetchone()
    if times_seen == 1:
        _record(names.INCIDENT_OPENED, incident_id, trace_id, "system", {"kind": kind})
    return int(incident_id)


@transaction.atomic
def incident_close(*, incident_id: int, note: str, actor: str) -> None:
    """Close an open incident. Raises NoteRequired, IncidentNotOpen."""
    if not note.strip():
        raise NoteRequired
    open_one = Incident.objects.filter(id=incident_id, closed_at=None)
    if open_one.update(closed_at=now(), closed_by=actor, closing_note=note.strip()) != 1:
        raise IncidentNotOpen(incident_id=incident_id)
    closed = Incident.objects.get(id=incident_id)
    _record(names.INCIDENT_CLOSED, incident_id, closed.trace_id, actor, {"kind": closed.kind})


def incident_settle(*, kind: str, subject: str, note: str) -> bool:
    """Close the open incident of this kind and subject, where there is one, by rule.

    False where there is none, or somebody closes it at this moment.
    """
    found = Incident.objects.filter(kind=kind, subject=subject, closed_at=None).first()
    if found is None:
        return False
    try:
        incident_close(incident_id=found.pk, note=note, actor="system")
    except IncidentNotOpen:
        return False
    return True


def _record(
    name: str, incident_id: int, trace_id: str, actor: str, detail: dict[str, object]
) -> None:
    record(
        name,
        subject=subject_of(Incident, incident_id),
        trace_id=trace_id,
        actor=actor,
        detail=detail,
    )
