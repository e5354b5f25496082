"""The public score-board of the lobes: what each forecast was worth, with the public delay."""

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from fusion_project.community import policy
from fusion_project.community.moment import as_of_now
from fusion_project.community.selectors.lobes import lobes_get

_public = cache_control(public=True, max_age=10)
_CACHE_SECONDS = 10
_KEY_LENGTH_MAX = 18


@require_safe
@_public
def lobes(request: HttpRequest) -> HttpResponse:
    """Many viewers share one reading of each family."""
    asked = request.GET.get("family", "")[:_KEY_LENGTH_MAX]
    key = asked if asked.isascii() and asked.isdigit() else ""
    found = cache.get(f"community.lobes.{key}")
    if found is None:
        as_of = as_of_now()
        found = (as_of.at, lobes_get(key=key, as_of=as_of))
        cache.set(f"community.lobes.{key}", found, _CACHE_SECONDS)
    at, shown = found
    context = {
        "place": "lobes",
        "as_of": at,
        "delay_seconds": policy.PUBLIC_DELAY_SECONDS,
        "families": shown.families,
        "family": shown.family,
        "board": shown.board,
        "css": {"card": "card", "box": "table-box", "num": "num", "quiet": "quiet small"},
    }
    return render(request, "community/lobes.html", context)
