"""Bars and their feeds, news, what became of entries, and what was learned: for reading."""

from django.contrib import admin
from django.utils.safestring import SafeString

from fusion_project.admin.read_only import ReadOnlyAdmin, headline
from signals.models import (
    Bar,
    BarSeries,
    FusionScore,
    FusionState,
    Label,
    NewsEvent,
    NewsImport,
)


@admin.register(BarSeries)
class BarSeriesAdmin(ReadOnlyAdmin):
    list_display = ("series", "timeframe_seconds", "first_open_at", "newest_open_at", "recorded_at")
    search_fields = ("=feed", "=symbol")
    search_help_text = "A whole feed or symbol."

    @admin.display(description="series", ordering="feed")
    def series(self, row: BarSeries) -> SafeString:
        return headline(f"{row.feed} {row.symbol}", row.pk)


@admin.register(Bar)
class BarAdmin(ReadOnlyAdmin):
    list_display = ("bar", "feed", "revision", "open", "high", "low", "close", "recorded_at")
    search_fields = ("=feed", "=symbol")
    search_help_text = "A whole feed or symbol."
    show_full_result_count = False

    @admin.display(description="bar", ordering="open_at")
    def bar(self, row: Bar) -> SafeString:
        return headline(f"{row.symbol} {row.open_at:%Y-%m-%d %H:%M:%S}", row.pk)


@admin.register(Label)
class LabelAdmin(ReadOnlyAdmin):
    list_display = ("label", "created_at", "decision", "reason", "result_r", "known_at")
    list_filter = ("outcome",)
    list_select_related = ("decision",)

    @admin.display(description="label", ordering="id")
    def label(self, row: Label) -> SafeString:
        return headline(row.outcome, row.pk)


@admin.register(FusionState)
class FusionStateAdmin(ReadOnlyAdmin):
    list_display = ("state", "created_at", "horizon_seconds", "version", "label")
    list_filter = ("family",)
    list_select_related = ("label",)

    @admin.display(description="state", ordering="id")
    def state(self, row: FusionState) -> SafeString:
        return headline(row.family, row.pk)


@admin.register(NewsEvent)
class NewsEventAdmin(ReadOnlyAdmin):
    list_display = ("event", "at", "calendar", "impact", "revision", "is_cancelled", "recorded_at")
    list_filter = ("impact", "calendar")
    search_fields = ("=currency", "=calendar")
    search_help_text = "A whole currency or calendar."
    empty_words = "No event yet. ./manage.py news_import brings a calendar."

    @admin.display(description="event", ordering="at")
    def event(self, row: NewsEvent) -> SafeString:
        return headline(f"{row.currency} {row.title}", row.pk)


@admin.register(NewsImport)
class NewsImportAdmin(ReadOnlyAdmin):
    list_display = ("file", "covers_from", "covers_until", "events", "recorded_at")
    list_filter = ("calendar",)
    empty_words = "No import yet. ./manage.py news_import brings a calendar."

    @admin.display(description="import", ordering="id")
    def file(self, row: NewsImport) -> SafeString:
        return headline(row.calendar, row.pk)


@admin.register(FusionScore)
class FusionScoreAdmin(ReadOnlyAdmin):
    list_display = ("score", "created_at")
    list_select_related = ("state",)

    @admin.display(description="scores", ordering="state")
    def score(self, row: FusionScore) -> SafeString:
        return headline(str(row.state), row.pk)
