"""Admin of the log: events and what handlers owe to them, for reading."""

from django.contrib import admin
from django.utils.safestring import SafeString

from fusion_project.admin.read_only import ReadOnlyAdmin, ReadOnlyInline, headline
from fusion_project.events.models import Event, EventLink, Handling, LifeSign, PeriodicJob


class EventLinkInline(ReadOnlyInline):
    """Further traces of an event."""

    model = EventLink
    fields = ("trace_id",)
    verbose_name_plural = "also on traces"


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("event", "at", "subject", "life_line", "actor")
    list_filter = ("name",)
    search_fields = ("=trace_id", "=subject")
    search_help_text = "A whole trace id or a whole subject, such as execution.order:12."
    ordering = ("-id",)
    inlines = (EventLinkInline,)
    readonly_fields = ("life_line",)

    @admin.display(description="event", ordering="id")
    def event(self, row: Event) -> SafeString:
        return headline(row.name, row.pk)


@admin.register(Handling)
class HandlingAdmin(ReadOnlyAdmin):
    """Parked ones are retried from the staff page “Handlings”, which calls the service."""

    list_display = ("handling", "event", "attempts", "due_at", "done_at", "last_error")
    list_filter = (("done_at", admin.EmptyFieldListFilter), ("due_at", admin.EmptyFieldListFilter))
    search_fields = ("=handler",)
    search_help_text = "A whole handler name, such as execution.stage_orders."
    ordering = ("-id",)
    list_select_related = ("event",)

    @admin.display(description="handling", ordering="id")
    def handling(self, row: Handling) -> SafeString:
        return headline(row.handler, row.pk)


@admin.register(PeriodicJob)
class PeriodicJobAdmin(ReadOnlyAdmin):
    list_display = ("name", "every_seconds", "due_at", "last_run_at", "last_error")
    ordering = ("name",)


@admin.register(LifeSign)
class LifeSignAdmin(ReadOnlyAdmin):
    list_display = ("name", "seen_at", "waited_since")
    ordering = ("name",)
