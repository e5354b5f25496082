"""A full dump of a released version, with data, is restored and migrated to the newest."""

import gzip
import io
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction

from execution.models import Deal, Order, Position
from fusion_project.events.models import Event, Handling
from signals.models import Alert, Decision, Delivery, Strategy, StrategyPolicy
from tests import database
from tests.builders.seals import seal_all
from tests.dumps.make import FOLDER
from tokens.models import PositionAward
from treasury.models import Entry, Leaf, Line
from treasury.selectors.balances import ledger_is_balanced

DUMPS = sorted(FOLDER.glob("*.sql.gz"))
MAIN_PATH = (Delivery, Alert, Decision, Order, Deal, Position, Entry, Line, Leaf, PositionAward)
# Which months a log has partitions for is a matter of when its database was made.
_TRIGGERS = r"""
    SELECT DISTINCT regexp_replace(c.relname, '_\d{4}_\d\d$', '_month') AS relation,
        regexp_replace(t.tgname, '_\d{4}_\d\d_', '_month_') AS trigger, t.tgenabled,
        pg_get_functiondef(t.tgfoid)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal ORDER BY 1, 2
"""
_FUNCTION = "SELECT pg_get_functiondef('signals_strategy_guard()'::regprocedure)"
_TOY_COLUMN = """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signals", "{former}")]
    operations = [
        migrations.AddField("strategy", "toy", models.CharField(max_length=8, default="a toy"))
    ]
"""


def rows(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def counts():
    return {model.__name__: model.objects.count() for model in MAIN_PATH}


def migrate(*target: str) -> None:
    with database.as_owner():
        call_command("migrate", *target, verbosity=0, interactive=False)
        call_command("setup_roles", stdout=io.StringIO())


@pytest.fixture(params=DUMPS, ids=lambda file: file.name)
def restored(request, django_db_setup, django_db_blocker) -> Iterator[str]:
    """The tests' connections go to a restored dump, not migrated yet."""
    with django_db_blocker.unblock():
        name = database.restored_create(gzip.decompress(request.param.read_bytes()).decode())
        with database.pointed_at(name):
            yield name
            connections.close_all()
        database.clone_drop(name)


@pytest.fixture
def toy_signals(tmp_path, monkeypatch, settings) -> Iterator[Path]:
    """A copy of signals' migrations and SQL; its migrations stand for those of signals."""
    config = apps.get_app_config("signals")
    home = Path(shutil.copytree(config.path, tmp_path / "toy_signals"))
    monkeypatch.setattr(config, "path", str(home))
    monkeypatch.syspath_prepend(str(tmp_path))
    settings.MIGRATION_MODULES = {"signals": "toy_signals.migrations"}
    yield home
    for name in [name for name in sys.modules if name.partition(".")[0] == "toy_signals"]:
        del sys.modules[name]


def test_there_is_a_dump_of_a_released_version():
    assert DUMPS


def test_no_dump_is_large():
    assert {file.name: file.stat().st_size for file in DUMPS if file.stat().st_size > 300_000} == {}


def test_a_restored_dump_is_migrated_with_all_its_data_and_its_guards(restored):
    with database.as_owner():
        before = counts()
        assert all(before.values()), before
        assert rows(_TRIGGERS)
    migrate()
    assert counts() == before
    # What stood before there was a choice asks for a stop.
    assert {one.stop_is_required for one in StrategyPolicy.objects.all()} == {True}
    assert not Handling.objects.filter(done_at=None, last_error__gt="").exists()
    call_command("ledger_check", stdout=io.StringIO())
    # Rows from before there was a seal get theirs.
    assert seal_all() == Event.objects.count() + Entry.objects.count()
    assert ledger_is_balanced()
    with pytest.raises(DatabaseError), transaction.atomic():
        Alert.objects.update(dialect="other")
    assert rows("SELECT name FROM django_migrations WHERE app = 'signals'")


def test_a_restored_and_migrated_dump_has_the_triggers_of_a_new_database(restored):
    migrate()
    migrated = rows(_TRIGGERS)
    new = database.clone_create()
    with database.pointed_at(new):
        assert rows(_TRIGGERS) == migrated
    database.clone_drop(new)


def test_a_later_migration_changes_tables_and_functions_under_the_data(restored, toy_signals):
    migrate()
    before, (guard,) = counts(), rows(_FUNCTION)
    former = max((toy_signals / "migrations").glob("0*.py")).stem
    current = toy_signals / "sql" / "strategies.sql"
    current.write_text(current.read_text().replace("a change raises", "a toy change raises"))
    call_command("sql_snapshot", "signals", "strategies", stdout=io.StringIO())
    latest = max((toy_signals / "migrations").glob("0*.py")).stem
    column = toy_signals / "migrations" / f"{int(latest[:4]) + 1:04}_toy_column.py"
    column.write_text(_TOY_COLUMN.format(former=latest))

    migrate()
    assert counts() == before
    assert rows("SELECT DISTINCT toy FROM signals_strategy") == [("a toy",)]
    with pytest.raises(DatabaseError, match="a toy change raises"), transaction.atomic():
        Strategy.objects.update(name="other")

    migrate("signals", former)
    assert rows(_FUNCTION) == [guard]
    assert counts() == before
