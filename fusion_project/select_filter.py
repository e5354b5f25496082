"""A filter of the admin's lists for many choices: a select with a button, without a script."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest


class SelectFilter(admin.SimpleListFilter):
    """Subclasses set `title`, `parameter_name` (a column, compared whole) and `lookups`."""

    template = "ops/filter_select.html"

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
