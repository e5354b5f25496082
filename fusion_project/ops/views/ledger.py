"""The audit view of the ledger: trial balance and entries with their lines, for reading."""

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from fusion_project.ops.access import staff_page
from fusion_project.ops.selectors.ledger import (
    ENTRIES_MAX,
    book_list,
    book_view_get,
    checks_view_get,
    entry_page,
    periods_view_get,
    waiting_list,
)
from tokens.selectors.chain import chain_rows, intent_rows, supply_plan

_ID_LENGTH_MAX = 18


@require_safe
@staff_page("ops.view_ledger")
def ledger(request: HttpRequest) -> HttpResponse:
    book = request.GET.get("book", book_list()[0])
    if book not in book_list():
        raise Http404("no such book")
    account_code = request.GET.get("account", "").replace("\x00", "")[:160]
    entries = entry_page(book=book, account_code=account_code, before_id=_before_id(request))
    own = {
        "title": "Ledger",
        "place": "ledger",
        "books": book_list(),
        "book": book,
        "view": book_view_get(book=book),
        "waiting": waiting_list(book=book),
        "periods": periods_view_get(book=book, entries=entries),
        "checks": checks_view_get(book=book),
        "chains": chain_rows(book=book),
        "intents": intent_rows(book=book),
        "plan": supply_plan(),
        "entries": entries,
        "account_code": account_code,
        "older_than": entries[-1].pk if len(entries) == ENTRIES_MAX else None,
    }
    return render(request, "ops/ledger.html", {**admin.site.each_context(request), **own})


def _before_id(request: HttpRequest) -> int | None:
    raw = request.GET.get("before", "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= _ID_LENGTH_MAX else None
