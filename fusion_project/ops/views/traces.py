"""Life line pages: the list with its search, one line as a page and as JSON."""

import json
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from fusion_project.events import names
from fusion_project.ops.access import staff_page
from fusion_project.ops.selectors.actors import subject_href
from fusion_project.ops.selectors.life_line import HandlingView, Hop, LifeLine, life_line_get
from fusion_project.ops.selectors.traces import trace_list_found, trace_list_recent
from fusion_project.text.formats import iso
from signals.intents.words import NO_STOP

_VALUE_LENGTH_MAX = 240


@require_GET
@staff_page("ops.view_life_line")
def trace_list(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    rows = trace_list_found(query) if query else trace_list_recent()
    if query and len(rows) == 1:
        return redirect("ops:trace", rows[0].trace_id)
    own = {"title": "Life lines", "place": "traces", "query": query, "rows": rows}
    return render(request, "ops/trace_list.html", {**admin.site.each_context(request), **own})


@require_GET
@staff_page("ops.view_life_line")
def trace(request: HttpRequest, trace_id: str) -> HttpResponse:
    with_linked = request.GET.get("linked") == "1"
    line = _line_or_404(trace_id, with_linked)
    own = {
        "title": f"Life line: {line.about}" if line.about else "Life line",
        "place": "traces",
        "line": line,
        "with_linked": with_linked,
        "stations": [_station(hop) for hop in line.hops],
    }
    return render(request, "ops/trace.html", {**admin.site.each_context(request), **own})


@require_GET
@staff_page("ops.view_life_line")
def trace_json(request: HttpRequest, trace_id: str) -> JsonResponse:
    line = _line_or_404(trace_id, request.GET.get("linked") == "1")
    return JsonResponse(
        {
            "trace_id": line.trace_id,
            "about": line.about,
            "linked": [{"trace_id": one.trace_id, "about": one.about} for one in line.linked],
            "is_cut": line.is_cut,
            "hops": [_hop_json(hop) for hop in line.hops],
        }
    )


def _line_or_404(trace_id: str, with_linked: bool) -> LifeLine:
    line = life_line_get(trace_id=trace_id, with_linked=with_linked)
    if line is None:
        raise Http404("no event has this trace id")
    return line


def _station(hop: Hop) -> dict[str, Any]:
    alarm = "f-hop-bad" if hop.is_alarming else ""
    linked = "f-hop-linked" if hop.is_linked else ""
    return {
        "hop": hop,
        "css": f"{alarm} {linked}".strip(),
        "href": subject_href(hop.subject),
        "facts": [(key, _short(value)) for key, value in _facts(hop) if value not in (None, "")],
    }


def _facts(hop: Hop) -> list[tuple[str, Any]]:
    """The detail in order of names; an entry without a stop has no risk figure."""
    detail = dict(hop.detail)
    if detail.pop("has_stop", True) is False:
        detail = {**detail, "risk_bps": None, "stop": NO_STOP}
    if hop.name == names.ORDER_REJECTED and detail.get("volume_lots") in ("0", 0):
        detail["volume_lots"] = None  # refused where it was to be staged: it asked for nothing
    return sorted(detail.items())


def _short(value: object) -> str:
    """A value of a detail in one line; the JSON export holds what is cut here."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    cut = text[:_VALUE_LENGTH_MAX]
    return cut if cut == text else f"{cut}…"


def _hop_json(hop: Hop) -> dict[str, Any]:
    return {
        "id": hop.id,
        "at": iso(hop.at),
        "gap_seconds": None if hop.gap_seconds is None else str(hop.gap_seconds),
        "name": hop.name,
        "subject": hop.subject,
        "trace_id": hop.trace_id,
        "actor": hop.actor,
        "detail": hop.detail,
        "href": subject_href(hop.subject),
        "life_line": reverse("ops:trace", args=[hop.trace_id]) if hop.trace_id else "",
        "handlings": [_handling_json(one) for one in hop.handlings],
    }


def _handling_json(one: HandlingView) -> dict[str, Any]:
    return {
        "handler": one.handler,
        "state": one.state,
        "attempts": one.attempts,
        "took_seconds": None if one.took_seconds is None else str(one.took_seconds),
        "due_at": iso(one.due_at),
        "last_error": one.last_error,
    }
