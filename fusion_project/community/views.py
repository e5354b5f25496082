"""Public pages: read-only, without login, without account numbers, delayed by policy."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from fusion_project.community import policy
from fusion_project.community.selectors.overview import books_in_use, overview_get
from fusion_project.community.selectors.trades import trade_get
from fusion_project.events.clock import now
from fusion_project.text.formats import clock_text

_public = cache_control(public=True, max_age=2)


@require_safe
@_public
def overview(request: HttpRequest) -> HttpResponse:
    book, others = _book_chosen(request)
    context = {
        "place": "overview",
        "badge": _badge(book),
        "overview": overview_get(book=book),
        "other_book": _badge(others[0]) if others else None,
    }
    return render(request, "community/overview.html", context)


@require_safe
def overview_fragment(request: HttpRequest) -> HttpResponse:
    """The changing part alone; 204 while the asker's version is the present one."""
    book, _ = _book_chosen(request)
    found = overview_get(book=book)
    if request.GET.get("since") == found.version:
        answer = HttpResponse(status=204)
    else:
        context = {"badge": _badge(book), "overview": found}
        answer = render(request, "community/_overview.html", context)
    answer["X-Version"] = found.version
    answer["X-As-Of"] = clock_text(found.as_of)
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
@_public
def trade(request: HttpRequest, position_id: int) -> HttpResponse:
    until = now() - timedelta(seconds=policy.PUBLIC_DELAY_SECONDS)
    found = trade_get(position_id=position_id, until=until)
    if found is None:
        raise Http404("no closed trade has this number")
    one, story = found
    context = {"badge": _badge(one.book), "trade": one, "story": story}
    return render(request, "community/trade.html", context)


@require_safe
@_public
def methodology(request: HttpRequest) -> HttpResponse:
    context = {
        "place": "methodology",
        "delay_seconds": policy.PUBLIC_DELAY_SECONDS,
        "minimum_trades": policy.TRADES_MIN_FOR_SHARE,
    }
    return render(request, "community/methodology.html", context)


def _book_chosen(request: HttpRequest) -> tuple[str, list[str]]:
    """The book asked for, else the first in use, and the other books that have a page."""
    used = books_in_use()
    book = request.GET.get("book", used[0])
    if book not in policy.BOOKS:
        raise Http404("no such book")
    return book, [one for one in used if one != book]


def _badge(book: str) -> dict[str, Any]:
    return {
        "book": book,
        "word": policy.BADGE_WORDS[book],
        "meaning": policy.BADGE_MEANINGS[book],
    }
