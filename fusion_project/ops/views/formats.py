"""Formats of a strategy's alerts: made from pasted examples, corrected by a person, then kept."""

from typing import Any, Final

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from fusion_project.errors import DomainError
from fusion_project.ops.access import staff_page
from fusion_project.text.actors import actor_of_user
from signals.dialects.common_trade import KNOWN
from signals.dialects.format_checks import FormatWrong, asked_by, form_check, format_guessed
from signals.dialects.taught import CREDENTIAL, IGNORED, format_of
from signals.intake.parsing import Unreadable, read_content
from signals.models import Strategy
from signals.services.formats import format_forget, format_teach

SETTLE: Final = "ops.settle_member"
MEMBERS_MAX: Final = 48
_TEXT_MAX: Final = 4096


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("signals.view_delivery", SETTLE)
def alert_formats(request: HttpRequest, slug: str) -> HttpResponse:
    """GET lists the formats. POST guesses one, shows what a corrected one reads, keeps or leaves it."""
    strategy = Strategy.objects.select_related("policy").filter(slug=slug).first()
    if strategy is None:
        raise Http404("no such strategy")
    own: dict[str, Any] = {"strategy": strategy, "examples": ["", ""], "name": ""}
    step = request.POST.get("step", "")
    if step == "forget":
        return _done(request, slug, lambda actor: format_forget(
            slug=slug, name=request.POST.get("name", ""), actor=actor
        ), "Left: its messages are read by the dialects again.")
    if step:
        try:
            document = _guessed(request) if step == "guess" else _document(request)
            own |= _shown(document)
        except FormatWrong as wrong:
            own |= {"wrong": str(wrong), "examples": _examples(request), "name": _name(request)}
        else:
            if step == "keep" and "?" not in own["asks"]:
                return _done(request, slug, lambda actor: format_teach(
                    slug=slug, document=document, actor=actor
                ), "Kept. The next alert of this form is read by it.")
    return render(request, "ops/alert_formats.html", _context(request, own))


def _done(request: HttpRequest, slug: str, act: Any, words: str) -> HttpResponse:
    try:
        act(actor_of_user(request.user.pk))
    except DomainError as refused:
        messages.error(request, f"Nothing changed: {refused}")
    else:
        messages.success(request, words)
    return redirect("ops:alert_formats", slug)


def _guessed(request: HttpRequest) -> dict[str, Any]:
    bodies = [body for body in _examples(request) if body.strip()]
    if not bodies:
        raise FormatWrong("Paste at least one message.")
    return format_guessed(_name(request), bodies)


def _document(request: HttpRequest) -> dict[str, Any]:
    """The document that the corrected form says; what each example asks for is worked out anew."""
    given = request.POST
    rows = zip(
        given.getlist("at")[:MEMBERS_MAX],
        given.getlist("says"),
        given.getlist("values"),
        given.getlist("why"),
        strict=False,
    )
    optional = set(given.getlist("optional"))
    document: dict[str, Any] = {"v": 1, "name": _name(request)}
    for part in ("separator", "assign"):
        if given.get(part):
            document[part] = given[part]
    document["members"] = [_member(*row, is_optional=row[0] in optional) for row in rows]
    bodies = [body for body in _examples(request) if body.strip()]
    document["examples"] = [{"body": body, "asks": "?"} for body in bodies]
    form_check(document)
    own = format_of(document)
    for one in document["examples"]:
        one["asks"] = _asks(own, one["body"])
    return document


def _member(at: str, says: str, values: str, why: str, *, is_optional: bool) -> dict[str, Any]:
    member: dict[str, Any] = {"at": at, "says": says.strip()}
    if values.strip():
        pairs = (one.partition("=") for one in values.split(",") if one.strip())
        member["values"] = {said.strip(): means.strip() for said, _, means in pairs}
    if why.strip():
        member["why"] = why.strip()[:200]
    return member | ({"optional": True} if is_optional else {})


def _asks(own: Any, body: str) -> str:
    try:
        content = read_content(body.encode("utf-8", "surrogatepass"))
    except Unreadable as error:
        return error.code
    return asked_by(own, content) if own.claims(content) else "?"


def _shown(document: dict[str, Any]) -> dict[str, Any]:
    """The document as rows of a form."""
    rows = [
        {
            **one,
            "values": ", ".join(f"{said}={to}" for said, to in one.get("values", {}).items()),
        }
        for one in document["members"]
    ]
    examples = document["examples"]
    return {
        "document": document,
        "rows": rows,
        "name": document["name"],
        "examples": [one["body"] for one in examples],
        "asks": [one["asks"] for one in examples],
        "told": list(zip([one["body"] for one in examples], [one["asks"] for one in examples], strict=True)),
        "known": sorted({*KNOWN, CREDENTIAL, IGNORED}),
    }


def _examples(request: HttpRequest) -> list[str]:
    given = request.POST.getlist("example")[:16]
    return [one.replace("\r\n", "\n").replace("\x00", "")[:_TEXT_MAX] for one in given]


def _name(request: HttpRequest) -> str:
    return request.POST.get("name", "").strip()[:19]


def _context(request: HttpRequest, own: dict[str, Any]) -> dict[str, Any]:
    title = f"Alert formats of {own['strategy'].slug}"
    return {**admin.site.each_context(request), "title": title, "place": "linter", **own}
