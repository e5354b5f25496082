"""Filters of the admin's lists whose choices are known: long tables are not read to offer them."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest


def one_of(column: str, values: Iterable[str], title: str = "") -> type[admin.SimpleListFilter]:
    """Return a filter over the few values that a column may hold, as a list of links."""
    offered = [(value, value.replace("_", " ")) for value in values]

    class OneOf(admin.SimpleListFilter):
        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return offered

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(**{column: self.value()}) if self.value() else queryset

    OneOf.title = title or column.replace("_", " ")
    OneOf.parameter_name = column
    return OneOf


class SelectFilter(admin.SimpleListFilter):
    """Many choices in a select with a button, without a script.

    Subclasses set `title`, `parameter_name` (a column, compared whole) and `lookups`.
    """

    template = "admin/filter_select.html"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(**{str(self.parameter_name): value}) if value else queryset

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """One mapping for the template; the other filters go along as hidden fields."""
        yield {
            "parameter": self.parameter_name,
            "chosen": self.value() or "",
            "options": [("", "any"), *((str(key), words) for key, words in self.lookup_choices)],
            "others": [
                (name, value)
                for name, values in changelist.filter_params.items()
                for value in (values if isinstance(values, list) else [values])
                if name != self.parameter_name
            ],
        }
