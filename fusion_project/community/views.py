"""Public pages: read-only, without login, without account numbers, delayed by policy."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from fusion_project.community import policy
from fusion_project.community.moment import AsOf, as_of_now
from fusion_project.community.selectors.overview import books_in_use, overview_get
from fusion_project.community.selectors.trades import trade_get
from fusion_project.events.life import SILENCE_SECONDS_MAX
from fusion_project.text.formats import clock_text

_public = cache_control(public=True, max_age=2)


@require_safe
@_public
def overview(request: HttpRequest) -> HttpResponse:
    as_of = as_of_now()
    book, others = _book_chosen(request, as_of)
    context = {
        "place": "overview",
        "badge": _badge(book),
        "overview": overview_get(book=book, as_of=as_of),
        "delay_seconds": policy.PUBLIC_DELAY_SECONDS,
        "other_book": _badge(others[0]) if others else None,
    }
    return render(request, "community/overview.html", context)


@require_safe
def overview_fragment(request: HttpRequest) -> HttpResponse:
    """The changing part alone; 204 while the asker's version is the present one."""
    as_of = as_of_now()
    book, _ = _book_chosen(request, as_of)
    found = overview_get(book=book, as_of=as_of)
    if request.GET.get("since") == found.version:
        answer = HttpResponse(status=204)
    else:
        delay_seconds = policy.PUBLIC_DELAY_SECONDS
        context = {"badge": _badge(book), "overview": found, "delay_seconds": delay_seconds}
        answer = render(request, "community/_overview.html", context)
    answer["X-Version"] = found.version
    answer["X-As-Of"] = clock_text(found.as_of)
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
@_public
def trade(request: HttpRequest, position_id: int) -> HttpResponse:
    as_of = as_of_now()
    found = trade_get(position_id=position_id, as_of=as_of)
    if found is None:
        raise Http404("no closed trade has this number")
    one, story = found
    context = {"badge": _badge(one.book), "trade": one, "story": story, "as_of": as_of.at}
    return render(request, "community/trade.html", context)


@require_safe
@_public
def methodology(request: HttpRequest) -> HttpResponse:
    context = {
        "place": "methodology",
        "delay_seconds": policy.PUBLIC_DELAY_SECONDS,
        "minimum_trades": policy.TRADES_MIN_FOR_SHARE,
        "trades_timed": policy.TRADES_TIMED,
        "silence_seconds": SILENCE_SECONDS_MAX,
        "units": [(policy.UNIT_TITLES[code], words) for code, words in policy.UNIT_WORDS.items()],
    }
    return render(request, "community/methodology.html", context)


def _book_chosen(request: HttpRequest, as_of: AsOf) -> tuple[str, list[str]]:
    """The book asked for, else the first in use, and the other books that have a page."""
    used = books_in_use(as_of=as_of)
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
