"""Handlings: what is parked or overdue, with the button that makes a parked one due again."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from fusion_project.events.clock import now
from fusion_project.events.models import Handling
from fusion_project.events.selectors import handling_counts
from fusion_project.events.services import HandlingNotParked, handling_retry
from fusion_project.ops.access import form_of, staff_page
from fusion_project.ops.selectors.actors import subject_href

_ROWS_MAX = 100


@require_safe
@staff_page("events.view_handling")
def handling_list(request: HttpRequest) -> HttpResponse:
    undone = Handling.objects.filter(done_at=None).select_related("event")
    parked = undone.filter(due_at=None).order_by("-id")[:_ROWS_MAX]
    waiting = undone.filter(due_at__isnull=False).order_by("due_at")[:_ROWS_MAX]
    own = {
        "title": "Handlings",
        "place": "handlings",
        "counts": handling_counts(),
        "now": now(),
        "parked": [(one, subject_href(one.event.subject)) for one in parked],
        "waiting": [(one, subject_href(one.event.subject)) for one in waiting],
    }
    return render(request, "ops/handling_list.html", {**admin.site.each_context(request), **own})


@form_of("ops:handling_list")
@staff_page("ops.retry_handling")
def handling_retrying(request: HttpRequest, handling_id: int) -> HttpResponse:
    try:
        handling_retry(handling_id=handling_id)
    except HandlingNotParked:
        messages.warning(request, f"Handling {handling_id} is not parked any more.")
    else:
        messages.success(request, f"Handling {handling_id} is due again.")
    return redirect("ops:handling_list")
