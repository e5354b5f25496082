"""One shape for every API error: `{"code", "message", "detail"}`; a domain error names its status.

Every DRF view uses it, by settings.
"""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from fusion_project.errors import DomainError
from fusion_project.request_guard import UNAVAILABLE

logger = logging.getLogger("fusion.api")


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer for an error raised in a view; None lets Django make a 500 of what is unforeseen."""
    if isinstance(error, DomainError):
        return _answer(error.code, str(error), error.detail, error.status)
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("database unavailable", extra={"error": type(error).__name__})
        return Response(UNAVAILABLE, status=503, headers={"Retry-After": "5"})
    if isinstance(error, Http404):
        return _answer("not_found", "There is nothing here.", {}, 404)
    if isinstance(error, PermissionDenied):
        return _answer("permission_denied", "This is not allowed.", {}, 403)
    if isinstance(error, exceptions.APIException):
        return _from_drf(error)
    return None


def _from_drf(error: exceptions.APIException) -> Response:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    code = error.get_codes()
    name = code if isinstance(code, str) else "invalid"
    return _answer(name, str(error.detail), {}, error.status_code, headers)


def _answer(
    code: str, message: str, detail: object, status: int, headers: dict[str, str] | None = None
) -> Response:
    return Response(
        {"code": code, "message": message, "detail": detail}, status=status, headers=headers
    )
