"""The heads of the sealed logs, for whoever wants to keep them: hashes alone, without delay.

They are not cut at the public moment: a hash tells nothing of what it covers, and a digest that is
kept early leaves less time for an edit before it.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from fusion_project.community import policy
from fusion_project.events.sealing import seal_head, sealed_logs
from fusion_project.incidents.life import SEAL_LAG_SECONDS_MAX

_public = cache_control(public=True, max_age=2)


@require_safe
@_public
def seal(request: HttpRequest) -> HttpResponse:
    heads = [(policy.SEALED_LOG_TITLES[log.name], seal_head(log)) for log in sealed_logs()]
    context = {"place": "seal", "heads": heads, "lag_seconds": SEAL_LAG_SECONDS_MAX}
    return render(request, "community/seal.html", context)


@require_safe
@_public
def seal_json(request: HttpRequest) -> JsonResponse:
    """By the log's name; empty before its first batch."""
    return JsonResponse({log.name: seal_head(log) for log in sealed_logs()})
