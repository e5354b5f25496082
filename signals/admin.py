"""Admin of signals, for reading: the delivery log, alerts, decisions, reviews and policies.

A decision is approved or rejected on its review page, which calls the service.
"""

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

from fusion_project.events.models import Event
from fusion_project.events.subjects import subject_of
from fusion_project.read_only_admin import ReadOnlyAdmin
from fusion_project.select_filter import SelectFilter, one_of
from fusion_project.text.formats import UNDEFINED, seconds_between, span
from fusion_project.text.raw_bytes import hex_dump, visible_runs
from signals.admin_links import (
    decision_links,
    delivery_link,
    intent_shown,
    life_line_link,
    run_shown,
)
from signals.intake.reasons import DUPLICATE_RULES, REFUSAL_RULES, UNREADABLE, message_of
from signals.models import (
    Alert,
    AlertConflict,
    Decision,
    Delivery,
    Expectation,
    Feature,
    LobeWeight,
    Opinion,
    Review,
    Strategy,
    ToldPosition,
    UnknownCallerMinute,
)
from signals.selectors.deliveries import NOT_ACTED_ON, delivery_search


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
        return format_html('<a href="{}">Secrets</a>', reverse("ops:secret_list", args=[row.slug]))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return _for_keepers(request, super().get_fields(request, obj))

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return _for_keepers(request, super().get_list_display(request))


def _for_keepers(request: HttpRequest, names: list[Any]) -> list[Any]:
    """Leave the link to the secrets out for those whom its page would refuse."""
    allowed = request.user.has_perm("ops.manage_secret")
    return [name for name in names if allowed or name != "secrets_page"]


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
        return [*((one, one) for one in each), ("not_acted_on", "refused or unreadable")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "not_acted_on":
            return queryset.filter(verdict__in=NOT_ACTED_ON)
        return queryset.filter(verdict=self.value()) if self.value() else queryset


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """The delivery log: every authenticated HTTP try, what became of it and why."""

    list_display = (
        "id",
        "received_at",
        "verdict",
        "reason",
        "strategy",
        "grade",
        "delay",
        "alert_page",
        "life_line",
        "peer",
    )
    list_filter = (
        VerdictFilter,
        RuleFilter,
        one_of("grade", Strategy.Grade.values),
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
        """From the sender's own clock to ours; it may be negative."""
        return span(seconds_between(row.sent_at, row.received_at)) if row.sent_at else UNDEFINED

    @admin.display(description="what to change")
    def what_to_change(self, row: Delivery) -> str:
        return message_of(row.rule) if row.rule else UNDEFINED

    @admin.display(description="dry run")
    def dry_run(self, row: Delivery) -> SafeString:
        address = f"{reverse('ops:alert_linter')}?delivery={row.pk}"
        return format_html('<a href="{}">Replay in the linter</a> (nothing is stored)', address)

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
        return redirect("ops:trace", event.trace_id)


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "received_at",
        "strategy",
        "kind",
        "dialect",
        "grade",
        "trade_ref",
        "bar_time",
        "delivery_page",
        "life_line",
    )
    list_filter = (
        one_of("kind", ("trade", "test", "bar")),
        one_of("grade", Strategy.Grade.values),
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


@admin.register(Opinion)
class OpinionAdmin(ReadOnlyAdmin):
    list_display = ("id", "created_at", "alert", "leg_no", "lobe", "status", "p", "reason")
    list_filter = ("lobe", "status")
    list_select_related = ("alert",)


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "created_at",
        "strategy",
        "event",
        "side",
        "instrument",
        "state",
        "reason",
        "p_final",
        "review_page",
        "life_line",
    )
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


@admin.register(Expectation)
class ExpectationAdmin(ReadOnlyAdmin):
    list_display = ("strategy", "kind", "instrument", "declared_seconds", "last_at", "due_by")
    list_filter = ("kind", "strategy")
    list_select_related = ("strategy",)


@admin.register(UnknownCallerMinute)
class UnknownCallerMinuteAdmin(ReadOnlyAdmin):
    list_display = ("minute", "seen")
