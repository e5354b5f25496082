"""What needs two people: the list, one request in words, and the forms that confirm or end it."""

from typing import Any, Final

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from fusion_project.errors import DomainError
from fusion_project.events.clock import now
from fusion_project.ops.access import staff_page
from fusion_project.ops.selectors.actors import actor_names, subject_href
from fusion_project.ops.views.confirming import Question, question_page, reason_of
from fusion_project.second_person.models import Request
from fusion_project.second_person.services import (
    cooled_off_at,
    request_confirm,
    request_withdraw,
)
from fusion_project.second_person.states import ASKED, OPEN
from fusion_project.text.actors import actor_of_user
from fusion_project.text.formats import exact_text, state_word

_VIEW: Final = "second_person.view_request"
_DECIDE: Final = ("ops.confirm_request", _VIEW)
_ENDED_MAX: Final = 30
_HASH_LENGTH: Final = 64


@require_safe
@staff_page(_VIEW)
def request_list(request: HttpRequest) -> HttpResponse:
    waiting = list(Request.objects.filter(state__in=OPEN).order_by("-id"))
    ended = list(Request.objects.exclude(state__in=OPEN).order_by("-id")[:_ENDED_MAX])
    people = actor_names({actor for one in (*waiting, *ended) for actor in _actors(one)})
    own = {
        "title": "Requests",
        "place": "requests",
        "waiting": [(one, people[one.requester], people.get(one.confirmed_by)) for one in waiting],
        "ended": [(one, people[one.requester], people.get(one.confirmed_by)) for one in ended],
    }
    return render(request, "ops/request_list.html", {**admin.site.each_context(request), **own})


@require_safe
@staff_page(_VIEW)
def request_page(request: HttpRequest, request_id: int) -> HttpResponse:
    row = _request(request_id)
    people = actor_names(_actors(row))
    own = {
        "title": f"Request {row.pk}",
        "place": "requests",
        "row": row,
        "href": subject_href(row.subject),
        "asked_by": people[row.requester],
        "confirmed_by": people.get(row.confirmed_by),
        "ended_by": people.get(row.ended_by),
        "payload": sorted(row.asked_for.items()),
        "why_not": _why_not(row, _actor(request)),
    }
    return render(request, "ops/request.html", {**admin.site.each_context(request), **own})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*_DECIDE)
def request_confirming(request: HttpRequest, request_id: int) -> HttpResponse:
    """Ask first; the form of that page confirms what it showed."""
    row = _request(request_id)
    if request.method == "POST":
        shown = request.POST.get("payload_sha256", "")[:_HASH_LENGTH]
        try:
            request_confirm(request_id=request_id, payload_sha256=shown, actor=_actor(request))
        except DomainError as refused:
            messages.error(request, f"Nothing done: {refused}")
        else:
            messages.success(request, f"Request {request_id} is confirmed; it is carried out now.")
        return redirect("ops:request", request_id)
    if why_not := _why_not(row, _actor(request)):
        messages.warning(request, why_not)
        return redirect("ops:request", request_id)
    return question_page(request, _question(row))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*_DECIDE)
def request_withdrawing(request: HttpRequest, request_id: int) -> HttpResponse:
    """Ask first; the form of that page ends the request."""
    row = _request(request_id)
    if request.method == "POST":
        try:
            request_withdraw(
                request_id=request_id, actor=_actor(request), reason=reason_of(request)
            )
        except DomainError as refused:
            messages.warning(request, f"Nothing done: {refused}")
        else:
            messages.success(request, f"Request {request_id} is withdrawn.")
        return redirect("ops:request_list")
    if not row.is_open:
        messages.warning(request, f"Request {request_id} is {row.state} already.")
        return redirect("ops:request", request_id)
    question = Question(
        title=f"Withdraw request {row.pk}?",
        place="requests",
        facts=_facts(row),
        warnings=["Nothing of it is done. To have it after all somebody asks anew."],
        button=f"Withdraw request {row.pk}",
        reason_label="Why?",
        **_back(row),
    )
    return question_page(request, question)


def _question(row: Request) -> Question:
    return Question(
        title=f"Confirm request {row.pk}?",
        place="requests",
        facts=_facts(row),
        warnings=["It is done at once, in your name and that of who asked."],
        button=f"Confirm request {row.pk}",
        hidden=[("payload_sha256", row.payload_sha256)],
        is_bad=False,
        **_back(row),
    )


def _facts(row: Request) -> list[tuple[str, str]]:
    person = actor_names([row.requester])[row.requester]
    return [
        ("What will happen", row.words),
        ("Asked by", person),
        ("Because", row.reason),
        ("Asked (UTC)", exact_text(row.asked_at)),
        ("Lapses (UTC)", exact_text(row.lapses_at)),
    ]


def _back(row: Request) -> dict[str, Any]:
    return {"back": reverse("ops:request", args=[row.pk]), "back_title": f"Request {row.pk}"}


def _why_not(row: Request, actor: str) -> str:
    """Why this person cannot confirm it now, in words; nothing where nothing stands against it."""
    if row.state != ASKED:
        return f"It is {state_word(row.state)} already."
    if row.requester != actor:
        return ""
    since = cooled_off_at(row)
    if since is None:
        return "You asked for it: another person confirms."
    if now() < since:
        return f"You asked for it: you may confirm it yourself from {exact_text(since)} UTC on."
    return ""


def _actors(row: Request) -> set[str]:
    return {row.requester, row.confirmed_by, row.ended_by} - {""}


def _request(request_id: int) -> Request:
    row = Request.objects.filter(id=request_id).first()
    if row is None:
        raise Http404("no such request")
    return row


def _actor(request: HttpRequest) -> str:
    return actor_of_user(request.user.pk)
