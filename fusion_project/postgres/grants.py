"""What the app's database role may do, worked out from each app's `grants.py`.

The owner role owns everything and only migrates. The app role owns nothing: it reads all, writes
ordinary tables, only appends to append-only ones, and reaches the rest through named functions.
`closing` compares this with the catalogue and puts it right.
"""

import functools
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.apps import apps

APP_ROLE = "fusion_app"
SEQUENCE_RIGHTS = frozenset({"USAGE", "SELECT"})


def table_rights(table: str, *, is_append_only: bool, is_table: bool = True) -> frozenset[str]:
    """The app's rights on a table; one on a single column would read `UPDATE (state)`."""
    read_only = {*_listed("NO_DIRECT_WRITE"), "django_migrations"}
    if not is_table or table in read_only:
        return frozenset({"SELECT"})
    if is_append_only:
        return frozenset({"SELECT", "INSERT"})
    deletes = set() if table in _listed("NO_DELETE") else {"DELETE"}
    return frozenset({"SELECT", "INSERT", "UPDATE"} | deletes)


def functions_declared() -> list[str]:
    """Signatures of what the app calls."""
    return list(_listed("FUNCTIONS"))


@functools.cache
def _listed(what: str) -> tuple[str, ...]:
    return tuple(name for module in _modules() for name in getattr(module, what, []))


def _modules() -> Iterator[ModuleType]:
    for config in apps.get_app_configs():
        module = f"{config.name}.grants"
        if config.name != "fusion_project.postgres" and find_spec(module):
            yield import_module(module)
