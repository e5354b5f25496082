"""Loads the SQL that lies beside a migration, and the triggers every append-only table gets."""

from pathlib import Path

from django.db import migrations


def run_sql(migration_file: str, name: str) -> migrations.RunSQL:
    """`sql/<name>.sql` forward and `sql/<name>.reverse.sql` backward, beside the migration."""
    folder = Path(migration_file).parent / "sql"
    return migrations.RunSQL(
        (folder / f"{name}.sql").read_text(encoding="utf-8"),
        (folder / f"{name}.reverse.sql").read_text(encoding="utf-8"),
    )


def append_only(table: str) -> migrations.RunSQL:
    """Rows of `table` are facts: UPDATE, DELETE and TRUNCATE are refused, for every role.

    ENABLE ALWAYS keeps the triggers on under `session_replication_role = replica` too.
    """
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER {table}_keeps_rows BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION events_refuse_change();
        CREATE TRIGGER {table}_keeps_table BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change();
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_keeps_rows;
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_keeps_table;
        """,
        f"""
        DROP TRIGGER {table}_keeps_rows ON {table};
        DROP TRIGGER {table}_keeps_table ON {table};
        """,
    )
