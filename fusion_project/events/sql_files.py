"""SQL beside the migrations: functions, their snapshots, and the triggers of append-only tables.

`<app>/sql/<noun>.sql` holds functions as they are now, `<app>/migrations/sql/NNNN_<noun>.sql` as
they were when migration NNNN was written. Tables, types and triggers stand in migrations alone.
"""

from pathlib import Path

from django.apps import apps
from django.db import migrations


def run_sql(migration_file: str, name: str) -> migrations.RunSQL:
    """`sql/<name>.sql` forward and `sql/<name>.reverse.sql` backward, beside the migration."""
    folder = Path(migration_file).parent / "sql"
    return migrations.RunSQL(
        (folder / f"{name}.sql").read_text(encoding="utf-8"),
        (folder / f"{name}.reverse.sql").read_text(encoding="utf-8"),
    )


def current_files() -> list[Path]:
    """Every app's function files, an app's after those of the apps that it depends on."""
    folders = [Path(config.path) / "sql" for config in apps.get_app_configs()]
    return [file for folder in folders for file in sorted(folder.glob("*.sql"))]


def snapshot_newest(current: Path) -> Path | None:
    """The snapshot of a function file that is loaded last; None where there is none yet."""
    beside = current.parents[1] / "migrations" / "sql"
    return max(beside.glob(f"[0-9][0-9][0-9][0-9]_{current.stem}.sql"), default=None)


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


def keeps_rows(table: str) -> migrations.RunSQL:
    """Rows of `table` may change, but stay: DELETE and TRUNCATE are refused, for every role."""
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER {table}_is_kept BEFORE DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION events_refuse_change();
        CREATE TRIGGER {table}_is_kept_whole BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change();
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_is_kept;
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_is_kept_whole;
        """,
        f"""
        DROP TRIGGER {table}_is_kept ON {table};
        DROP TRIGGER {table}_is_kept_whole ON {table};
        """,
    )
