"""Decisions, their reviews and what lobes and features said, for reading.

A decision is approved or rejected on its review page, which calls the service.
"""

from typing import ClassVar

from django.contrib import admin
from django.utils.safestring import SafeString

from fusion_project.admin.links import DECISION, page_link
from fusion_project.admin.read_only import ReadOnlyAdmin
from signals.models import Decision, Feature, LobeWeight, Opinion, Review


@admin.register(Opinion)
class OpinionAdmin(ReadOnlyAdmin):
    list_display = ("id", "created_at", "alert", "leg_no", "lobe", "status", "p", "reason")
    list_filter = ("lobe", "status")
    list_select_related = ("alert",)


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display: tuple[str, ...] = (
        "id",
        "created_at",
        "strategy",
        "verb",
        "side",
        "instrument",
        "state",
        "reason",
        "p_final",
        "review_page",
        "life_line",
    )
    list_filter = ("state", "verb", "strategy")
    search_fields = ("=trace_id", "=trade_ref", "=instrument")
    search_help_text = "A whole trace id, trade reference or instrument."
    list_select_related = ("strategy",)
    readonly_fields: ClassVar[tuple[str, ...]] = ("review_page", "life_line")

    @admin.display(description="review page")
    def review_page(self, row: Decision) -> SafeString:
        return page_link(DECISION, row.pk, "Open")


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
    list_display = ("lobe", "lobe_version", "version", "weight", "valid_from", "actor")
