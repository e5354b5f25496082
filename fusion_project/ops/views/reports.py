"""The month of a book: what it is worth, what was booked, what trades came to; for reading."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from fusion_project.events.clock import now
from fusion_project.ops.access import staff_page
from fusion_project.ops.selectors.ledger import book_list
from treasury.rules.months import month_of, month_read
from treasury.selectors.reports import report_get


@require_safe
@staff_page("ops.view_ledger")
def report(request: HttpRequest) -> HttpResponse:
    this = month_of(now())
    book = request.GET.get("book", book_list()[0])
    month = month_read(request.GET.get("month", str(this)))
    if book not in book_list() or month is None or month > this:
        raise Http404("no such book or month")
    own: dict[str, Any] = {
        "title": f"Report of {month}",
        "place": "ledger",
        "books": book_list(),
        "book": book,
        "month": month,
        "later": month.next if month < this else None,
        "report": report_get(book=book, month=month),
    }
    return render(request, "ops/report.html", {**admin.site.each_context(request), **own})
