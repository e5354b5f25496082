"""Alerts, conflicts of their ids, and the positions they told of, for reading."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from fusion_project.admin.filters import one_of
from fusion_project.admin.links import life_line_link
from fusion_project.admin.read_only import ReadOnlyAdmin, headline
from fusion_project.text.formats import UNDEFINED
from signals.admin.showing import decision_links, delivery_link, intent_shown
from signals.models import Alert, AlertConflict, StrategyPolicy, ToldPosition


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = (
        "alert",
        "received_at",
        "strategy",
        "dialect",
        "grade",
        "trade_ref",
        "bar_time",
        "delivery_page",
        "life_line",
    )
    list_filter = (
        one_of("kind", ("trade", "test", "bar")),
        one_of("grade", StrategyPolicy.Grade.values),
        "strategy",
    )
    search_fields = ("=trace_id", "=sender_id", "=trade_ref")
    search_help_text = "A whole trace id, sender id or trade reference."
    list_select_related = ("strategy",)
    empty_words = "No alert yet. The first appears when the webhook accepts a message."
    fields = (
        "id",
        "received_at",
        "strategy",
        "kind",
        "dialect",
        "asks_for",
        "decisions",
        "delivery_page",
        "life_line",
        "trace_id",
        "trade_ref",
        "ref_id",
        "sender_id",
        "bar_time",
        "grade",
        "provenance",
        "intent_key",
        "body_sha256",
    )

    @admin.display(description="alert", ordering="id")
    def alert(self, row: Alert) -> SafeString:
        return headline(row.kind, row.pk)

    @admin.display(description="delivery")
    def delivery_page(self, row: Alert) -> SafeString:
        return delivery_link(row.delivery_id)

    @admin.display(description="asks for")
    def asks_for(self, row: Alert) -> SafeString | str:
        return intent_shown(row.intent)

    @admin.display(description="decisions")
    def decisions(self, row: Alert) -> SafeString | str:
        return decision_links(row.pk)


@admin.register(AlertConflict)
class AlertConflictAdmin(ReadOnlyAdmin):
    """An id that came again with another meaning: the first meaning beside the second."""

    list_display = ("id", "received_at", "strategy", "alert_page", "delivery_page", "life_line")
    list_select_related = ("alert__strategy",)
    empty_words = "No conflict. One appears when an id comes again with another meaning."
    fields = (
        "id",
        "received_at",
        "strategy",
        "sender_id",
        "alert_page",
        "first",
        "delivery_page",
        "second",
        "life_line",
    )

    @admin.display(description="strategy")
    def strategy(self, row: AlertConflict) -> str:
        return row.alert.strategy.slug

    @admin.display(description="id sent twice")
    def sender_id(self, row: AlertConflict) -> str:
        return row.alert.sender_id or UNDEFINED

    @admin.display(description="first alert, which counts")
    def alert_page(self, row: AlertConflict) -> SafeString:
        address = reverse("admin:signals_alert_change", args=[row.alert_id])
        return format_html('<a href="{}">{}</a>', address, row.alert_id)

    @admin.display(description="asked first")
    def first(self, row: AlertConflict) -> SafeString | str:
        return intent_shown(row.alert.intent)

    @admin.display(description="later delivery, refused")
    def delivery_page(self, row: AlertConflict) -> SafeString:
        return delivery_link(row.delivery_id)

    @admin.display(description="asked later")
    def second(self, row: AlertConflict) -> SafeString | str:
        return intent_shown(row.intent)

    @admin.display(description="life line of the first")
    def life_line(self, row: Any) -> SafeString | str:
        return life_line_link(row.alert.trace_id)


@admin.register(ToldPosition)
class ToldPositionAdmin(ReadOnlyAdmin):
    list_display = (
        "alert_id",
        "received_at",
        "strategy",
        "instrument",
        "before",
        "after",
        "after_size",
        "gap_after",
    )
    list_filter = ("strategy", ("gap_after", admin.EmptyFieldListFilter))
    search_fields = ("=instrument",)
    list_select_related = ("strategy",)
