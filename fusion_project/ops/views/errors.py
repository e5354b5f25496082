"""What a person is told who finds no page, may not see it or sent an old form: on both sites.

Staff addresses answer inside the staff site, with its navigation; people who are not signed in are
led to the login and back.
"""

from typing import Any, Final

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views import csrf, defaults
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import requires_csrf_token

STAFF_PREFIXES: Final = ("/ops/", "/admin/")


@never_cache
def page_missing(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """404, as Django's `handler404` is asked."""
    if not _is_staff_address(request):
        return defaults.page_not_found(request, exception)
    if not _is_signed_in(request):
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    return _staff_answer(request, "ops/404.html", 404, title="Nothing here")


@never_cache
def page_forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """403, as Django's `handler403` is asked; the exception's words say who may."""
    if not _is_staff_address(request) or not _is_signed_in(request):
        return defaults.permission_denied(request, exception)
    who = str(exception)
    return _staff_answer(request, "ops/403.html", 403, title="Not allowed", who_may=who)


@requires_csrf_token
@never_cache
def form_refused(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """403 for a form without a valid token, as `CSRF_FAILURE_VIEW` is asked."""
    if not _is_staff_address(request):
        return csrf.csrf_failure(request, reason)
    title = "The form is no longer valid"
    return _staff_answer(request, "ops/403_csrf.html", 403, title=title)


def _is_staff_address(request: HttpRequest) -> bool:
    return request.path_info.startswith(STAFF_PREFIXES)


def _is_signed_in(request: HttpRequest) -> bool:
    """Whether somebody is; a request that was refused early has nobody yet."""
    return bool(getattr(request, "user", None) and request.user.is_authenticated)


def _staff_answer(request: HttpRequest, template: str, status: int, **own: Any) -> HttpResponseBase:
    context = {**admin.site.each_context(request), **own}
    return render(request, template, context, status=status)
