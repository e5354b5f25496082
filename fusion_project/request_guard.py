"""Outermost middleware: a deadline for Postgres, one log line a request, 503 where it is away.

Requests are logged by route, never by path: webhook paths hold secrets.
"""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from fusion_project.front.calls import WAITED_MARK
from fusion_project.front.kinds import MACHINE_PREFIXES
from fusion_project.logs import trace_context
from fusion_project.postgres.deadline import database_deadline

logger = logging.getLogger("fusion.request")

UNAVAILABLE = {
    "code": "database_unavailable",
    "message": "The request could not be stored or read just now. Send it again.",
    "detail": {},
}


class RequestGuardMiddleware:
    """Wraps every request, static files included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.monotonic()
        with trace_context(""), database_deadline(_seconds_for_database(request)):
            response = self._get_response(request)
            self._log(request, response, time.monotonic() - started)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A database that is away is no fault of the request: 503, and the sender may repeat."""
        if isinstance(error, OperationalError | InterfaceError):
            logger.error("database unavailable", extra={"error": type(error).__name__})
            return unavailable(request)
        if not isinstance(error, Http404 | PermissionDenied | SuspiciousOperation):
            logger.exception("unhandled error", extra={"route": _route(request)})
        return None

    def _log(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        logger.info(
            "request",
            extra={
                "method": request.method if request.method in _METHODS else "other",
                "route": _route(request),
                "status": response.status_code,
                "duration_ms": round(seconds * 1000, 1),
            },
        )


_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def _seconds_for_database(request: HttpRequest) -> float:
    """What waiting for a thread took is gone, but half of the deadline is always left."""
    limit: float = settings.REQUEST_DATABASE_DEADLINE_SECONDS
    return max(limit - float(request.META.get(WAITED_MARK, 0)), limit / 2)


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return f"/{match.route}" if match else "unmatched"


def unavailable(request: HttpRequest) -> HttpResponse:
    """503 as JSON for machines and as a page for people."""
    if request.path.startswith(MACHINE_PREFIXES):
        response: HttpResponse = JsonResponse(UNAVAILABLE, status=503)
    else:
        response = render(None, "503.html", status=503)
    response["Retry-After"] = "5"
    return response
