"""The admin site of the staff: Django's own, with the home page that says fine or not."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from fusion_project.events.clock import now
from fusion_project.text.formats import clock_text


class OpsAdminSite(admin.AdminSite):
    """Registered models come from the apps' own admin modules."""

    site_header = "Dynamic Fusion · staff"
    site_title = "Dynamic Fusion"
    index_title = "Home"
    index_template = "ops/home.html"
    enable_nav_sidebar = False

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """With the staff's navigation, and the time for pages that print it."""
        own = {"site_nav_template": "ops/_nav.html", "as_of_text": _as_of_text}
        return {**super().each_context(request), **own}

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With our form, which is imported here, as below: it reaches the model of users."""
        from fusion_project.ops.sign_in.form import SignInForm

        self.login_form = SignInForm
        return super().login(request, extra_context)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """With our form; the password and its event commit together."""
        from fusion_project.ops.sign_in.form import OwnPasswordView

        request.current_app = self.name
        view = OwnPasswordView.as_view(
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        with transaction.atomic():
            return view(request)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        # Imported here: the figures read models, and the site is made before the apps are loaded.
        from fusion_project.ops.selectors.home import home_figures

        figures = home_figures(at=now(), allowed=request.user.has_perm)
        own = {"figures": figures, "place": "home"}
        return super().index(request, {**own, **(extra_context or {})})


def _as_of_text() -> str:
    return clock_text(now())
