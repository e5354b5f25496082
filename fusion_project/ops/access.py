"""The door of every staff page: login, then permission; marks of answers, and the way back."""

import functools
from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fusion_project.ops.roles import roles_with

View = Callable[..., HttpResponseBase]


def staff_page(*permissions: str) -> Callable[[View], View]:
    """Let in active staff who hold every permission: anonymous people log in, others get a 403."""

    def wrap(view: View) -> View:
        @never_cache
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), reverse("admin:login"))
            if not request.user.is_staff or not request.user.has_perms(permissions):
                raise PermissionDenied(_who_may(permissions))
            return view(request, *args, **kwargs)

        return guarded

    return wrap


def shown_once(response: HttpResponse) -> HttpResponse:
    """Mark an answer that tells a secret: neither we nor a proxy compress it (ADR 0010)."""
    patch_cache_control(response, no_transform=True)
    return response


def _who_may(permissions: tuple[str, ...]) -> str:
    """In words, for the answer to somebody who may not."""
    roles = roles_with(permissions)
    return f"This page needs the role {' or '.join(roles)}." if roles else ""


def form_of(page: str, *arguments: str) -> Callable[[View], View]:
    """Take a form by POST; whoever opens its address as a link is led to the page that shows it.

    A browser does so after a login that had run out, from its history, or when a person asks for
    the answer's address again. `arguments` are those of the view that `page` takes as well.
    """

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def sorted_out(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if request.method in ("GET", "HEAD"):
                return redirect(reverse(page, kwargs={name: kwargs[name] for name in arguments}))
            return require_POST(view)(request, *args, **kwargs)

        return sorted_out

    return wrap
