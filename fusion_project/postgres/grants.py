"""What the app's database role may do, worked out from the tables and each app's `grants.py`.

The owner role owns everything and only migrates. The app role owns nothing: it reads all, appends
where an app's `grants.py` names the table, changes the columns named there, and reaches the rest
through named functions. What nobody has named is read only.

An app's `grants.py` holds `CHANGES`: table → column → why it may change, as `edges: <the trigger
function or constraint that says when>` or `free: <why nothing is lost>`. A table with no columns is
appended to only. `DELETES`: table → why rows may go. `INSERTS`: table → the only columns that a new
row may name. `NO_DIRECT_WRITE`: read, and written by functions alone. `FUNCTIONS`: what may be
called.
"""

from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from django.apps import apps
from django.db import connection
from psycopg import sql

APP_ROLE = "fusion_app"
# Sessions, users and groups, the admin's log: no evidence of ours stands there.
DJANGO_APPS = ("admin", "auth", "contenttypes", "sessions")


def grants_apply(*, role: str = APP_ROLE) -> int:
    """Bring the role's rights in line; idempotent, one transaction. Returns the table count.

    Runs as the owner. Raises LookupError where the role does not exist.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone() is None:
            raise LookupError(f"the database has no role {role}")
        name = sql.Identifier(role)
        for statement in _schema_statements(name):
            cursor.execute(statement)
        tables = _table_rights(cursor)
        for table, rights in tables.items():
            cursor.execute(
                sql.SQL("REVOKE ALL ON {} FROM {}, PUBLIC").format(sql.Identifier(table), name)
            )
            cursor.execute(
                sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(rights), sql.Identifier(table), name)
            )
        for signature in _declared("FUNCTIONS"):
            cursor.execute(
                sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(sql.SQL(signature), name)
            )
    return len(tables)


def _schema_statements(role: sql.Identifier) -> Iterator[sql.Composed]:
    for text in (
        "REVOKE CREATE ON SCHEMA public FROM {role}",
        "GRANT USAGE ON SCHEMA public TO {role}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC, {role}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    ):
        yield sql.SQL(text).format(role=role)


def _table_rights(cursor: object) -> dict[str, str]:
    cursor.execute(_TABLES)  # type: ignore[attr-defined]
    tables = [table for (table,) in cursor.fetchall()]  # type: ignore[attr-defined]
    ordinary, changes = of_django(), declared_by_table("CHANGES")
    deletes, inserts = declared_by_table("DELETES"), declared_by_table("INSERTS")
    rights = {}
    for table in tables:
        if table in ordinary:
            rights[table] = "SELECT, INSERT, UPDATE, DELETE"
            continue
        may = ["SELECT"]
        if table in changes:
            may.append(_on("INSERT", inserts.get(table, ())))
            may += [_on("UPDATE", changes[table])] if changes[table] else []
            may += ["DELETE"] if table in deletes else []
        rights[table] = ", ".join(may)
    return rights


def _on(right: str, columns: Iterable[str]) -> str:
    names = ", ".join(columns)
    return f"{right} ({names})" if names else right


def of_django() -> set[str]:
    """Tables of Django's own apps, which write them as they like."""
    return {
        model._meta.db_table
        for label in DJANGO_APPS
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    }


def declared_by_table(what: str) -> dict[str, Any]:
    """One dict of all apps' dicts of this name."""
    return {
        table: value
        for module in _declarations()
        for table, value in getattr(module, what, {}).items()
    }


def _declared(what: str) -> Iterator[str]:
    for module in _declarations():
        yield from getattr(module, what, [])


def _declarations() -> Iterator[ModuleType]:
    for config in apps.get_app_configs():
        module = f"{config.name}.grants"
        if config.name != "fusion_project.postgres" and find_spec(module):
            yield import_module(module)


_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v')
      AND pg_get_userbyid(c.relowner) = current_user
    ORDER BY c.relname
"""
