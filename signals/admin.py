"""Admin of signals, for reading: the delivery log, alerts, decisions, reviews and policies.

A decision is approved or rejected on its review page, which calls the service.
"""

from typing import Any

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
from fusion_project.formats import seconds_between, span
from fusion_project.raw_bytes import hex_dump, visible_runs
from fusion_project.read_only_admin import ReadOnlyAdmin
from fusion_project.select_filter import SelectFilter
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
from signals.reasons import DUPLICATE_RULES, REFUSAL_RULES, UNREADABLE, message_of


@admin.register(Strategy)
class StrategyAdmin(ReadOnlyAdmin):
    list_display = (
        "slug", "name", "version", "is_active", "approval", "risk_bps", "review_seconds",
        "changed_at", "secrets_page",
    )  # fmt: skip
    list_filter = ("is_active", "approval")
    search_fields = ("slug", "name")
    readonly_fields = ("secrets_page",)

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


class GradeFilter(admin.SimpleListFilter):
    """The provenance grade of a delivery."""

    title = "grade"
    parameter_name = "grade"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(grade, grade) for grade in Strategy.Grade.values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(grade=self.value()) if self.value() else queryset


class VerdictFilter(admin.SimpleListFilter):
    """What became of a delivery."""

    title = "verdict"
    parameter_name = "verdict"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(one, one) for one in ("accepted", "duplicate", "refused", "unreadable")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(verdict=self.value()) if self.value() else queryset


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """The delivery log: every authenticated HTTP try, what became of it and why."""

    list_display = (
        "id", "received_at", "strategy", "verdict", "rule", "grade", "delay", "alert_page",
        "life_line", "peer",
    )  # fmt: skip
    list_filter = (
        VerdictFilter, RuleFilter, GradeFilter, "strategy", ("received_at", DateFieldListFilter),
    )  # fmt: skip
    search_fields = ("=rule", "=body_sha256", "=peer")
    search_help_text = "A whole reason code, SHA-256 of a body, or address."
    list_select_related = ("strategy",)
    fields = (
        "id", "received_at", "strategy", "verdict", "rule", "what_to_change", "detail",
        "alert_page", "life_line", "dry_run", "sent_at", "delay", "grade", "provenance", "peer",
        "content_type", "body_sha256", "body_text", "body_hex",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """With the trace of the alert, so that a list needs no query for each row."""
        alerts = Alert.objects.filter(id=OuterRef("alert_id")).values("trace_id")[:1]
        return super().get_queryset(request).annotate(alert_trace_id=Subquery(alerts))

    @admin.display(description="life line")
    def life_line(self, row: Any) -> SafeString | str:
        if row.alert_trace_id:
            return _life_line(row.alert_trace_id)
        # What has no alert is refused, and its refusal is an event of its own.
        address = reverse("admin:signals_delivery_trace", args=[row.pk])
        return format_html('<a href="{}">refusal</a>', address)

    @admin.display(description="alert")
    def alert_page(self, row: Delivery) -> SafeString | str:
        if row.alert_id is None:
            return "—"
        address = reverse("admin:signals_alert_change", args=[row.alert_id])
        return format_html('<a href="{}">{}</a>', address, row.alert_id)

    @admin.display(description="delay")
    def delay(self, row: Delivery) -> str:
        """From the sender's own clock to ours; it may be negative."""
        return span(seconds_between(row.sent_at, row.received_at)) if row.sent_at else "—"

    @admin.display(description="what to change")
    def what_to_change(self, row: Delivery) -> str:
        return message_of(row.rule) if row.rule else "—"

    @admin.display(description="dry run")
    def dry_run(self, row: Delivery) -> SafeString:
        address = f"{reverse('ops:alert_linter')}?delivery={row.pk}"
        return format_html('<a href="{}">Replay in the linter</a> (nothing is stored)', address)

    @admin.display(description="body, credentials blanked")
    def body_text(self, row: Delivery) -> SafeString:
        runs = visible_runs(bytes(row.body))
        shown = format_html_join("", "{}", ((_run(text, hidden),) for text, hidden in runs))
        return format_html('<pre class="f-raw">{}</pre>', shown)

    @admin.display(description="body as bytes")
    def body_hex(self, row: Delivery) -> SafeString:
        return format_html(
            '<details><summary>{} bytes in hex</summary><pre class="f-raw">{}</pre></details>',
            len(row.body), hex_dump(bytes(row.body)),
        )  # fmt: skip

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.trace_page)
        trace = path("<int:delivery_id>/trace/", page, name="signals_delivery_trace")
        return [trace, *super().get_urls()]

    def trace_page(self, request: HttpRequest, delivery_id: int) -> HttpResponse:
        """Redirect to the life line of a delivery's refusal."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        subject = f"signals.delivery:{delivery_id}"
        event = Event.objects.filter(subject=subject).order_by("id").first()
        if event is None:
            raise Http404("no event is about this delivery")
        return redirect("ops:trace", event.trace_id)


def _run(text: str, is_hidden: bool) -> SafeString | str:
    return format_html('<span class="f-control">{}</span>', text) if is_hidden else text


def _life_line(trace_id: str) -> SafeString:
    address = reverse("ops:trace", args=[trace_id])
    return format_html('<a class="f-mono" href="{}">{}…</a>', address, trace_id[:8])


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "received_at", "strategy", "kind", "dialect", "grade", "trade_ref", "bar_time",
        "delivery_page", "life_line",
    )  # fmt: skip
    list_filter = ("kind", "grade", "strategy")
    search_fields = ("=trace_id", "=sender_id", "=trade_ref")
    search_help_text = "A whole trace id, sender id or trade reference."
    list_select_related = ("strategy",)
    readonly_fields = ("delivery_page", "life_line")

    @admin.display(description="delivery")
    def delivery_page(self, row: Alert) -> SafeString:
        address = reverse("admin:signals_delivery_change", args=[row.delivery_id])
        return format_html('<a href="{}">{}</a>', address, row.delivery_id)


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


@admin.register(ToldPosition)
class ToldPositionAdmin(ReadOnlyAdmin):
    list_display = (
        "alert_id", "received_at", "strategy", "instrument", "before", "after", "after_size",
        "gap_after",
    )  # fmt: skip
    list_filter = ("strategy", ("gap_after", admin.EmptyFieldListFilter))
    search_fields = ("=instrument",)
    list_select_related = ("strategy",)


@admin.register(Expectation)
class ExpectationAdmin(ReadOnlyAdmin):
    list_display = (
        "strategy", "kind", "instrument", "declared_seconds", "last_at", "due_by",
    )  # fmt: skip
    list_filter = ("kind", "strategy")
    list_select_related = ("strategy",)


@admin.register(UnknownCallerMinute)
class UnknownCallerMinuteAdmin(ReadOnlyAdmin):
    list_display = ("minute", "seen")
