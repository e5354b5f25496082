"""Public pages that teach: each Pine script with its idea, an example chart and its messages."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from fusion_project.community.selectors.script_charts import NOTICE, Chart
from fusion_project.community.selectors.scripts import Script, script_get, script_list

# The files change with a release only.
_public = cache_control(public=True, max_age=300)
_BADGE: Final = {"book": "example", "word": "EXAMPLE DATA", "meaning": NOTICE}
# The library's licence asks for its notice and a link wherever the chart's own logo is off.
_LIBRARY: Final = {
    "file": "vendor/lightweight-charts/5.2.1/lightweight-charts.standalone.production.js",
    "notice": "TradingView Lightweight Charts\u2122. Copyright (c) 2023 TradingView, Inc.",
    "home": "https://www.tradingview.com/",
}


@require_safe
@_public
def education(request: HttpRequest) -> HttpResponse:
    context = {"place": "education", "scripts": script_list()}
    return render(request, "community/education.html", context)


@require_safe
@_public
def education_script(request: HttpRequest, slug: str) -> HttpResponse:
    script = _script(slug)
    context = {
        "place": "education",
        "badge": _BADGE,
        "script": script,
        "others": [one for one in script_list() if one.slug != slug],
        "library": _LIBRARY,
    }
    return render(request, "community/education_script.html", context)


def _chart_etag(request: HttpRequest, slug: str) -> str:
    return _chart(slug).etag


@require_safe
@_public
@condition(etag_func=_chart_etag)
def education_chart(request: HttpRequest, slug: str) -> HttpResponse:
    return HttpResponse(_chart(slug).payload, content_type="application/json")


@require_safe
@_public
def education_source(request: HttpRequest, slug: str) -> HttpResponse:
    answer = HttpResponse(_script(slug).text, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{slug}.pine"'
    return answer


def _script(slug: str) -> Script:
    found = script_get(slug)
    if found is None:
        raise Http404("no script has this name")
    return found


def _chart(slug: str) -> Chart:
    found = _script(slug).chart
    if found is None:
        raise Http404("this script has no example chart")
    return found
