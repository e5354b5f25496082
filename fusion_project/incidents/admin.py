"""Admin of incidents, for reading; one is closed with a note on the staff page “Incidents”."""

from django.contrib import admin

from fusion_project.incidents.models import Incident
from fusion_project.read_only_admin import ReadOnlyAdmin


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "kind", "subject", "opened_at", "times_seen", "closed_at", "closed_by", "life_line",
    )  # fmt: skip
    list_filter = (("closed_at", admin.EmptyFieldListFilter),)
    search_fields = ("=kind", "=subject", "=trace_id")
    ordering = ("-id",)
    readonly_fields = ("life_line",)
