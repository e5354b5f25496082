"""The heads of the sealed logs and of reserves, for whoever wants to keep them, without delay.

They are not cut at the public moment: a hash tells nothing of what it covers, an epoch of reserves
nothing but sums, and a digest that is kept early leaves less time for an edit before it.
"""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from fusion_project.community import policy
from fusion_project.events.sealing import seal_head, sealed_logs
from fusion_project.incidents.life import SEAL_LAG_SECONDS_MAX
from tokens.selectors.reserves import head_line, reserves_head

_public = cache_control(public=True, max_age=2)


@require_safe
@_public
def seal(request: HttpRequest) -> HttpResponse:
    heads = [(policy.SEALED_LOG_TITLES[log.name], seal_head(log)) for log in sealed_logs()]
    context = {
        "place": "seal",
        "heads": heads,
        "lag_seconds": SEAL_LAG_SECONDS_MAX,
        "reserves": [(policy.BADGE_WORDS[book], reserves_head(book=book)) for book in policy.BOOKS],
    }
    return render(request, "community/seal.html", context)


@require_safe
@_public
def seal_json(request: HttpRequest) -> JsonResponse:
    """By the log's name; empty before its first batch."""
    return JsonResponse({log.name: seal_head(log) for log in sealed_logs()})


@require_safe
@_public
def reserves_json(request: HttpRequest, book: str) -> JsonResponse:
    """The newest epoch of the book's reserves as it was signed; 404 before the first."""
    newest = reserves_head(book=book)
    if newest is None:
        raise Http404("no such epoch")
    return JsonResponse(head_line(newest))
