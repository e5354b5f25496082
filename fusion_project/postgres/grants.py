"""What the app's database role may do, worked out from the tables and each app's `grants.py`.

The owner role owns everything and only migrates. The app role owns nothing: it reads all, writes
ordinary tables, only appends to append-only ones, and reaches the rest through named functions.
"""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.db import connection
from psycopg import sql

APP_ROLE = "fusion_app"


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
    read_only = {*_declared("NO_DIRECT_WRITE"), "django_migrations"}
    no_delete = set(_declared("NO_DELETE"))
    rights = {}
    for table, is_append_only in cursor.fetchall():  # type: ignore[attr-defined]
        if table in read_only:
            rights[table] = "SELECT"
        elif is_append_only:
            rights[table] = "SELECT, INSERT"
        elif table in no_delete:
            rights[table] = "SELECT, INSERT, UPDATE"
        else:
            rights[table] = "SELECT, INSERT, UPDATE, DELETE"
    return rights


def _declared(what: str) -> Iterator[str]:
    for config in apps.get_app_configs():
        module = f"{config.name}.grants"
        if config.name != "fusion_project.postgres" and find_spec(module):
            yield from getattr(import_module(module), what, [])


_TABLES = """
    SELECT c.relname, EXISTS (
        SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgrelid = c.oid AND p.proname = 'events_refuse_change'
          AND (t.tgtype & 16) <> 0  -- fires on UPDATE
    )
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v')
      AND pg_get_userbyid(c.relowner) = current_user
    ORDER BY c.relname
"""
