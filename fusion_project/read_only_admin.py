"""The admin class of facts: read by those who may, never added, changed or deleted by anybody."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

_COUNT_MAX = 10_000


class CappedPaginator(Paginator):
    """Counts to ten thousand and no further: a long table must not slow its own list."""

    @cached_property
    def count(self) -> int:
        return len(self.object_list[:_COUNT_MAX].values_list("pk", flat=True))


class ReadOnlyAdmin(admin.ModelAdmin):
    """No add, change or delete, not even for superusers; what changes a row is a service."""

    actions = None
    list_per_page = 50
    show_full_result_count = False
    paginator = CappedPaginator

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="life line")
    def life_line(self, row: Model) -> SafeString | str:
        """A link from any row that has a trace to the page that tells its whole way."""
        trace_id = getattr(row, "trace_id", "")
        if not trace_id:
            return "—"
        address = reverse("ops:trace", args=[trace_id])
        return format_html('<a class="f-mono" href="{}">{}…</a>', address, trace_id[:8])


class ReadOnlyInline(admin.TabularInline):
    """Rows of another fact shown inside one; just as unchangeable."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
