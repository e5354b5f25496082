"""Middleware that only people's pages need; a machine's webhook call goes past it.

What stays for everyone: the request guard, HTTPS and its headers, hosts, CSRF, framing.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware, re_accepts_gzip
from django.utils.cache import patch_vary_headers

from fusion_project.front.kinds import HOOKS_PREFIX, MACHINE_PREFIXES

# Its answers are JSON, or a plain 404: a browser that is shown one may load and run nothing.
MACHINE_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"


class _ForPeople:
    """Mixed in before a middleware: calls from machines pass it by."""

    get_response: Any
    machine_paths: tuple[str, ...] = (HOOKS_PREFIX,)

    def __call__(self, request: HttpRequest) -> Any:
        if request.path_info.startswith(self.machine_paths):
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


class PeopleGZipMiddleware(_ForPeople, GZipMiddleware):
    """Compresses what people read, except what asks not to be transformed (ADR 0010).

    Every answer says that it depends on what the asker accepts, the short and the empty ones too,
    so that a cache never mixes two forms of one page.
    """

    machine_paths = MACHINE_PREFIXES

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        if "no-transform" in response.get("Cache-Control", ""):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if response.status_code != HTTPStatus.NOT_MODIFIED:
            return super().process_response(request, response)
        # It stands for a body that was compressed, whose tag is a weak one.
        tag = response.get("ETag", "")
        accepted = request.headers.get("Accept-Encoding", "")
        if tag.startswith('"') and re_accepts_gzip.search(accepted):
            response.headers["ETag"] = f"W/{tag}"
        return response


class PeopleSessionMiddleware(_ForPeople, SessionMiddleware):
    """A machine has no session."""


class PeopleAuthenticationMiddleware(_ForPeople, AuthenticationMiddleware):
    """A machine is no user: the view itself compares its secret."""


class PeopleMessageMiddleware(_ForPeople, MessageMiddleware):
    """Nobody reads messages to a machine."""
