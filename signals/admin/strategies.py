"""Strategies: policy, secrets and what is expected of their alerts, for reading."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from fusion_project.admin.links import STRATEGY_SECRETS, page_link, page_opens_for
from fusion_project.admin.read_only import ReadOnlyAdmin
from signals.models import Expectation, Strategy


@admin.register(Strategy)
class StrategyAdmin(ReadOnlyAdmin):
    list_display = (
        "slug",
        "name",
        "version",
        "is_active",
        "approval",
        "risk_bps",
        "review_seconds",
        "changed_at",
        "secrets_page",
    )
    list_filter = ("is_active", "approval")
    search_fields = ("slug", "name")
    readonly_fields = ("records", "changing", "secrets_page")
    empty_words = "No strategy yet. manage.py strategy_create makes the first one."

    @admin.display(description="to change it")
    def changing(self, row: Strategy) -> SafeString:
        return format_html("<code>manage.py strategy_policy {} --help</code>", row.slug)

    @admin.display(description="records")
    def records(self, row: Strategy) -> SafeString:
        names = ("delivery", "alert", "decision", "expectation")
        lists = ((reverse(f"admin:signals_{one}_changelist"), row.pk, one) for one in names)
        return format_html_join(" · ", '<a href="{}?strategy__id__exact={}">{} list</a>', lists)

    @admin.display(description="webhook secrets")
    def secrets_page(self, row: Strategy) -> SafeString:
        return page_link(STRATEGY_SECRETS, row.slug, "Secrets")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return _for_keepers(request, super().get_fields(request, obj))

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return _for_keepers(request, super().get_list_display(request))


def _for_keepers(request: HttpRequest, names: list[Any]) -> list[Any]:
    """Leave the link to the secrets out for those whom its page would refuse."""
    allowed = page_opens_for(STRATEGY_SECRETS, request.user)
    return [name for name in names if allowed or name != "secrets_page"]


@admin.register(Expectation)
class ExpectationAdmin(ReadOnlyAdmin):
    list_display = ("strategy", "kind", "instrument", "declared_seconds", "last_at", "due_by")
    list_filter = ("kind", "strategy")
    list_select_related = ("strategy",)
