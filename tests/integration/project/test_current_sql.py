"""What migrations leave in a database is what `<app>/sql/*.sql` says."""

import shutil
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from fusion_project.events.sql_files import current_files, snapshot_newest

# Tests move the clock with an `events_now` of their own.
_FUNCTIONS = """
    SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'public' AND p.proname <> 'events_now'
"""


def functions(connection):
    return dict(connection.execute(_FUNCTIONS).fetchall())


def app_and_noun(current):
    return f"{current.parts[-3]} {current.stem}"


@pytest.mark.parametrize("current", current_files(), ids=app_and_noun)
def test_the_newest_snapshot_is_the_current_file(current):
    newest = snapshot_newest(current)
    assert newest is not None, f"manage.py sql_snapshot {app_and_noun(current)}"
    assert newest.read_text() == current.read_text()


def test_a_migrated_database_holds_the_functions_of_the_current_files_and_no_other(
    committed_db, owner_connection
):
    migrated = functions(owner_connection)
    assert len(migrated) > 20
    for signature in migrated:
        owner_connection.execute(f"DROP FUNCTION {signature} CASCADE")
    # They call each other, whichever file comes first.
    owner_connection.execute("SET LOCAL check_function_bodies = off")
    for file in current_files():
        owner_connection.execute(file.read_text())
    assert functions(owner_connection) == migrated
    owner_connection.rollback()


def test_a_changed_file_gets_the_next_snapshot_and_its_way_back(tmp_path, monkeypatch, capsys):
    signals = apps.get_app_config("signals")
    home = Path(shutil.copytree(signals.path, tmp_path / "signals"))
    monkeypatch.setattr(signals, "path", str(home))
    with pytest.raises(CommandError, match=r"is trades\.sql as it is now"):
        call_command("sql_snapshot", "signals", "trades")
    current = home / "sql" / "trades.sql"
    before = current.read_text()
    current.write_text(before + "-- changed\n")
    call_command("sql_snapshot", "signals", "trades")
    newest = snapshot_newest(current)
    assert newest.read_text() == current.read_text()
    assert newest.with_suffix(".reverse.sql").read_text() == before
    migration = (home / "migrations" / f"{newest.stem}.py").read_text()
    assert f'run_sql(__file__, "{newest.stem}")' in migration
