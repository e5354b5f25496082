"""Who we are in the database: web, workers and drain must be bound by its rules."""

from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured


def role_check(connection: psycopg.Connection[Any]) -> None:
    """Close the connection where no rule of the database holds us: ImproperlyConfigured."""
    with connection.cursor() as cursor:
        cursor.execute(_WHO)
        row = cursor.fetchone()
    # Whatever comes next begins a transaction of its own.
    connection.rollback()
    assert row is not None
    name, is_above, owned = row
    if is_above or owned:
        connection.close()
        why = "is a superuser or bypasses row security" if is_above else f"owns {owned}"
        raise ImproperlyConfigured(
            f"DATABASE_URL connects as {name}, who {why}: the rules of the database would not bind "
            "this process. Use the role of the app (fusion_app), which setup_roles prepares."
        )


# Who signed in counts like who it is now: `options=-c role=` is undone by one SET ROLE NONE. So do
# the roles that it may turn into.
_WHO = """
    SELECT r.rolname, r.rolsuper OR r.rolbypassrls OR EXISTS (
            SELECT FROM pg_roles above WHERE (above.rolsuper OR above.rolbypassrls)
                AND pg_has_role(r.oid, above.oid, 'MEMBER')), (
        SELECT min(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
          AND pg_has_role(r.oid, c.relowner, 'MEMBER'))
    FROM pg_roles r WHERE r.rolname IN (current_user, session_user)
    ORDER BY 2 DESC, 3 NULLS LAST LIMIT 1
"""
