"""Reviewing: the list of decisions, one decision's page, and the two forms that decide it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from execution.selectors.previews import entry_previews, lots_kept
from fusion_project.errors import DomainError
from fusion_project.events.clock import now
from fusion_project.ops.access import form_of, staff_page
from fusion_project.ops.selectors.decisions import (
    LIST_MAX,
    PENDING,
    STATES,
    decision_facts,
    decision_rows,
)
from fusion_project.ops.selectors.entry_words import OrderPreview, order_preview
from fusion_project.ops.selectors.review_facts import review_facts
from signals.intake.reasons import DECISION_REASONS, REVIEW_REASONS
from signals.models import Decision, Strategy
from signals.selectors.decisions import decision_shown_sha256
from signals.services.decisions import decision_approve, decision_reject

_NOTE_LENGTH_MAX = 2_000


@require_safe
@staff_page("signals.view_decision")
def decision_list(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", PENDING)
    if state not in STATES:
        raise Http404("no such state")
    strategy = _word(request, "strategy")
    instrument = _word(request, "instrument")
    own = {
        "title": "Decisions",
        "place": "decisions",
        "states": STATES,
        "state": state,
        "strategy": strategy,
        "instrument": instrument,
        "list_max": LIST_MAX,
        "strategies": Strategy.objects.order_by("slug").values_list("slug", flat=True),
        "rows": decision_rows(state=state, strategy=strategy, instrument=instrument, at=now()),
    }
    return render(request, "ops/decision_list.html", {**admin.site.each_context(request), **own})


@require_safe
@staff_page("signals.view_decision")
def decision(request: HttpRequest, decision_id: int) -> HttpResponse:
    return _page(request, decision_id)


@form_of("ops:decision", "decision_id")
@staff_page("ops.review_decision", "signals.view_decision")
def decision_verdict(request: HttpRequest, decision_id: int, verdict: str) -> HttpResponse:
    """One reviewer's approve or reject; a refusal shows the page again with the fact (409)."""
    service = decision_approve if verdict == "approve" else decision_reject
    try:
        service(
            decision_id=decision_id,
            reviewer_id=int(request.user.pk or 0),
            reason=request.POST.get("reason", "")[:60],
            note=request.POST.get("note", "").replace("\x00", "")[:_NOTE_LENGTH_MAX],
            shown_sha256=request.POST.get("shown_sha256", "")[:64],
        )
    except DomainError as refused:
        return _page(request, decision_id, refused=refused, verdict=verdict)
    done = "Approval" if verdict == "approve" else "Rejection"
    messages.success(request, f"{done} of decision {decision_id} is recorded.")
    return redirect("ops:decision", decision_id)


def _page(
    request: HttpRequest,
    decision_id: int,
    *,
    refused: DomainError | None = None,
    verdict: str = "",
) -> HttpResponse:
    at = now()
    facts = decision_facts(decision_id=decision_id, at=at)
    if facts is None:
        raise Http404("no such decision")
    is_pending = facts.decision.state == PENDING
    bounds = lots_kept(facts.decision) if is_pending else None
    own: dict[str, Any] = {
        "title": f"Decision {decision_id}",
        "place": "decisions",
        "facts": facts,
        "is_pending": is_pending,
        "is_open": is_pending and (facts.left_seconds is None or facts.left_seconds > 0),
        "review": review_facts(decision=facts.decision, reviews=facts.reviews, at=at),
        "verdicts": REVIEW_REASONS,
        "note_length_max": _NOTE_LENGTH_MAX,
        "reason_text": DECISION_REASONS.get(facts.decision.reason, facts.decision.reason),
        "previews": _previews(facts.decision, bounds) if is_pending else [],
        "lacks_preview": is_pending and facts.decision.verb == "entry" and bounds is None,
        "shown_sha256": decision_shown_sha256(decision_id) if is_pending else "",
        "refused": str(refused) if refused else "",
        "given": {name: request.POST.get(name, "") for name in ("reason", "note")},
        "given_verdict": verdict,
    }
    context = {**admin.site.each_context(request), **own}
    return render(request, "ops/decision.html", context, status=409 if refused else 200)


def _previews(decision: Decision, bounds: Mapping[int, Decimal] | None) -> list[OrderPreview]:
    """What approving would order now, beside what it binds; an exit is decided without a person."""
    known = bounds or {}
    return [order_preview(one, bound=known.get(one.account.id)) for one in entry_previews(decision)]


def _word(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\x00", "").strip()[:64]
