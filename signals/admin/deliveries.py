"""The delivery log: every authenticated HTTP try, and what became of it."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.filters import DateFieldListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from fusion_project.admin.filters import SelectFilter, one_of
from fusion_project.admin.links import (
    DELIVERY_REPLAY,
    LIFE_LINE,
    life_line_link,
    page_address,
    page_link,
)
from fusion_project.admin.read_only import ReadOnlyAdmin, headline
from fusion_project.events.models import Event
from fusion_project.events.subjects import subject_of
from fusion_project.text.formats import UNDEFINED, seconds_between, span
from fusion_project.text.raw_bytes import hex_dump, visible_runs
from signals.admin.showing import decision_links, run_shown
from signals.dialects.closed_world import RULE as UNKNOWN_MEMBER
from signals.intake.reasons import DUPLICATE_RULES, REFUSAL_RULES, UNREADABLE, message_of
from signals.models import Alert, Delivery, StrategyPolicy, UnknownCallerMinute
from signals.selectors.deliveries import delivery_search, not_acted_on


class RuleFilter(SelectFilter):
    """The reason of a delivery, by its whole code."""

    title = "reason"
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        codes = [*REFUSAL_RULES, *DUPLICATE_RULES, *sorted(UNREADABLE)]
        return [(code, code) for code in codes]


class VerdictFilter(admin.SimpleListFilter):
    """What became of a delivery; those that were not acted on also together."""

    title = "verdict"
    parameter_name = "verdict"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        each = ("accepted", "duplicate", "refused", "unreadable")
        return [*((one, one) for one in each), ("not_acted_on", "refused or unreadable, no drill")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "not_acted_on":
            return not_acted_on(queryset)
        return queryset.filter(verdict=self.value()) if self.value() else queryset


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """The delivery log: every authenticated HTTP try, what became of it and why."""

    list_display = (
        "delivery",
        "received_at",
        "reason",
        "strategy",
        "life_line",
        "alert_page",
        "grade",
        "delay",
        "peer",
    )
    list_filter = (
        VerdictFilter,
        RuleFilter,
        one_of("grade", StrategyPolicy.Grade.values),
        "strategy",
        ("received_at", DateFieldListFilter),
    )
    search_fields = ("id",)  # shows the field; `delivery_search` does the work
    search_help_text = (
        "A receipt number or trace id as the webhook answered it,"
        " or a whole reason code, SHA-256 of a body, or address."
    )
    list_select_related = ("strategy",)
    empty_words = "No delivery yet. The first appears when an alert comes with a valid secret."
    fields = (
        "id",
        "received_at",
        "strategy",
        "verdict",
        "reason",
        "what_to_change",
        "detail",
        "alert_page",
        "decisions",
        "life_line",
        "dry_run",
        "sent_at",
        "delay",
        "grade",
        "provenance",
        "peer",
        "content_type",
        "body_sha256",
        "body_text",
        "body_hex",
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Delivery], search_term: str
    ) -> tuple[QuerySet[Delivery], bool]:
        if not search_term.strip():
            return queryset, False
        return delivery_search(rows=queryset, words=search_term), False

    @admin.display(description="delivery", ordering="id")
    def delivery(self, row: Delivery) -> SafeString:
        return headline(row.verdict, row.pk)

    @admin.display(description="reason", ordering="rule")
    def reason(self, row: Delivery) -> str:
        return row.rule or UNDEFINED

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """With the trace of the alert, so that a list needs no query for each row."""
        alerts = Alert.objects.filter(id=OuterRef("alert_id")).values("trace_id")[:1]
        found = super().get_queryset(request).annotate(alert_trace_id=Subquery(alerts))
        return cast("QuerySet[Delivery]", found)

    @admin.display(description="life line")
    def life_line(self, row: Any) -> SafeString | str:
        if row.alert_trace_id:
            return life_line_link(row.alert_trace_id)
        # What has no alert is refused, and its refusal is an event of its own.
        address = reverse("admin:signals_delivery_trace", args=[row.pk])
        return format_html('<a href="{}">refusal</a>', address)

    @admin.display(description="alert")
    def alert_page(self, row: Delivery) -> SafeString | str:
        if row.alert_id is None:
            return UNDEFINED
        address = reverse("admin:signals_alert_change", args=[row.alert_id])
        return format_html('<a href="{}">{}</a>', address, row.alert_id)

    @admin.display(description="decisions")
    def decisions(self, row: Delivery) -> SafeString | str:
        return decision_links(row.alert_id)

    @admin.display(description="delay")
    def delay(self, row: Delivery) -> str:
        """From the sender's own clock to ours, which may be behind."""
        if row.sent_at is None:
            return UNDEFINED
        delay = seconds_between(row.sent_at, row.received_at)
        return span(delay) if delay >= 0 else f"none; the sender's clock is {span(-delay)} ahead"

    @admin.display(description="what to change")
    def what_to_change(self, row: Delivery) -> str:
        return message_of(row.rule) if row.rule else UNDEFINED

    @admin.display(description="dry run")
    def dry_run(self, row: Delivery) -> SafeString:
        words = "Replay in the linter"
        if row.rule == UNKNOWN_MEMBER:
            words = "Replay in the linter, and settle its members there"
        return format_html("{} (nothing is stored)", page_link(DELIVERY_REPLAY, row.pk, words))

    @admin.display(description="body, credentials blanked")
    def body_text(self, row: Delivery) -> SafeString:
        runs = visible_runs(bytes(row.body))
        shown = format_html_join("", "{}", ((run_shown(text, hidden),) for text, hidden in runs))
        return format_html('<pre class="f-raw" tabindex="0">{}</pre>', shown)

    @admin.display(description="body as bytes")
    def body_hex(self, row: Delivery) -> SafeString:
        return format_html(
            "<details><summary>{} bytes in hex</summary>"
            '<pre class="f-raw" tabindex="0">{}</pre></details>',
            len(row.body),
            hex_dump(bytes(row.body)),
        )

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.trace_page)
        trace = path("<int:delivery_id>/trace/", page, name="signals_delivery_trace")
        return [trace, *super().get_urls()]

    def trace_page(self, request: HttpRequest, delivery_id: int) -> HttpResponse:
        """Redirect to the life line of a delivery's refusal."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        subject = subject_of(Delivery, delivery_id)
        event = Event.objects.filter(subject=subject).order_by("id").first()
        if event is None:
            raise Http404("no event is about this delivery")
        return redirect(page_address(LIFE_LINE, event.trace_id))


@admin.register(UnknownCallerMinute)
class UnknownCallerMinuteAdmin(ReadOnlyAdmin):
    list_display = ("minute", "seen")
