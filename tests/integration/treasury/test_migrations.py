"""The ledger's SQL goes down and up again, and stands as before."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from tests.builders.treasury import ledger_start
from tests.database import as_owner
from treasury.models import Line

_TRIGGERS = """
    SELECT c.relname, t.tgname, t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND (c.relname LIKE 'treasury%%' OR c.relname LIKE 'tokens%%')
    ORDER BY 1, 2"""


def triggers() -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS, [])
        return cursor.fetchall()


def test_down_and_up_again_leaves_every_guard_in_place(committed_db):
    before = triggers()
    with as_owner():
        for app, target in (("tokens", "zero"), ("treasury", "zero"), ("tokens", "0002")):
            call_command("migrate", app, target, verbosity=0)
        call_command("setup_roles", stdout=StringIO())
    assert triggers() == before
    ledger_start()
    with pytest.raises(DatabaseError), transaction.atomic():
        Line.objects.update(amount=1)


def test_every_guard_is_on_in_every_replication_role(committed_db):
    assert {enabled for _, _, enabled in triggers()} == {"A"}
