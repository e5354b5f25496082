"""Symbol maps: what waits for a person, what is confirmed and by whom, and the two buttons."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from execution.errors import SymbolMapChanged, SymbolNotMapped
from execution.models import SymbolMap
from execution.services.symbols import symbol_map_confirm, symbol_map_revoke
from fusion_project.ops.access import form_of, staff_page
from fusion_project.ops.selectors.actors import actor_names

_ROWS_MAX = 200
_LENGTH_MAX = 64


@require_safe
@staff_page("execution.view_symbolmap")
def symbol_list(request: HttpRequest) -> HttpResponse:
    rows = SymbolMap.objects.select_related("account", "confirmation")
    waiting = rows.filter(confirmation=None).order_by("account__name", "instrument")
    confirmed = list(
        rows.filter(confirmation__isnull=False).order_by("-confirmation__at", "id")[:_ROWS_MAX]
    )
    actors = [one.confirmation.actor if one.confirmation else "" for one in confirmed]
    people = actor_names(set(actors))
    own: dict[str, Any] = {
        "title": "Symbol maps",
        "place": "symbols",
        "rows_max": _ROWS_MAX,
        "waiting": list(waiting[:_ROWS_MAX]),
        "waiting_count": waiting.count(),
        "confirmed": [
            (one, people[actor] or "—") for one, actor in zip(confirmed, actors, strict=True)
        ],
    }
    return render(request, "ops/symbol_list.html", {**admin.site.each_context(request), **own})


@form_of("ops:symbol_list")
@staff_page("ops.confirm_symbol", "execution.view_symbolmap")
def symbol_verdict(request: HttpRequest, symbol_map_id: str, verb: str) -> HttpResponse:
    """Confirm what was shown, or take a confirmation back."""
    actor = f"user:{request.user.pk}"
    try:
        if verb == "confirm":
            row = symbol_map_confirm(
                symbol_map_id=int(symbol_map_id),
                instrument=_word(request, "instrument"),
                broker_symbol=_word(request, "broker_symbol"),
                actor=actor,
            )
        else:
            row = symbol_map_revoke(symbol_map_id=int(symbol_map_id), actor=actor)
    except SymbolNotMapped:
        messages.warning(request, "That symbol map does not exist.")
    except SymbolMapChanged:
        messages.warning(request, "Nothing done: the row has changed since the page was loaded.")
    else:
        done = "confirmed" if verb == "confirm" else "revoked: no new entry goes through it"
        messages.success(request, f"{row.instrument} = {row.broker_symbol} is {done}.")
    return redirect("ops:symbol_list")


def _word(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\x00", "")[:_LENGTH_MAX]
