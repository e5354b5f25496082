"""Middleware that only people's pages need; a machine's webhook call goes past it.

What stays for everyone: the request guard, HTTPS and its headers, hosts, CSRF, framing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.contrib import messages
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from fusion_project.ops.sign_in.acting import acting_for
from fusion_project.ops.sign_in.passwords import password_change_is_due

MACHINE_PREFIX: Final = "/hooks/"
STAFF_PREFIXES: Final = ("/admin/", "/ops/")
CHANGE_DUE: Final = (
    "Another person set your password. Choose one of your own; the other pages open after that."
)
# Its answers are JSON, or a plain 404: a browser that is shown one may load and run nothing.
MACHINE_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"


class _ForPeople:
    """Mixed in before a middleware: calls from machines pass it by."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        if request.path_info.startswith(MACHINE_PREFIX):
            return self.machine_answer(request)
        return super().__call__(request)  # type: ignore[misc]

    def machine_answer(self, request: HttpRequest) -> Any:
        return self.get_response(request)


class ContentPolicyMiddleware(_ForPeople, CSPMiddleware):
    """Which sources a page may use; composed anew for each page, fixed for machines."""

    def machine_answer(self, request: HttpRequest) -> Any:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, MACHINE_POLICY)
        return response


class PeopleSessionMiddleware(_ForPeople, SessionMiddleware):
    """A machine has no session."""


class PeopleAuthenticationMiddleware(_ForPeople, AuthenticationMiddleware):
    """A machine is no user: the view itself compares its secret."""


class PeopleMessageMiddleware(_ForPeople, MessageMiddleware):
    """Nobody reads messages to a machine."""


class _AfterSignIn:
    """For what is done around a person's request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


class _Acting(_AfterSignIn):
    def __call__(self, request: HttpRequest) -> HttpResponse:
        with acting_for(request):
            return self.get_response(request)


class ActingMiddleware(_ForPeople, _Acting):
    """What a person changes is recorded in the name of that person."""


class _PasswordDue(_AfterSignIn):
    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if not path.startswith(STAFF_PREFIXES) or path in _open_while_due():
            return self.get_response(request)
        if request.user.is_authenticated and password_change_is_due(request.user):
            messages.warning(request, CHANGE_DUE)
            return redirect("admin:password_change")
        return self.get_response(request)


class PasswordDueMiddleware(_ForPeople, _PasswordDue):
    """Whose password another person set sees no staff page before choosing one."""


def _open_while_due() -> set[str]:
    return {reverse(f"admin:{name}") for name in ("password_change", "login", "logout", "jsi18n")}
