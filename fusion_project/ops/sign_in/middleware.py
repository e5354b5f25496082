"""Around each staff page: in whose name it changes something, and whose password is due."""

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from fusion_project.ops.sign_in.acting import acting_for
from fusion_project.ops.sign_in.passwords import password_change_is_due

_OPEN_WHILE_DUE: Final = ("password_change", "login", "logout", "jsi18n")
_WHY: Final = (
    "Another person set your password. Choose one of your own; the other pages open after that."
)


class StaffPagesMiddleware:
    """Machines and visitors pass it by: nothing else is written in a person's name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(("/admin/", "/ops/")):
            return self._get_response(request)
        if not _is_open_while_due(request) and _is_due(request):
            messages.warning(request, _WHY)
            return redirect("admin:password_change")
        with acting_for(request):
            return self._get_response(request)


def _is_open_while_due(request: HttpRequest) -> bool:
    return request.path_info in {reverse(f"admin:{name}") for name in _OPEN_WHILE_DUE}


def _is_due(request: HttpRequest) -> bool:
    return request.user.is_authenticated and password_change_is_due(request.user)
