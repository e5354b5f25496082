"""Live accounts beside their paper twins: what became of the same decisions, by strategy."""

from datetime import timedelta
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from execution.selectors.twins import twin_divergence, twins_open
from fusion_project.events.clock import now
from fusion_project.ops.access import staff_page

_DAYS: Final = (1, 7, 30, 90)
_DAYS_DEFAULT: Final = 30


@require_safe
@staff_page("execution.view_twin")
def twin_list(request: HttpRequest) -> HttpResponse:
    until = now()
    text = request.GET.get("days", "")
    days = int(text) if text in {str(one) for one in _DAYS} else _DAYS_DEFAULT
    since = until - timedelta(days=days)
    own: dict[str, Any] = {
        "title": "Paper twins",
        "place": "twins",
        "days": days,
        "choices": _DAYS,
        "now": until,
        "twins": [(one, twin_divergence(one, since=since, until=until)) for one in twins_open()],
    }
    return render(request, "ops/twin_list.html", {**admin.site.each_context(request), **own})
