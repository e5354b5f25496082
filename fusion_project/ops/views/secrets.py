"""Webhook secrets: lists, and the forms that issue, rotate and revoke.

A new secret stands on the answer to the form that asked for it and nowhere else: no redirect, no
session, no message store, no log. That answer is never cached and never compressed.
"""

from typing import Any, Final

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from fusion_project.errors import DomainError
from fusion_project.events.clock import now
from fusion_project.ops.access import form_of, shown_once, staff_page
from fusion_project.ops.views.confirming import Question, question_page
from fusion_project.text.actors import actor_of_user
from fusion_project.text.formats import UNDEFINED, exact_text
from signals.errors import SecretListChanged, SecretNotFound
from signals.models import Strategy
from signals.selectors.secrets import SecretRow, secret_counts, secret_list
from signals.services.secrets import LABEL_LENGTH_MAX, secret_issue_once, secret_rotate
from signals.services.strategies import IssuedSecret, strategy_secret_revoke

OVERLAPS: Final = {"3600": "1 hour", "86400": "1 day", "604800": "7 days"}
_WORDS: Final = {
    SecretListChanged: "A secret was issued since this page was loaded. Look at the list below.",
    SecretNotFound: "That secret has ended already.",
}
_MANAGE: Final = "ops.manage_secret"
_ID_LENGTH_MAX: Final = 18


@require_safe
@staff_page(_MANAGE)
def strategy_list(request: HttpRequest) -> HttpResponse:
    own = {"title": "Webhook secrets", "place": "secrets", "rows": secret_counts(at=now())}
    return render(request, "ops/secret_strategies.html", _context(request, own))


@require_safe
@staff_page(_MANAGE)
def secret_list_page(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, _strategy(slug))


@form_of("ops:secret_list", "slug")
@staff_page(_MANAGE)
def secret_issuing(request: HttpRequest, slug: str) -> HttpResponse:
    strategy = _strategy(slug)
    try:
        issued = secret_issue_once(
            strategy_id=strategy.pk,
            newest_id=_newest_id(request),
            actor=_actor(request),
            label=_label(request),
        )
    except DomainError as refused:
        return _page(request, strategy, refused=refused)
    return _page(request, strategy, issued=issued)


@form_of("ops:secret_list", "slug")
@staff_page(_MANAGE)
def secret_rotating(request: HttpRequest, slug: str, secret_id: int) -> HttpResponse:
    """Issue a successor now; this one ends after the overlap."""
    strategy = _strategy(slug)
    overlap = request.POST.get("overlap", "")
    try:
        issued = secret_rotate(
            strategy_id=strategy.pk,
            secret_id=secret_id,
            newest_id=_newest_id(request),
            overlap_seconds=int(overlap) if overlap in OVERLAPS else 86_400,
            actor=_actor(request),
            label=_label(request),
        )
    except DomainError as refused:
        return _page(request, strategy, refused=refused)
    return _page(request, strategy, issued=issued, former_id=secret_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(_MANAGE)
def secret_revoking(request: HttpRequest, slug: str, secret_id: int) -> HttpResponse:
    """Ask first; the form of that page ends the secret at once."""
    strategy = _strategy(slug)
    if request.method == "POST":
        try:
            strategy_secret_revoke(
                strategy_id=strategy.pk, secret_id=secret_id, actor=_actor(request)
            )
        except DomainError as refused:
            return _page(request, strategy, refused=refused)
        messages.success(request, f"Secret {secret_id} has ended: its alerts are refused.")
        return redirect("ops:secret_list", slug)
    live = secret_list(strategy_id=strategy.pk, at=now()).live
    chosen = next((one for one in live if one.id == secret_id), None)
    if chosen is None:
        return _page(request, strategy, refused=SecretNotFound(secret_id=secret_id))
    return question_page(request, _question(strategy, chosen, is_last=len(live) == 1))


def _question(strategy: Strategy, secret: SecretRow, *, is_last: bool) -> Question:
    if is_last:
        effect = (
            f"It is the only live secret: every alert of {strategy.slug} is refused, exits too."
        )
    else:
        effect = "Alerts that still use it are refused at once, exits too."
    return Question(
        title=f"Revoke secret {secret.id} of {strategy.slug}?",
        place="secrets",
        facts=[
            ("Strategy", strategy.slug),
            ("Label", secret.label or UNDEFINED),
            ("Since (UTC)", exact_text(secret.valid_from)),
            (
                "Last used (UTC)",
                exact_text(secret.last_used_at) if secret.last_used_at else "never",
            ),
        ],
        warnings=[effect, "It cannot be undone."],
        button=f"Revoke secret {secret.id}",
        back=reverse("ops:secret_list", args=[strategy.slug]),
        back_title=f"Webhook secrets of {strategy.slug}",
    )


def _page(
    request: HttpRequest,
    strategy: Strategy,
    *,
    issued: IssuedSecret | None = None,
    former_id: int | None = None,
    refused: DomainError | None = None,
) -> HttpResponse:
    own: dict[str, Any] = {
        "title": f"Webhook secrets of {strategy.slug}",
        "place": "secrets",
        "strategy": strategy,
        "secrets": secret_list(strategy_id=strategy.pk, at=now()),
        "overlaps": OVERLAPS,
        "label_length_max": LABEL_LENGTH_MAX,
        "former_id": former_id,
        "issued": issued,
        "issued_url": request.build_absolute_uri(issued.path) if issued else "",
        "refused": _WORDS.get(type(refused), str(refused)) if refused else "",
    }
    status = refused.status if refused else 200
    response = render(request, "ops/secret_list.html", _context(request, own), status=status)
    return shown_once(response) if issued else response


def _context(request: HttpRequest, own: dict[str, Any]) -> dict[str, Any]:
    return {**admin.site.each_context(request), **own}


def _strategy(slug: str) -> Strategy:
    found = Strategy.objects.filter(slug=slug).first()
    if found is None:
        raise Http404("no such strategy")
    return found


def _actor(request: HttpRequest) -> str:
    return actor_of_user(request.user.pk)


def _label(request: HttpRequest) -> str:
    return request.POST.get("label", "").replace("\x00", "").strip()[:LABEL_LENGTH_MAX]


def _newest_id(request: HttpRequest) -> int:
    """The newest secret of the list that the form was on; -1 matches none."""
    raw = request.POST.get("newest_id", "")
    is_id = raw.isascii() and raw.isdigit() and len(raw) <= _ID_LENGTH_MAX
    return int(raw) if is_id else -1
