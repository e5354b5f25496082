"""The admin class of facts: read by those who may, never added, changed or deleted by anybody."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Paginator
from django.db.models import DateTimeField, DecimalField, Field, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from fusion_project.admin.links import life_line_link
from fusion_project.text.formats import UNDEFINED, exact_number, exact_text, plain_number

COUNT_MAX = 10_000
# What columns of money hold; other decimals are prices, lots and shares.
MONEY_PLACES = 18
Column = Callable[[Model], str]

# The stubs know these as generic; Django itself does not.
if TYPE_CHECKING:
    _Paginator = Paginator[Model]
    _BaseModelAdmin = BaseModelAdmin[Model]
    _ModelAdmin = admin.ModelAdmin[Model]
    _TabularInline = admin.TabularInline[Model, Model]
else:
    _Paginator, _BaseModelAdmin = Paginator, BaseModelAdmin
    _ModelAdmin, _TabularInline = admin.ModelAdmin, admin.TabularInline


class CappedPaginator(_Paginator):
    """Counts to ten thousand and no further: a long table must not slow its own list."""

    @cached_property
    def count(self) -> int:
        # A slice of a query is counted as a subquery with that limit.
        rows = cast("QuerySet[Model]", self.object_list)
        return rows[:COUNT_MAX].count()


def headline(words: str, number: object) -> SafeString:
    """The first column of a wide list: what the row is about, and its number below."""
    return format_html(
        '<span class="f-about">{}</span> <span class="f-below">{}</span>', words, number
    )


def _column(name: str, title: str, as_text: Callable[[Any], str], css: str = "") -> Column:
    @admin.display(description=title, ordering=name)
    def shown(row: Model) -> str:
        return as_text(getattr(row, name))

    # Django makes the class of the cells of it.
    shown.__name__ = f"{name} {css}".strip()
    return shown


class _Unchangeable(_BaseModelAdmin):
    """What lists, pages and inlines of facts have in common."""

    empty_value_display = UNDEFINED
    # How a decimal is printed that is neither money nor a plain number.
    number_formats: ClassVar[Mapping[str, Callable[[Any], str]]] = {}

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Every column, also those that no form would offer, then what the class adds."""
        hidden = set(self.exclude or ())
        columns = [one.name for one in self.model._meta.concrete_fields if one.name not in hidden]
        return [self._readable(name) for name in self.fields or [*columns, *self.readonly_fields]]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return self.get_fields(request, obj)

    def _readable(self, name: Any, css: str = "") -> Any:
        """A time to the millisecond (UTC), a decimal in its one format; others as they are."""
        if (name, css) not in self._columns:
            self._columns[name, css] = self._column_of(name, css)
        return self._columns[name, css]

    def _column_of(self, name: Any, css: str) -> Any:
        try:
            column = self.model._meta.get_field(name)
        except FieldDoesNotExist:
            return name
        title = str(column.verbose_name) if isinstance(column, Field) else ""
        if isinstance(column, DateTimeField):
            return _column(name, f"{title} (UTC)", exact_text)
        if isinstance(column, DecimalField):
            money = exact_number if column.decimal_places == MONEY_PLACES else plain_number
            return _column(name, title, self.number_formats.get(name, money), css)
        return name

    @cached_property
    def _columns(self) -> dict[Any, Any]:
        return {}


class ReadOnlyAdmin(_Unchangeable, _ModelAdmin):
    """No add, change or delete, not even for superusers; what changes a row is a service."""

    actions = None
    # Newest first; what is no fact but a catalogue says its own order.
    ordering: ClassVar[tuple[str, ...]] = ("-pk",)
    change_form_template = "admin/fact.html"
    change_list_template = "admin/fact_list.html"
    # What a list says while its table has no rows: what will make the first one.
    empty_words = "Nothing here yet."
    list_per_page = 50
    show_full_result_count = False
    # Counts beside each filter would read the whole table for every one of them.
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [self._readable(name, "f-num") for name in super().get_list_display(request)]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        own = {
            "title": capfirst(self.opts.verbose_name_plural),
            "empty_words": self.empty_words,
            "count_max": COUNT_MAX,
        }
        return super().changelist_view(request, {**own, **(extra_context or {})})

    @admin.display(description="life line")
    def life_line(self, row: Model) -> SafeString | str:
        """A link from any row that has a trace to the page that tells its whole way."""
        trace_id = getattr(row, "trace_id", "")
        return life_line_link(trace_id) if trace_id else UNDEFINED


class ReadOnlyInline(_Unchangeable, _TabularInline):
    """Rows of another fact shown inside one; just as unchangeable."""

    extra = 0
    can_delete = False
