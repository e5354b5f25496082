"""The score-board of the lobes, by family of strategies, for reading."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from fusion_project.events.clock import now
from fusion_project.ops.access import staff_page
from signals.selectors.scoreboard import Family, scoreboard_families, scoreboard_get


@require_safe
@staff_page("signals.view_fusionscore")
def lobes(request: HttpRequest) -> HttpResponse:
    at = now()
    families = scoreboard_families(recorded_until=at)
    family = Family.chosen(families, request.GET.get("family", ""))
    own = {
        "title": "Lobes",
        "place": "lobes",
        "families": families,
        "family": family,
        "board": scoreboard_get(family=family, recorded_until=at) if family else None,
        "css": {
            "card": "l-part",
            "box": "f-box",
            "num": "f-num",
            "quiet": "f-quiet",
        },
    }
    return render(request, "ops/lobes.html", {**admin.site.each_context(request), **own})
