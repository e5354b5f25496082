"""Admin of signals, for reading: alerts, decisions and their opinions, reviews and policies.

A decision is approved or rejected on its review page, which calls the service.
"""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from fusion_project.read_only_admin import ReadOnlyAdmin
from signals.models import (
    Alert,
    AlertConflict,
    Decision,
    Delivery,
    Feature,
    LobeWeight,
    Opinion,
    Review,
    Strategy,
    UnknownCallerMinute,
)


@admin.register(Strategy)
class StrategyAdmin(ReadOnlyAdmin):
    list_display = (
        "slug", "name", "version", "is_active", "approval", "risk_bps", "review_seconds",
        "changed_at",
    )  # fmt: skip
    list_filter = ("is_active", "approval")
    search_fields = ("slug", "name")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("id", "received_at", "strategy", "verdict", "rule", "peer", "alert_id")
    list_filter = ("verdict", "strategy")
    search_fields = ("=rule", "=body_sha256", "=peer")
    list_select_related = ("strategy",)
    fields = (
        "id", "received_at", "strategy", "peer", "content_type", "verdict", "rule", "detail",
        "alert_id", "body_sha256", "body_text",
    )  # fmt: skip
    readonly_fields = ("body_text",)

    @admin.display(description="body, credentials blanked")
    def body_text(self, row: Delivery) -> SafeString:
        text = bytes(row.body).decode("utf-8", errors="backslashreplace")
        return format_html('<pre class="f-raw">{}</pre>', text)


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = ("id", "received_at", "strategy", "kind", "trade_ref", "bar_time", "life_line")
    list_filter = ("kind", "strategy")
    search_fields = ("=trace_id", "=sender_id", "=trade_ref")
    search_help_text = "A whole trace id, sender id or trade reference."
    list_select_related = ("strategy",)
    readonly_fields = ("life_line",)


@admin.register(AlertConflict)
class AlertConflictAdmin(ReadOnlyAdmin):
    list_display = ("id", "received_at", "alert", "delivery_id")
    list_select_related = ("alert",)


@admin.register(Opinion)
class OpinionAdmin(ReadOnlyAdmin):
    list_display = ("id", "created_at", "alert", "leg_no", "lobe", "status", "p", "reason")
    list_filter = ("lobe", "status")
    list_select_related = ("alert",)


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "created_at", "strategy", "event", "side", "instrument", "state", "reason",
        "p_final", "review_page", "life_line",
    )  # fmt: skip
    list_filter = ("state", "event", "strategy")
    search_fields = ("=trace_id", "=trade_ref", "=instrument")
    search_help_text = "A whole trace id, trade reference or instrument."
    list_select_related = ("strategy",)
    readonly_fields = ("review_page", "life_line")

    @admin.display(description="review page")
    def review_page(self, row: Decision) -> SafeString:
        return format_html('<a href="{}">Open</a>', reverse("ops:decision", args=[row.pk]))


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = ("id", "created_at", "decision", "reviewer", "verdict", "reason")
    list_filter = ("verdict", "reason")
    list_select_related = ("decision", "reviewer")


@admin.register(Feature)
class FeatureAdmin(ReadOnlyAdmin):
    list_display = ("id", "at", "name", "strategy", "instrument", "value", "life_line")
    list_filter = ("name",)
    search_fields = ("=key", "=trace_id")
    list_select_related = ("strategy",)
    readonly_fields = ("life_line",)


@admin.register(LobeWeight)
class LobeWeightAdmin(ReadOnlyAdmin):
    list_display = ("lobe", "lobe_version", "weight", "changed_at")


@admin.register(UnknownCallerMinute)
class UnknownCallerMinuteAdmin(ReadOnlyAdmin):
    list_display = ("minute", "seen")
