"""Every hole found in other ledgers, tried on ours: with the ORM, raw SQL, COPY, MERGE and as
owner or superuser. The database refuses each, whoever asks."""

from collections.abc import Callable

import psycopg
import pytest

from tests.factories.treasury import TRACE, transfer
from treasury.services.ledger import post

TABLES = [
    "treasury_entry",
    "treasury_line",
    "treasury_leaf",
    "treasury_balance",
    "treasury_ledgeraccount",
    "treasury_currency",
]
NEW_ENTRY = f"""
    INSERT INTO treasury_entry (idem_key, request_sha256, kind, book, event_at, recorded_at,
        source, trace_id, note, xid, cluster)
    VALUES ('raw', repeat('0', 64), 'test', 'paper', now(), now(), 's', '{TRACE}', '', '1', 1)
    RETURNING id"""


def refused(owner: psycopg.Connection, sql: str, *values: object, match: str | None = None) -> None:
    with pytest.raises(psycopg.errors.IntegrityError, match=match), owner.transaction():
        owner.execute(sql, values)


def lines_insert(entry: int, *lines: tuple[int, str, str], start: int = 0) -> tuple[str, list]:
    rows = ", ".join("(%s, %s, %s, %s, %s)" for _ in lines)
    values = [
        value
        for n, (account, unit, amount) in enumerate(lines, start)
        for value in (entry, n, account, unit, amount)
    ]
    return (
        f"INSERT INTO treasury_line (entry_id, n, account_id, currency_id, amount) VALUES {rows}",
        values,
    )


def _id(owner: psycopg.Connection, sql: str) -> int:
    row = owner.execute(sql).fetchone()
    assert row is not None
    return row[0]


def entry_try(owner: psycopg.Connection, work: Callable[[int], object]) -> None:
    """A raw entry, and `work(its id)`, in one transaction."""
    with owner.transaction():
        work(_id(owner, NEW_ENTRY))


def work_refused(
    owner: psycopg.Connection, work: Callable[[int], object], match: str | None
) -> None:
    with pytest.raises(psycopg.errors.IntegrityError, match=match):
        entry_try(owner, work)


def entry_with(owner: psycopg.Connection, *lines: tuple[int, str, str]) -> None:
    entry_try(owner, lambda entry: owner.execute(*lines_insert(entry, *lines)))


def entry_refused(
    owner: psycopg.Connection, *lines: tuple[int, str, str], match: str | None
) -> None:
    with pytest.raises(psycopg.errors.IntegrityError, match=match):
        entry_with(owner, *lines)


def entry_kept(owner: psycopg.Connection, work: Callable[[int], object]) -> None:
    """The work is accepted, deferred checks included; then rolled back."""
    with owner.transaction(force_rollback=True):
        entry = _id(owner, NEW_ENTRY)
        work(entry)
        owner.execute("SET CONSTRAINTS ALL IMMEDIATE")
        found = owner.execute("SELECT 1 FROM treasury_leaf WHERE entry_id = %s", [entry])
        assert found.fetchone() == (1,)


def test_the_owner_may_write_a_balanced_entry_so_the_refusals_below_mean_something(
    ledger, owner_connection
):
    lines = [(ledger["Assets:Alpha"], "USD", "1"), (ledger["Income:Beta"], "USD", "-1")]
    entry_kept(
        owner_connection, lambda entry: owner_connection.execute(*lines_insert(entry, *lines))
    )


@pytest.mark.parametrize("table", TABLES)
def test_rows_are_neither_changed_nor_deleted_nor_truncated(ledger, owner_connection, table):
    column = owner_connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s LIMIT 1", [table]
    ).fetchone()[0]
    refused(owner_connection, f"UPDATE {table} SET {column} = {column}")
    refused(owner_connection, f"DELETE FROM {table}")
    refused(owner_connection, f"TRUNCATE {table} CASCADE")


def test_a_line_cannot_be_moved_to_another_entry(ledger, owner_connection):
    other = post(drafts=[transfer("other", "7")])[0]
    refused(
        owner_connection,
        "UPDATE treasury_line SET entry_id = %s WHERE entry_id = %s AND n = 1",
        other.id,
        ledger["entry"],
    )


def test_a_line_is_not_replaced_by_an_upsert(ledger, owner_connection):
    (n,) = owner_connection.execute(
        "SELECT n FROM treasury_line WHERE entry_id = %s LIMIT 1", [ledger["entry"]]
    ).fetchone()
    refused(
        owner_connection,
        """INSERT INTO treasury_line (entry_id, n, account_id, currency_id, amount)
           VALUES (%s, %s, %s, 'USD', 99)
           ON CONFLICT (entry_id, n) DO UPDATE SET amount = 99""",
        ledger["entry"],
        n,
        ledger["Assets:Alpha"],
    )


@pytest.mark.parametrize("action", ["UPDATE SET amount = 99", "DELETE"])
def test_merge_is_no_way_around(ledger, owner_connection, action):
    refused(
        owner_connection,
        f"""MERGE INTO treasury_line l USING (VALUES (1)) v ON l.entry_id = %s
            WHEN MATCHED THEN {action}""",
        ledger["entry"],
    )


def test_merge_cannot_insert_what_does_not_balance(ledger, owner_connection):
    def merge(entry: int) -> None:
        owner_connection.execute(
            """MERGE INTO treasury_line l USING (VALUES (%s::bigint)) v (entry)
                   ON l.entry_id = v.entry
               WHEN NOT MATCHED THEN INSERT (entry_id, n, account_id, currency_id, amount)
                   VALUES (v.entry, 1, %s, 'USD', 5)""",
            [entry, ledger["Assets:Alpha"]],
        )

    work_refused(owner_connection, merge, "sums to")


def test_copy_cannot_insert_what_does_not_balance(ledger, owner_connection):
    columns = "entry_id, n, account_id, currency_id, amount"

    def copy_in(entry: int) -> None:
        with (
            owner_connection.cursor() as cursor,
            cursor.copy(f"COPY treasury_line ({columns}) FROM STDIN") as copy,
        ):
            copy.write_row((entry, 1, ledger["Assets:Alpha"], "USD", "5"))
            copy.write_row((entry, 2, ledger["Income:Beta"], "USD", "-4"))

    work_refused(owner_connection, copy_in, "sums to")


@pytest.mark.parametrize(
    ("amounts", "why"),
    [
        (("5", "-4.99999999"), "sums to"),
        (("NaN", "NaN"), None),
        (("NaN", "-5"), None),
        (("0", "0"), "not_zero"),
        (("0.000000001", "-0.000000001"), "more than 8 digits"),
        (("0.000000000000000001", "-0.000000000000000001"), "more than 8 digits"),
    ],
)
def test_amounts_that_do_not_balance_or_are_no_money_are_refused(
    ledger, owner_connection, amounts, why
):
    alpha, beta = ledger["Assets:Alpha"], ledger["Income:Beta"]
    entry_refused(
        owner_connection, (alpha, "USD", amounts[0]), (beta, "USD", amounts[1]), match=why
    )


def test_infinity_does_not_fit_the_column(ledger, owner_connection):
    with pytest.raises(psycopg.errors.NumericValueOutOfRange):
        entry_with(
            owner_connection,
            (ledger["Assets:Alpha"], "USD", "Infinity"),
            (ledger["Income:Beta"], "USD", "-Infinity"),
        )


def test_two_currencies_do_not_balance_each_other(ledger, owner_connection):
    entry_refused(
        owner_connection,
        (ledger["Assets:Alpha"], "USD", "5"),
        (ledger["Assets:Euro"], "EUR", "-5"),
        match="sums to",
    )


def test_a_line_in_a_foreign_currency_is_refused(ledger, owner_connection):
    entry_refused(
        owner_connection,
        (ledger["Assets:Euro"], "USD", "5"),
        (ledger["Income:Beta"], "USD", "-5"),
        match="is in EUR",
    )


def test_books_are_not_mixed(ledger, owner_connection):
    entry_refused(
        owner_connection,
        (ledger["Assets:Live"], "USD", "5"),
        (ledger["Income:Beta"], "USD", "-5"),
        match="book",
    )


def test_a_single_line_is_refused(ledger, owner_connection):
    entry_refused(owner_connection, (ledger["Assets:Alpha"], "USD", "5"), match="sums to")


def test_an_entry_without_lines_does_not_commit(ledger, owner_connection):
    work_refused(owner_connection, lambda entry: None, "has no lines")


@pytest.mark.parametrize("amounts", [("1000",), ("5", "-5")])
def test_an_entry_of_another_transaction_takes_no_more_lines(ledger, owner_connection, amounts):
    lines = [(ledger["Assets:Alpha"], "USD", amount) for amount in amounts]
    sql, values = lines_insert(ledger["entry"], *lines, start=10)
    refused(owner_connection, sql, *values, match="another transaction")


@pytest.mark.parametrize("amounts", [("1000",), ("5", "-5")])
def test_set_constraints_opens_no_gap(ledger, owner_connection, amounts):
    alpha, beta = ledger["Assets:Alpha"], ledger["Income:Beta"]

    def add_later(entry: int) -> None:
        owner_connection.execute(*lines_insert(entry, (alpha, "USD", "5"), (beta, "USD", "-5")))
        owner_connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        more = [(alpha, "USD", amount) for amount in amounts]
        owner_connection.execute(*lines_insert(entry, *more, start=10))

    work_refused(owner_connection, add_later, "is closed")


def test_a_savepoint_does_not_hide_the_transaction(ledger, owner_connection):
    alpha, beta = ledger["Assets:Alpha"], ledger["Income:Beta"]

    def add_in_savepoint(entry: int) -> None:
        with owner_connection.transaction():
            owner_connection.execute(*lines_insert(entry, (alpha, "USD", "1"), (beta, "USD", "-1")))

    entry_kept(owner_connection, add_in_savepoint)


def test_nobody_chooses_transaction_server_or_time_of_an_entry(ledger, owner_connection):
    with owner_connection.transaction(force_rollback=True):
        stamps = owner_connection.execute(
            NEW_ENTRY.replace("now(), now()", "now(), '1999-01-01'") + ", recorded_at, cluster, xid"
        ).fetchone()
        assert stamps[1].year != 1999
        assert stamps[2] not in (0, 1)
        assert str(stamps[3]) != "1"


def test_replica_mode_switches_nothing_off(ledger, superuser_connection):
    alpha, beta = ledger["Assets:Alpha"], ledger["Income:Beta"]
    superuser_connection.execute("SET session_replication_role = replica")
    superuser_connection.commit()
    for statement in (
        "UPDATE treasury_line SET amount = 99",
        "DELETE FROM treasury_line",
        "TRUNCATE treasury_line CASCADE",
        "UPDATE treasury_entry SET note = 'x'",
        "TRUNCATE treasury_entry CASCADE",
        "DELETE FROM treasury_leaf",
        "UPDATE treasury_ledgeraccount SET book = 'live'",
    ):
        refused(superuser_connection, statement)
    entry_refused(superuser_connection, (alpha, "USD", "5"), (beta, "USD", "-4"), match="sums to")
    entry_refused(superuser_connection, (10**9, "USD", "5"), (beta, "USD", "-5"), match="account")
    work_refused(superuser_connection, lambda entry: None, "has no lines")
    sql, values = lines_insert(10**9, (alpha, "USD", "5"), (beta, "USD", "-5"))
    refused(superuser_connection, sql, *values, match="another transaction")


def test_a_balance_moves_only_with_lines(ledger, owner_connection):
    refused(
        owner_connection,
        "INSERT INTO treasury_balance (account_id, amount, updated_at) VALUES (%s, 99, now())",
        ledger["Assets:Alpha"],
    )
