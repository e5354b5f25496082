"""Incidents: the open ones with their closing form, and the latest closed ones."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from fusion_project.incidents.models import Incident
from fusion_project.incidents.services import IncidentNotOpen, NoteRequired, incident_close
from fusion_project.ops.access import form_of, staff_page
from fusion_project.ops.selectors.actors import actor_names, subject_href
from fusion_project.text.actors import actor_of_user

_OPEN_MAX = 100
_CLOSED_MAX = 30
_NOTE_LENGTH_MAX = 2_000


@require_safe
@staff_page("incidents.view_incident")
def incident_list(request: HttpRequest) -> HttpResponse:
    are_open = Incident.objects.filter(closed_at=None)
    open_ones = list(are_open.order_by("-opened_at")[:_OPEN_MAX])
    closed = list(
        Incident.objects.filter(closed_at__isnull=False).order_by("-closed_at")[:_CLOSED_MAX]
    )
    people = actor_names({one.closed_by for one in closed})
    own = {
        "title": "Incidents",
        "place": "incidents",
        "note_length_max": _NOTE_LENGTH_MAX,
        "open_count": are_open.count(),
        "open_ones": [(one, subject_href(one.subject)) for one in open_ones],
        "closed": [(one, subject_href(one.subject), people[one.closed_by]) for one in closed],
    }
    return render(request, "ops/incident_list.html", {**admin.site.each_context(request), **own})


@form_of("ops:incident_list")
@staff_page("ops.close_incident")
def incident_closing(request: HttpRequest, incident_id: int) -> HttpResponse:
    note = request.POST.get("note", "").replace("\x00", "")[:_NOTE_LENGTH_MAX]
    try:
        incident_close(incident_id=incident_id, note=note, actor=actor_of_user(request.user.pk))
    except NoteRequired:
        messages.error(request, "Write what you found before closing an incident.")
    except IncidentNotOpen:
        messages.warning(request, f"Incident {incident_id} was closed by someone else already.")
    else:
        messages.success(request, f"Incident {incident_id} is closed.")
    return redirect("ops:incident_list")
