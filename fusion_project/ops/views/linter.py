"""The staff linter: a pasted message or a stored delivery, judged dry against one strategy."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from fusion_project.errors import DomainError
from fusion_project.events.clock import now
from fusion_project.ops.access import form_of, staff_page
from fusion_project.ops.selectors.lint_preview import leg_previews, symbol_rows, traded_of
from fusion_project.text.actors import actor_of_user
from signals.intake.reasons import message_of
from signals.intents.words import NO_STOP
from signals.lint.judging import ACCEPT, lint
from signals.lint.report import message_bytes, replay_bytes, report_of
from signals.models import Alert, Delivery, Strategy
from signals.selectors.linting import alert_known, entry_rule_now, lint_policy_of
from signals.services.intake import body_sha256
from signals.services.settling import NAMES_MAX, members_settle

SETTLE: Final = "ops.settle_member"
_TEXT_LENGTH_MAX: Final = 200_000
_ID_LENGTH_MAX: Final = 18


@dataclass(frozen=True, slots=True)
class _Message:
    """What is judged: the bytes as they are read, and the hash that the same bytes have."""

    raw: bytes
    sha256: str
    at: datetime
    grade: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("signals.view_delivery", "execution.view_symbolmap")
def alert_linter(request: HttpRequest) -> HttpResponse:
    """GET shows the form, or judges the delivery that `delivery` names; POST judges a message."""
    delivery = _delivery(request)
    chosen: Strategy | None
    strategies = list(Strategy.objects.select_related("policy").order_by("slug"))
    own: dict[str, Any] = {
        "title": "Alert linter",
        "place": "linter",
        "strategies": strategies,
        "delivery": delivery,
        "text": "",
        "as_received": request.GET.get("at") != "now",
    }
    if delivery is not None:
        chosen = delivery.strategy
        at = delivery.received_at if own["as_received"] else now()
        raw = _as_it_came(delivery)
        own["text"] = _as_text(raw)
        own |= _judged(chosen, _Message(raw, delivery.body_sha256, at, delivery.grade))
    else:
        values = request.POST if request.method == "POST" else request.GET
        chosen = _chosen(strategies, values.get("strategy", ""))
        if request.method == "POST":
            own["text"] = request.POST.get("message", "")[:_TEXT_LENGTH_MAX]
            raw = message_bytes(own["text"])
            own |= _judged(chosen, _Message(raw, body_sha256(raw), now()))
    own["chosen"] = chosen
    own["may_settle"] = request.user.has_perm(SETTLE)
    return render(request, "ops/alert_linter.html", {**admin.site.each_context(request), **own})


@form_of("ops:alert_linter")
@staff_page("signals.view_delivery", "execution.view_symbolmap", SETTLE)
def member_settling(request: HttpRequest) -> HttpResponse:
    """Settle the members that were ticked, and judge the delivery again, which trades nothing."""
    given, slug = request.POST, request.POST.get("strategy", "")
    try:
        members_settle(
            slug=slug,
            names=given.getlist("member")[:NAMES_MAX],
            kind=given.get("kind", ""),
            why=given.get("why", "").replace("\x00", ""),
            actor=actor_of_user(request.user.pk),
        )
    except DomainError as refused:
        messages.error(request, f"Nothing settled: {refused}")
    else:
        messages.success(request, "Settled. What was refused for it is not traded late.")
    delivery = given.get("delivery", "")
    query = {"delivery": delivery, "at": "now"} if delivery else {"strategy": slug}
    return redirect(f"{reverse('ops:alert_linter')}?{urlencode(query)}")


def _judged(strategy: Strategy | None, message: _Message) -> dict[str, Any]:
    """The judgement, and what the desk would do with it if a strategy is chosen."""
    if strategy is None:
        return {"report": report_of(lint(message.raw, now=message.at)), "judged_at": message.at}
    judged = lint(message.raw, now=message.at, policy=lint_policy_of(strategy))
    own: dict[str, Any] = {"report": report_of(judged), "judged_at": message.at}
    if judged.reading is None:
        return own
    reading = judged.reading
    known = alert_known(
        strategy_id=strategy.pk, body_sha256=message.sha256, reading=reading, at=message.at
    )
    rule_now = entry_rule_now(strategy=strategy, reading=reading, at=message.at)
    legs = leg_previews(strategy=strategy, reading=reading, grade=message.grade)
    acted = judged.verdict == ACCEPT and not (known or rule_now or judged.entry_rule)
    return own | {
        "traded": traded_of(legs) if acted else None,
        "known": known,
        "rule_now": rule_now,
        "rule_advice": message_of(rule_now) if judged.verdict == ACCEPT and not known else "",
        "stopped": judged.reason or (known[0] if known else ""),
        "entry_stopped": judged.entry_rule or rule_now,
        "legs": legs,
        "symbols": symbol_rows(strategy=strategy, reading=reading),
        "no_stop": NO_STOP,
        "has_followers": strategy.subscriptions.filter(is_active=True).exists(),
    }


def _as_it_came(delivery: Delivery) -> bytes:
    """The stored bytes with stand-ins for what was blanked, that read as they were read then."""
    bodies = replay_bytes(bytes(delivery.body))
    alert = Alert.objects.filter(id=delivery.alert_id).first() if delivery.alert_id else None
    for raw in bodies:
        judged = lint(raw, now=delivery.received_at, policy=lint_policy_of(delivery.strategy))
        same = judged.dialect == alert.dialect if alert else judged.reason == delivery.rule
        if same:
            return raw
    return bodies[0]


def _as_text(raw: bytes) -> str:
    """The message for the form that changes it; nothing where it is no text."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return ""


def _chosen(strategies: list[Strategy], slug: str) -> Strategy | None:
    return next((one for one in strategies if one.slug == slug), None)


def _delivery(request: HttpRequest) -> Delivery | None:
    raw = "" if request.method == "POST" else request.GET.get("delivery", "")
    if not raw:
        return None
    if not (raw.isascii() and raw.isdigit() and len(raw) <= _ID_LENGTH_MAX):
        raise Http404("no such delivery")
    found = Delivery.objects.select_related("strategy__policy").filter(id=int(raw)).first()
    if found is None:
        raise Http404("no such delivery")
    return found
