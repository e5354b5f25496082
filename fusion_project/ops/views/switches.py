"""Switches and closing by hand: the page, and what asks before it stops, allows or closes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from execution.models import BrokerAccount, Position
from execution.rules.switches import (
    ACCOUNT,
    ACTIVE,
    ALL,
    EVERYTHING,
    HALTED,
    SCOPES,
    STATES,
    Target,
    is_stricter,
)
from execution.selectors.closing import close_outlook
from execution.selectors.switches import account_state, switch_state
from execution.services.closing import flatten_ask, position_close_ask
from execution.services.switches import switch_set, target_words
from fusion_project.errors import DomainError
from fusion_project.events.clock import now
from fusion_project.ops.access import staff_page
from fusion_project.ops.selectors.switch_desk import switch_desk
from fusion_project.ops.views.confirming import Question, question_page, reason_of
from fusion_project.text.actors import actor_of_user
from fusion_project.text.formats import counted, plain_number
from signals.models import Strategy

_VIEW: Final = "execution.view_switch"
_METHODS: Final = ["GET", "HEAD", "POST"]
_ID_LENGTH_MAX: Final = 18
_FOREIGN: Final = ("with_foreign", "Also what none of our orders opened")
_NOT_OURS: Final = ("with_foreign", "It is not ours, and I mean it")
_SHARED: Final = ("with_foreign", "All of it, and I mean it")


@require_safe
@staff_page(_VIEW)
def switch_page(request: HttpRequest) -> HttpResponse:
    own = {"title": "Switches", "place": "switches", "desk": switch_desk(at=now())}
    return render(request, "ops/switch_list.html", {**admin.site.each_context(request), **own})


@require_http_methods(_METHODS)
@staff_page("ops.turn_switch", _VIEW)
def switch_turning(request: HttpRequest) -> HttpResponse:
    """Ask first; the form of that page stops, or asks a second person to allow more."""
    target, state = _target(request), request.GET.get("state", "")
    if state not in STATES:
        raise Http404("no such state")
    if request.method == "POST":
        said = {"state": state, "reason": reason_of(request), "actor": _actor(request)}
        return _done(request, lambda: switch_set(target=target, **said))
    question = _raising if is_stricter(switch_state(target), than=state) else _lowering
    return question_page(request, question(target, state))


@require_http_methods(_METHODS)
@staff_page("ops.close_position", _VIEW)
def flattening(request: HttpRequest) -> HttpResponse:
    """Ask first; the form of that page closes an account, or all of them."""
    account_id = None if request.GET.get("account") == ALL else _account(request).pk
    if request.method == "POST":
        return _done(request, lambda: _flatten(request, account_id))
    return question_page(request, _flatten_question(account_id))


@require_http_methods(_METHODS)
@staff_page("ops.close_position", _VIEW)
def position_closing(request: HttpRequest) -> HttpResponse:
    """Ask first; the form of that page closes one position."""
    account, ticket = _account(request), _number(request, "ticket")
    rows = Position.objects.filter(account=account, position_ticket=ticket, closed_at=None)
    position = rows.first()
    if position is None:
        messages.warning(request, f"Position {ticket} is not open any more.")
        return redirect("ops:switch_list")
    if request.method == "POST":
        return _done(request, lambda: _close(request, position))
    return question_page(request, _close_question(account, position))


def _flatten(request: HttpRequest, account_id: int | None) -> str:
    asked = flatten_ask(
        account_id=account_id,
        reason=reason_of(request),
        actor=_actor(request),
        with_foreign=_FOREIGN[0] in request.POST,
    )
    return f"Everything there is being closed; life line {asked.trace_id}."


def _close(request: HttpRequest, position: Position) -> str:
    asked = position_close_ask(
        account_id=position.account_id,
        position_ticket=position.position_ticket,
        reason=reason_of(request),
        actor=_actor(request),
        with_foreign=_FOREIGN[0] in request.POST,
    )
    ticket = position.position_ticket
    return f"Position {ticket} is being closed; life line {asked.trace_id}."


def _lowering(target: Target, state: str) -> Question:
    about = target_words(target)
    account_id = target.id if target.scope == ACCOUNT else None
    resting = close_outlook(account_id).entries if target.scope in (ALL, ACCOUNT) else None
    facts = [("What", about), ("Now", switch_state(target).upper())]
    if resting is not None:
        facts.append(("Entries under way", str(resting)))
    cancelled = "Entries that rest at the broker are cancelled too."
    stays = "Entries that rest at the broker stay there; HALTED would cancel them."
    return Question(
        title=f"Set {about} to {state.upper()}?",
        place="switches",
        facts=facts,
        warnings=[
            "At once no entry is handed out there; the last one may be sent 3 s later.",
            cancelled if state == HALTED else stays,
            "Exits pass. Open positions stay open: flatten closes them.",
            "To allow entries again two people must want it.",
        ],
        button=f"Set {about} to {state.upper()}",
        reason_label="Why?",
        back=reverse("ops:switch_list"),
        back_title="Switches",
    )


def _raising(target: Target, state: str) -> Question:
    about = target_words(target)
    allowed = "entries are allowed again" if state == ACTIVE else "entries stay stopped"
    return Question(
        title=f"Ask to set {about} to {state.upper()}?",
        place="switches",
        facts=[("What", about), ("Now", switch_state(target).upper())],
        warnings=[f"Once a second person confirms, {allowed}.", "It lapses after a day."],
        button=f"Ask for {state.upper()}",
        reason_label="Why?",
        is_bad=False,
        back=reverse("ops:switch_list"),
        back_title="Switches",
    )


def _flatten_question(account_id: int | None) -> Question:
    outlook = close_outlook(account_id)
    account = BrokerAccount.objects.filter(id=account_id or 0).first()
    about = f"{account.name}, {account.book.upper()}" if account else "every account"
    return Question(
        title=f"Flatten {about}?",
        place="switches",
        facts=[
            ("Account", about),
            ("Open positions of ours", str(outlook.ours)),
            ("Open positions of others", str(outlook.foreign)),
            ("Entries under way", str(outlook.entries)),
        ],
        warnings=[
            f"{counted(outlook.ours, 'position')} of ours will be closed at the market.",
            _entries_after(account_id),
        ],
        button=f"Flatten {about}",
        reason_label="Why?",
        choices=[_FOREIGN],
        back=reverse("ops:switch_list"),
        back_title="Switches",
    )


def _entries_after(account_id: int | None) -> str:
    state = switch_state(EVERYTHING) if account_id is None else account_state(account_id)
    if state == ACTIVE:
        return "New entries stay allowed. Halt first where nothing shall follow."
    return f"New entries are stopped: it is {state.upper()}."


def _close_question(account: BrokerAccount, position: Position) -> Question:
    is_ours = not position.is_foreign
    stays = f"{plain_number(position.volume_foreign_lots)} lots that are not ours stay open."
    return Question(
        title=f"Close position {position.position_ticket}?",
        place="switches",
        facts=[
            ("Account", f"{account.name}, {account.book.upper()}"),
            ("Position", f"{position.side} {position.instrument}"),
            ("Open lots", plain_number(position.volume_open_lots)),
            ("Opened by", "one of our orders" if is_ours else "somebody else"),
        ],
        warnings=[
            "What is ours of it is closed at the market.",
            stays,
        ]
        if position.is_shared
        else ["All of it is closed at the market."],
        button=f"Close position {position.position_ticket}",
        reason_label="Why?",
        choices=[_SHARED] if position.is_shared else [] if is_ours else [_NOT_OURS],
        back=reverse("ops:switch_list"),
        back_title="Switches",
    )


def _done(request: HttpRequest, act: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, act())
    except DomainError as refused:
        messages.error(request, f"Nothing done: {refused}")
    return redirect("ops:switch_list")


def _target(request: HttpRequest) -> Target:
    scope, _, key = request.GET.get("target", "").partition(":")
    target = Target(scope, key)
    rows: dict[str, Any] = {ACCOUNT: BrokerAccount, "strategy": Strategy}
    if scope not in SCOPES or (scope == ALL) != (key == ""):
        raise Http404("no such switch")
    model = rows.get(scope)
    if model is not None and not model.objects.filter(id=_digits(key)).exists():
        raise Http404("no such row")
    return target


def _account(request: HttpRequest) -> BrokerAccount:
    account = BrokerAccount.objects.filter(id=_number(request, "account")).first()
    if account is None:
        raise Http404("no such account")
    return account


def _number(request: HttpRequest, name: str) -> int:
    return _digits(request.GET.get(name, ""))


def _digits(text: str) -> int:
    """0, which no row has, where it is no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _ID_LENGTH_MAX else 0


def _actor(request: HttpRequest) -> str:
    return actor_of_user(request.user.pk)
