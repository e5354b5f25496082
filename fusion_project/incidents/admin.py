"""Admin of incidents, for reading; one is closed with a note on the staff page “Incidents”."""

from django.contrib import admin
from django.utils.safestring import SafeString

from fusion_project.admin.links import INCIDENT, page_link
from fusion_project.admin.read_only import ReadOnlyAdmin, headline
from fusion_project.incidents.models import Incident


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    list_display = (
        "incident",
        "severity",
        "subject",
        "opened_at",
        "times_seen",
        "closed_at",
        "closed_by",
        "life_line",
    )
    list_filter = (("closed_at", admin.EmptyFieldListFilter),)
    search_fields = ("=kind", "=subject", "=trace_id")
    search_help_text = "A whole kind such as alert.silent, a whole subject or a whole trace id."
    ordering = ("-id",)
    readonly_fields = ("life_line", "severity", "meaning", "closing")
    empty_words = "No incident yet. One is opened when something needs a person."

    @admin.display(description="incident", ordering="id")
    def incident(self, row: Incident) -> SafeString:
        return headline(row.kind, row.pk)

    @admin.display(description="severity")
    def severity(self, row: Incident) -> str:
        return row.about.severity if row.about else ""

    @admin.display(description="what it means")
    def meaning(self, row: Incident) -> str:
        return f"{row.about.sentence} See {row.about.runbook}." if row.about else ""

    @admin.display(description="closing")
    def closing(self, row: Incident) -> SafeString | str:
        if row.closed_at is not None:
            return "closed"
        return page_link(INCIDENT, row.pk, "Close it with a note")
