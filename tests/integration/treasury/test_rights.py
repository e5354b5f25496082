"""The app's role, a stranger, and a caller with tables and a path of its own."""

import contextlib

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories.treasury import TRACE, transfer
from treasury.models import Balance, Entry, LedgerAccount, Line
from treasury.selectors.balances import ledger_is_balanced
from treasury.services.ledger import post

TABLES = [
    "treasury_entry",
    "treasury_line",
    "treasury_leaf",
    "treasury_balance",
    "treasury_checkpoint",
    "treasury_cashstep",
    "treasury_cashrun",
    "treasury_cashmark",
    "treasury_tradeday",
]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET {} = {}",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "INSERT INTO {} SELECT * FROM {} LIMIT 0",
    ],
)
def test_the_app_has_no_right_to_write_tables_of_the_ledger(ledger, table, statement):
    columns = {
        "treasury_leaf": "sha256",
        "treasury_entry": "note",
        "treasury_checkpoint": "debit",
        "treasury_cashstep": "change",
        "treasury_cashrun": "change",
        "treasury_cashmark": "event_id",
        "treasury_tradeday": "net",
    }
    column = columns.get(table, "amount")
    sql = statement.format(table, *([table] if "SELECT" in statement else [column, column]))
    refused = pytest.raises(DatabaseError, match=f"permission denied for table {table}")
    with refused, connection.cursor() as cursor:
        cursor.execute(sql)


def test_the_orm_neither_changes_nor_removes_a_posted_entry(ledger):
    entry = Entry.objects.get(id=ledger["entry"])
    line = entry.lines.get(n=1)
    another = Line(entry=entry, n=9, account=line.account, currency=line.currency, amount=1)
    line.amount = 99
    entry.note = "changed"
    for change in (
        line.save,
        line.delete,
        entry.save,
        entry.leaf.delete,
        lambda: Line.objects.update(amount=1),
        lambda: Line.objects.bulk_update([line], ["amount"]),
        lambda: Line.objects.bulk_create([another]),
        lambda: Balance.objects.create(account=line.account, amount=1, updated_at=entry.event_at),
        lambda: LedgerAccount.objects.update(floor=None),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert ledger_is_balanced()


def test_a_stranger_may_not_post(ledger, superuser_connection):
    superuser_connection.execute("DROP ROLE IF EXISTS ledger_stranger")
    superuser_connection.execute("CREATE ROLE ledger_stranger")
    superuser_connection.execute("SET LOCAL ROLE ledger_stranger")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        superuser_connection.execute("SELECT * FROM public.treasury_post('[]', 'x', '{}')")
    superuser_connection.rollback()


def test_temporary_tables_of_the_caller_do_not_stand_in_for_the_ledger(ledger):
    counted = """SELECT (SELECT count(*) FROM public.treasury_entry),
        (SELECT count(*) FROM public.events_event)"""
    with connection.cursor() as cursor:
        cursor.execute(counted)
        entries, events = cursor.fetchone()
        for table in [*TABLES, "events_event"]:
            # Where the role may not make temporary tables at all, the attack ends here.
            with contextlib.suppress(DatabaseError):
                cursor.execute(f"CREATE TEMP TABLE {table} (LIKE public.{table} INCLUDING ALL)")
        post(drafts=[transfer("shadow")])
        cursor.execute(counted)
        assert cursor.fetchone() == (entries + 1, events + 1)
    connection.close()  # the temporary tables go with it


def test_the_search_path_of_the_caller_does_not_matter(ledger):
    with connection.cursor() as cursor:
        cursor.execute("SET search_path = pg_temp")
        cursor.execute(
            "SELECT count(*) FROM public.treasury_post(%s, 'system', '{}')",
            [
                '[{"idem_key":"p","kind":"test","book":"paper","event_at":"2026-03-02T10:00:00Z",'
                f'"source":"s","trace_id":"{TRACE}","reverses_key":null,"note":"",'
                '"lines":[["Assets:Alpha","USD","1"],["Income:Beta","USD","-1"]]}]'
            ],
        )
        cursor.execute("SET search_path = public")
    assert Entry.objects.filter(idem_key="p").exists()
