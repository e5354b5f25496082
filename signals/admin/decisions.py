"""Decisions, their reviews and what lobes and features said, for reading.

A decision is approved or rejected on its review page, which calls the service.
"""

from django.contrib import admin
from django.utils.safestring import SafeString

from fusion_project.admin.links import DECISION, page_link
from fusion_project.admin.read_only import ReadOnlyAdmin, headline
from fusion_project.text.formats import chance, state_word
from signals.models import Decision, Feature, LobeWeight, Opinion, Review


@admin.register(Opinion)
class OpinionAdmin(ReadOnlyAdmin):
    list_display = ("opinion", "created_at", "alert", "leg_no", "status", "p", "reason")
    number_formats = {"p": chance}
    list_filter = ("lobe", "status")
    list_select_related = ("alert",)

    @admin.display(description="opinion", ordering="id")
    def opinion(self, row: Opinion) -> SafeString:
        return headline(row.lobe, row.pk)


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = (
        "decision",
        "created_at",
        "state",
        "review_page",
        "life_line",
        "strategy",
        "reason",
        "p_final",
    )
    number_formats = {"p_final": chance}
    list_filter = ("state", "verb", "strategy")
    search_fields = ("=trace_id", "=trade_ref", "=instrument")
    search_help_text = "A whole trace id, trade reference or instrument."
    list_select_related = ("strategy",)
    readonly_fields = ("review_page", "life_line")

    @admin.display(description="decision", ordering="id")
    def decision(self, row: Decision) -> SafeString:
        side = "" if row.side == "any" else f" {row.side}"
        return headline(f"{state_word(row.verb)}{side} {row.instrument}", row.pk)

    @admin.display(description="review page")
    def review_page(self, row: Decision) -> SafeString:
        return page_link(DECISION, row.pk, "Open")


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = ("review", "created_at", "decision", "reviewer", "reason")
    list_filter = ("verdict", "reason")
    list_select_related = ("decision", "reviewer")

    @admin.display(description="review", ordering="id")
    def review(self, row: Review) -> SafeString:
        return headline(row.verdict, row.pk)


@admin.register(Feature)
class FeatureAdmin(ReadOnlyAdmin):
    list_display = ("feature", "at", "strategy", "instrument", "value", "life_line")
    list_filter = ("name",)
    search_fields = ("=key", "=trace_id")
    list_select_related = ("strategy",)
    readonly_fields = ("life_line",)

    @admin.display(description="feature", ordering="id")
    def feature(self, row: Feature) -> SafeString:
        return headline(row.name, row.pk)


@admin.register(LobeWeight)
class LobeWeightAdmin(ReadOnlyAdmin):
    list_display = ("lobe", "lobe_version", "version", "weight", "valid_from", "actor")
    ordering = ("-valid_from", "-pk")
