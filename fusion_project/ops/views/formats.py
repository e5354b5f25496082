"""Formats of a strategy's alerts: made from pasted examples, corrected by a person, then kept."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from fusion_project.errors import DomainError
from fusion_project.ops.access import form_of, staff_page
from fusion_project.ops.selectors.format_forms import (
    constants_of,
    document_judged,
    posted_document,
    posted_examples,
    posted_name,
    rows_of,
)
from fusion_project.text.actors import actor_of_user
from signals.dialects.format_checks import FormatWrong
from signals.dialects.format_guesses import format_guessed
from signals.dialects.published_formats import published_format, published_names
from signals.models import Strategy
from signals.services.formats import format_forget, format_teach

SETTLE: Final = "ops.settle_member"
GUESS, JUDGE, KEEP = "guess", "judge", "keep"


@require_safe
@staff_page("signals.view_delivery", SETTLE)
def alert_formats(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the formats, the one that `name` says as a form, else a form for the next one."""
    strategy = _strategy(slug)
    name = request.GET.get("name", "")
    document = next((one for one in strategy.policy.formats if one["name"] == name), None)
    document = document or published_format(request.GET.get("published", ""))
    if document is None:
        return _page(request, strategy, {"examples": ["", ""]})
    return _page(request, strategy, _shown(document) | _judged(strategy, document))


@form_of("ops:alert_formats", "slug")
@staff_page("signals.view_delivery", SETTLE)
def format_teaching(request: HttpRequest, slug: str) -> HttpResponse:
    """Guess a format from messages, judge a corrected one, or keep it."""
    strategy = _strategy(slug)
    step = request.POST.get("step", "")
    if step == GUESS:
        return _page(request, strategy, _guessed(request))
    document = posted_document(request.POST)
    own = _shown(document) | _judged(strategy, document)
    wrong = [number for number, one in enumerate(own.get("told", []), start=1) if one.is_wrong]
    if step != KEEP or "wrong" in own:
        return _page(request, strategy, own)
    if wrong:
        own["wrong"] = f"Message {wrong[0]} would be refused. Correct a member, or leave it out."
        return _page(request, strategy, own)
    return _done(
        request,
        slug,
        lambda actor: format_teach(slug=slug, document=document, actor=actor),
        f"Kept: the next alert of this form is read by {document['name']}.",
    )


@form_of("ops:alert_formats", "slug")
@staff_page("signals.view_delivery", SETTLE)
def format_forgetting(request: HttpRequest, slug: str) -> HttpResponse:
    """Leave a format."""
    name = request.POST.get("name", "")
    return _done(
        request,
        _strategy(slug).slug,
        lambda actor: format_forget(slug=slug, name=name, actor=actor),
        "Forgotten: its messages are read by the dialects again.",
    )


def _strategy(slug: str) -> Strategy:
    strategy = Strategy.objects.select_related("policy").filter(slug=slug).first()
    if strategy is None:
        raise Http404("no such strategy")
    return strategy


def _guessed(request: HttpRequest) -> dict[str, Any]:
    examples = posted_examples(request.POST)
    try:
        document = format_guessed(
            posted_name(request.POST), [body for body in examples if body.strip()]
        )
    except FormatWrong as wrong:
        return {"wrong": str(wrong), "examples": examples, "name": posted_name(request.POST)}
    return _shown(document) | {"is_guess": True}


def _judged(strategy: Strategy, document: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"told": document_judged(strategy, document)}
    except FormatWrong as wrong:
        return {"wrong": str(wrong)}


def _shown(document: dict[str, Any]) -> dict[str, Any]:
    return {
        "document": document,
        "name": document["name"],
        "rows": rows_of(document),
        "constants": constants_of(document),
        "examples": [one["body"] for one in document["examples"]],
    }


def _done(request: HttpRequest, slug: str, act: Callable[[str], Any], words: str) -> HttpResponse:
    try:
        act(actor_of_user(request.user.pk))
    except DomainError as refused:
        messages.error(request, f"Nothing changed: {refused}")
    else:
        messages.success(request, words)
    return redirect("ops:alert_formats", slug)


def _page(request: HttpRequest, strategy: Strategy, own: dict[str, Any]) -> HttpResponse:
    title = f"Alert formats of {strategy.slug}"
    context = {"strategy": strategy, "title": title, "place": "linter", **own}
    context["published"] = published_names()
    return render(
        request, "ops/alert_formats.html", {**admin.site.each_context(request), **context}
    )
