"""Every migration of ours goes back to nothing and up again, and all stands as before."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from tests.builders.treasury import ledger_start
from tests.database import as_owner
from treasury.models import Line

_APPS = ("events", "incidents", "signals", "execution", "treasury", "tokens")
_LEFT = """
    SELECT 'table', c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'S') AND c.relname ~ %s
    UNION ALL
    SELECT 'function', p.oid::regprocedure::text FROM pg_proc p
        JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'public' AND p.proname ~ %s
    UNION ALL
    SELECT 'type', t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE n.nspname = 'public' AND t.typname ~ %s
    ORDER BY 1, 2"""
_TRIGGERS = """
    SELECT c.relname, t.tgname, t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal ORDER BY 1, 2"""


def ours() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, [f"^({'|'.join(_APPS)})_"] * 3)
        return cursor.fetchall()


def triggers() -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS, [])
        return cursor.fetchall()


def test_down_to_nothing_and_up_again_leaves_every_guard_in_place(committed_db):
    before, on_before = ours(), triggers()
    with as_owner():
        MigrationExecutor(connection).migrate([(app, None) for app in _APPS])
        assert ours() == []
        call_command("migrate", verbosity=0)
        call_command("setup_roles", stdout=StringIO())
    assert ours() == before
    assert triggers() == on_before
    ledger_start()
    with pytest.raises(DatabaseError), transaction.atomic():
        Line.objects.update(amount=1)


def test_every_guard_is_on_in_every_replication_role(committed_db):
    assert {enabled for _, _, enabled in triggers()} == {"A"}
