"""Admin of requests, for reading; confirming and withdrawing is done on the page “Requests”."""

from django.contrib import admin
from django.utils.safestring import SafeString

from fusion_project.admin.read_only import ReadOnlyAdmin, headline
from fusion_project.second_person.models import Request


@admin.register(Request)
class RequestAdmin(ReadOnlyAdmin):
    list_display = ("request", "state", "words", "requester", "asked_at", "confirmed_by")
    list_filter = ("state", "kind")
    search_fields = ("=kind", "=subject", "=trace_id")
    search_help_text = "A whole kind such as switch.raise, a whole subject or a whole trace id."
    readonly_fields = ("life_line",)
    empty_words = (
        "No request yet. One is made by what needs two people, such as re-arming a switch."
    )

    @admin.display(description="request", ordering="id")
    def request(self, row: Request) -> SafeString:
        return headline(row.kind, row.pk)
