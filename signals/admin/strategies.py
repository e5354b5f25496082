"""Strategies: each version of their policy, secrets, what is expected of alerts; for reading."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from fusion_project.admin.links import STRATEGY_SECRETS, page_link, page_opens_for
from fusion_project.admin.read_only import ReadOnlyAdmin
from signals.models import Alert, Decision, Delivery, Expectation, Strategy, StrategyPolicy


@admin.register(Strategy)
class StrategyAdmin(ReadOnlyAdmin):
    list_display = (
        "slug",
        "name",
        "policy_version",
        "is_active",
        "approval",
        "risk_bps",
        "stop",
        "review_seconds",
        "changed_at",
        "secrets_page",
    )
    list_filter = ("is_active", "policy__approval")
    list_select_related = ("policy",)
    search_fields = ("slug", "name")
    readonly_fields = ("records", "changing", "secrets_page")
    empty_words = "No strategy yet. manage.py strategy_create makes the first one."

    @admin.display(description="policy version", ordering="policy__version")
    def policy_version(self, row: Strategy) -> int:
        return row.policy.version

    @admin.display(description="approval", ordering="policy__approval")
    def approval(self, row: Strategy) -> str:
        return row.policy.get_approval_display()

    @admin.display(description="risk, bps", ordering="policy__risk_bps")
    def risk_bps(self, row: Strategy) -> int:
        return row.policy.risk_bps

    @admin.display(description="stop", ordering="policy__stop")
    def stop(self, row: Strategy) -> str:
        return row.policy.stop

    @admin.display(description="review, seconds", ordering="policy__review_seconds")
    def review_seconds(self, row: Strategy) -> int:
        return row.policy.review_seconds

    @admin.display(description="to change it")
    def changing(self, row: Strategy) -> SafeString:
        return format_html("<code>manage.py strategy_policy {} --help</code>", row.slug)

    @admin.display(description="records")
    def records(self, row: Strategy) -> SafeString:
        models = (StrategyPolicy, Delivery, Alert, Decision, Expectation)
        lists = (
            (reverse(f"admin:{one._meta.label_lower.replace('.', '_')}_changelist"), row.pk, word)
            for one, word in ((one, one._meta.verbose_name) for one in models)
        )
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


@admin.register(StrategyPolicy)
class StrategyPolicyAdmin(ReadOnlyAdmin):
    """Every version of every policy; the newest of a strategy is in force."""

    list_display = ("strategy", "version", "valid_from", "actor", "approval", "risk_bps", "stop")
    list_filter = ("strategy",)
    list_select_related = ("strategy",)


@admin.register(Expectation)
class ExpectationAdmin(ReadOnlyAdmin):
    list_display = ("strategy", "kind", "instrument", "declared_seconds", "last_at", "due_by")
    list_filter = ("kind", "strategy")
    list_select_related = ("strategy",)
