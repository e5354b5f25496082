"""Reviewing: the list of decisions, one decision's page, and the two forms that decide it."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from execution.selectors.previews import entry_previews
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
from signals.intake.reasons import DECISION_REASONS, REVIEW_REASONS
from signals.models import Decision, Strategy
from signals.selectors.decisions import decision_shown_sha256
from signals.services.decisions import decision_approve, decision_reject

_NOTE_LENGTH_MAX = 2_000


@require_GET
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


@require_GET
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
        return _page(request, decision_id, refused=refused)
    done = "Approval" if verdict == "approve" else "Rejection"
    messages.success(request, f"{done} of decision {decision_id} is recorded.")
    return redirect("ops:decision", decision_id)


def _page(
    request: HttpRequest, decision_id: int, *, refused: DomainError | None = None
) -> HttpResponse:
    facts = decision_facts(decision_id=decision_id, at=now())
    if facts is None:
        raise Http404("no such decision")
    is_pending = facts.decision.state == PENDING
    own: dict[str, Any] = {
        "title": f"Decision {decision_id}",
        "place": "decisions",
        "facts": facts,
        "is_pending": is_pending,
        "reasons": REVIEW_REASONS,
        "note_length_max": _NOTE_LENGTH_MAX,
        "reason_text": DECISION_REASONS.get(facts.decision.reason, facts.decision.reason),
        "previews": _previews(facts.decision) if is_pending else [],
        "shown_sha256": decision_shown_sha256(decision_id) if is_pending else "",
        "refused": str(refused) if refused else "",
        "given": {"reason": request.POST.get("reason", ""), "note": request.POST.get("note", "")},
    }
    context = {**admin.site.each_context(request), **own}
    return render(request, "ops/decision.html", context, status=409 if refused else 200)


def _previews(decision: Decision) -> list[OrderPreview]:
    """What approving would order; an exit is decided without a person."""
    return [order_preview(one) for one in entry_previews(decision)]


def _word(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\x00", "").strip()[:64]
