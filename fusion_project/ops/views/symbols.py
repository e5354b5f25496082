"""Symbol maps: what waits for a person, what is confirmed and by whom; confirming and revoking."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from execution.errors import SymbolMapChanged, SymbolNotMapped, SymbolSheetMissing
from execution.models import Position, SymbolMap
from execution.services.symbols import symbol_map_confirm, symbol_map_revoke
from fusion_project.ops.access import form_of, staff_page
from fusion_project.ops.selectors.actors import actor_names
from fusion_project.ops.views.confirming import Question, question_page
from fusion_project.text.actors import actor_of_user
from fusion_project.text.formats import exact_text

_CONFIRM: Final = ("ops.confirm_symbol", "execution.view_symbolmap")
_ROWS_MAX = 200
_LENGTH_MAX = 64


@require_safe
@staff_page("execution.view_symbolmap")
def symbol_list(request: HttpRequest) -> HttpResponse:
    rows = SymbolMap.objects.select_related("account", "confirmation")
    waiting = rows.filter(confirmation=None).order_by("-id")
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
@staff_page(*_CONFIRM)
def symbol_confirming(request: HttpRequest, symbol_map_id: int) -> HttpResponse:
    """Confirm what was shown."""
    return _done(
        request,
        "confirmed",
        lambda: symbol_map_confirm(
            symbol_map_id=symbol_map_id,
            instrument=_word(request, "instrument"),
            broker_symbol=_word(request, "broker_symbol"),
            actor=actor_of_user(request.user.pk),
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*_CONFIRM)
def symbol_revoking(request: HttpRequest, symbol_map_id: int) -> HttpResponse:
    """Ask first; the form of that page takes the confirmation back."""
    if request.method == "POST":
        done = "revoked: no new entry goes through it"
        actor = actor_of_user(request.user.pk)
        return _done(
            request, done, lambda: symbol_map_revoke(symbol_map_id=symbol_map_id, actor=actor)
        )
    rows = SymbolMap.objects.select_related("account", "confirmation")
    row = rows.filter(id=symbol_map_id, confirmation__isnull=False).first()
    if row is None:
        messages.warning(request, "That symbol map is not confirmed: there is nothing to revoke.")
        return redirect("ops:symbol_list")
    return question_page(request, _question(row))


def _question(row: SymbolMap) -> Question:
    still_open = Position.objects.filter(
        account=row.account_id, instrument=row.instrument, closed_at=None
    ).count()
    return Question(
        title=f"Revoke {row.instrument} on {row.account.name}?",
        place="symbols",
        facts=[
            ("Instrument", row.instrument),
            ("Broker symbol", row.broker_symbol),
            ("Account", f"{row.account.name}, {row.account.book.upper()}"),
            ("Confirmed (UTC)", exact_text(row.confirmation.at if row.confirmation else None)),
            ("Open positions", str(still_open)),
        ],
        warnings=[
            f"At once no entry on {row.instrument} is ordered on this account any more.",
            "Open positions can still be closed.",
            "To trade it again a person must confirm the map anew.",
        ],
        button=f"Revoke {row.instrument}",
        back=reverse("ops:symbol_list"),
        back_title="Symbol maps",
    )


def _done(request: HttpRequest, done: str, act: Callable[[], SymbolMap]) -> HttpResponse:
    try:
        row = act()
    except SymbolNotMapped:
        messages.warning(request, "That symbol map does not exist.")
    except SymbolSheetMissing as missing:
        messages.warning(request, f"Nothing done: {missing}")
    except SymbolMapChanged:
        messages.warning(request, "Nothing done: the row has changed since the page was loaded.")
    else:
        messages.success(request, f"{row.instrument} = {row.broker_symbol} is {done}.")
    return redirect("ops:symbol_list")


def _word(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\x00", "")[:_LENGTH_MAX]
