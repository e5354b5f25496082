"""The admin site of the staff: Django's own, with the home page that says fine or not."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse

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
