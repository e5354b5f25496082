"""What the app's database role may do, worked out from each app's `grants.py`.

The owner role owns everything and only migrates. The app role owns nothing: it reads all, appends
where an app's `grants.py` names the table, changes the columns named there, and reaches the rest
through named functions. What nobody has named is read only. `closing` compares this with the
catalogue and puts it right.

An app's `grants.py` holds `CHANGES`: table → column → why it may change, as `edges: <the trigger
function or constraint that says when>` or `free: <why nothing is lost>`. A table with no columns is
appended to only. `DELETES`: table → why rows may go. `INSERTS`: table → the only columns that a new
row may name. `NO_DIRECT_WRITE`: read, and written by functions alone. `FUNCTIONS`: what may be
called.
"""

import functools
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from django.apps import apps

APP_ROLE = "fusion_app"
SEQUENCE_RIGHTS = frozenset({"USAGE", "SELECT"})
# Sessions, users and groups, the admin's log, wrong sign-ins: no evidence of ours stands there.
DJANGO_APPS = ("admin", "auth", "axes", "contenttypes", "sessions")
_ALL = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})


def table_rights(table: str) -> frozenset[str]:
    """The app's rights on a table or view; one on a single column reads `UPDATE (state)`."""
    if table in of_django():
        return _ALL
    changes = declared_by_table("CHANGES")
    if table not in changes:
        return frozenset({"SELECT"})
    inserts = _on("INSERT", declared_by_table("INSERTS").get(table, ())) or {"INSERT"}
    deletes = {"DELETE"} if table in declared_by_table("DELETES") else set()
    return frozenset({"SELECT"} | inserts | _on("UPDATE", changes[table]) | deletes)


def _on(right: str, columns: Iterable[str]) -> set[str]:
    return {f"{right} ({column})" for column in columns}


@functools.cache
def of_django() -> frozenset[str]:
    """Tables of Django's own apps and of axes, which write them as they like."""
    return frozenset(
        model._meta.db_table
        for label in DJANGO_APPS
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    )


@functools.cache
def declared_by_table(what: str) -> dict[str, Any]:
    """One dict of all apps' dicts of this name."""
    return {
        table: value
        for module in _declarations()
        for table, value in getattr(module, what, {}).items()
    }


def written_by_functions() -> list[str]:
    """Tables that the app reads, and that functions alone write."""
    return [one for module in _declarations() for one in getattr(module, "NO_DIRECT_WRITE", [])]


def functions_declared() -> list[str]:
    """Signatures of what the app calls."""
    return [one for module in _declarations() for one in getattr(module, "FUNCTIONS", [])]


def _declarations() -> Iterator[ModuleType]:
    for config in apps.get_app_configs():
        module = f"{config.name}.grants"
        if config.name != "fusion_project.postgres" and find_spec(module):
            yield import_module(module)
