"""Whoever closes, books or converts at once: one close, whole statements, one entry."""

import datetime as dt
import itertools
from dataclasses import replace
from decimal import Decimal

import psycopg
import pytest
from django.db import connection

from fusion_project.text.canonical import canonical_json
from tests.builders.converting import conversion_made, pools_make, price_told
from tests.builders.treasury import ledger_accounts_make
from tests.factories.treasury import transfer
from tests.threads import until_somebody_waits
from treasury import errors
from treasury.models import Conversion, Entry, Line, PeriodClose, PeriodFigure
from treasury.rules.drafts import draft_as_json
from treasury.selectors.balances import ledger_is_balanced
from treasury.selectors.integrity_of_periods import conversions_damaged, periods_damaged
from treasury.services.conversions import conversion_complete
from treasury.services.ledger import post
from treasury.services.periods import period_close

pytestmark = pytest.mark.usefixtures("committed_db")

THREADS = 8
MARCH = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


@pytest.fixture
def accounts() -> None:
    ledger_accounts_make("Assets:Alpha", "Income:Beta")
    post(drafts=[transfer("start")])


def booked(key: str, at: dt.datetime) -> None:
    """Until it is: a number that a close has passed is drawn anew."""
    for _ in range(100):
        try:
            post(drafts=[replace(transfer(key, "1"), event_at=at)])
            return
        except errors.PeriodIsClosed:
            continue
    raise AssertionError(key)


def closed(period: str, book: str = "paper") -> int:
    return period_close(book=book, period=period, actor="system").pk


def test_of_many_who_close_a_period_one_does_and_all_get_the_same(accounts, in_threads):
    results = in_threads(THREADS, lambda _: closed("2026-03"))
    assert {*results} == {PeriodClose.objects.get().pk}, results
    assert periods_damaged() == []


def test_closers_of_both_books_wait_for_each_other_and_never_for_ever(accounts, in_threads):
    ledger_accounts_make("Assets:Alpha", "Income:Beta", book="live")
    post(drafts=[transfer("live", book="live")])
    for day in range(1, 6):
        books = itertools.cycle(("paper", "live"))
        which = [next(books) for _ in range(THREADS)]
        results = in_threads(THREADS, lambda n, d=day, w=which: closed(f"2026-03-0{d}", w[n]))
        assert len({*results}) == 2, results
    assert PeriodClose.objects.count() == 10
    assert periods_damaged() == []


def test_postings_beside_closes_are_each_in_one_statement_or_after_all(accounts, in_threads):
    def work(number: int) -> None:
        for step in range(12):
            if number < 2:
                closed(f"2026-03-{step + 1:02}")
            else:
                hours = dt.timedelta(hours=(number * 37 + step * 11) % (14 * 24))
                booked(f"{number}:{step}", MARCH + hours)

    assert in_threads(THREADS, work) == [None] * THREADS
    assert PeriodClose.objects.count() == 12
    assert Entry.objects.count() == 1 + 12 * (THREADS - 2)
    assert periods_damaged() == []
    assert ledger_is_balanced()
    for close in PeriodClose.objects.all():
        # No figure where nothing had happened yet.
        own = PeriodFigure.objects.filter(close=close, account__code="Assets:Alpha")
        stated = own.values_list("closing", flat=True).first() or 0
        lines = Line.objects.filter(
            account__code="Assets:Alpha",
            entry_id__lte=close.cutoff_id,
            entry__event_at__lt=close.ends_at,
        )
        assert stated == sum(lines.values_list("amount", flat=True), Decimal(0))


def test_an_entry_that_commits_late_is_waited_for(accounts, owner_connection, in_threads):
    draft = canonical_json([draft_as_json(replace(transfer("late", "7"), event_at=MARCH))])
    owner_connection.execute("SELECT treasury_post(%s, 'system', '{}')", [draft])

    def work(number: int) -> int | None:
        if number == 0:
            return closed("2026-03")
        until_somebody_waits()
        owner_connection.commit()
        return None

    results = in_threads(2, work)
    figure = PeriodFigure.objects.get(close_id=results[0], account__code="Assets:Alpha")
    assert figure.closing == 12
    assert periods_damaged() == []


_LATE = """
    INSERT INTO treasury_entry (id, idem_key, request_sha256, kind, book, event_at, recorded_at,
            source, trace_id, note, xid, cluster)
        SELECT %s, 'late', request_sha256, kind, %s, event_at, recorded_at, source, trace_id, note,
            xid, cluster
        FROM treasury_entry WHERE idem_key = 'start'"""


def test_a_number_that_a_close_has_passed_is_refused_though_it_was_drawn_before(
    accounts, owner_connection
):
    sequence = "SELECT nextval(pg_get_serial_sequence('treasury_entry', 'id'))"
    (drawn,) = owner_connection.execute(sequence).fetchone()
    owner_connection.commit()
    booked("next", MARCH)
    closed("2026-03")
    with (
        pytest.raises(psycopg.errors.CheckViolation, match="period 2026-03 of the paper book is"),
        owner_connection.transaction(),
    ):
        owner_connection.execute(_LATE, [drawn, "paper"])
    # The other book is open: what is refused there is an entry without lines, at commit.
    with (
        pytest.raises(psycopg.errors.CheckViolation, match="has no lines"),
        owner_connection.transaction(),
    ):
        owner_connection.execute(_LATE, [drawn, "live"])


def test_a_conversion_is_booked_once_whoever_tries_it(in_threads):
    pools_make()
    made = conversion_made("100")
    price_told()
    assert (
        in_threads(THREADS, lambda _: conversion_complete(conversion_id=made.pk))
        == [True] * THREADS
    )
    assert Entry.objects.filter(kind="conversion").count() == 1
    assert Conversion.objects.get().received == 108
    assert conversions_damaged() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE treasury_periodclose SET closed_by = 'user:2'",
        "DELETE FROM treasury_periodclose",
        "TRUNCATE treasury_periodclose CASCADE",
        "UPDATE treasury_periodfigure SET closing = 1",
        "DELETE FROM treasury_periodfigure",
        "DELETE FROM treasury_periodadjustment",
        "UPDATE treasury_pricesnapshot SET price = 2",
        "DELETE FROM treasury_pricesnapshot",
        "TRUNCATE treasury_pricesnapshot CASCADE",
        "DELETE FROM treasury_conversion",
    ],
)
def test_what_was_stated_priced_or_converted_stays_though_the_owner_asks(
    accounts, owner_connection, statement
):
    closed("2026-02")
    post(drafts=[replace(transfer("late", "7"), event_at=MARCH - dt.timedelta(days=9))])
    closed("2026-03")
    pools_make()
    price_told()
    conversion_made()
    with pytest.raises(psycopg.errors.IntegrityError), owner_connection.transaction():
        owner_connection.execute(statement)


def test_the_app_writes_no_statement_but_by_closing(accounts):
    closed("2026-03")
    for table in ("periodclose", "periodfigure", "periodadjustment"):
        with (
            pytest.raises(Exception, match="permission denied"),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"INSERT INTO treasury_{table} SELECT * FROM treasury_{table}")


DAMAGES = {
    "UPDATE treasury_periodfigure SET debit = debit + 1, closing = closing + 1": "is stated as",
    "DELETE FROM treasury_periodfigure": "is stated as nothing",
    "UPDATE treasury_periodclose SET closed_by = 'user:9'": "is not what its hash says",
    "UPDATE treasury_periodclose SET cutoff_id = 2": "is not what its hash",
    "DELETE FROM treasury_periodadjustment": "is not stated as what it adjusts",
    "UPDATE treasury_line SET amount = amount * 2": "is stated as",
    "UPDATE treasury_periodclose SET sha256 = repeat('0', 64)": "is not the one that was recorded",
    "UPDATE treasury_periodclose SET starts_at = NULL, previous_id = NULL": "does not follow",
    "DELETE FROM treasury_periodclose WHERE period = '2026-04'": "was closed and is gone: 2026-04",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_statement_is_named(accounts, superuser_connection, damage):
    closed("2026-03")
    post(drafts=[replace(transfer("late", "7"), event_at=MARCH)])
    closed("2026-04")
    assert periods_damaged() == []
    with superuser_connection.transaction():
        for table in ("periodclose", "periodfigure", "periodadjustment", "line"):
            superuser_connection.execute(f"ALTER TABLE treasury_{table} DISABLE TRIGGER ALL")
        superuser_connection.execute(damage)
    assert any(DAMAGES[damage] in one for one in periods_damaged()), periods_damaged()


def test_a_statement_that_was_hashed_anew_is_not_the_one_in_the_log(accounts, superuser_connection):
    closed("2026-03")
    with superuser_connection.transaction():
        for table in ("periodclose", "periodfigure", "line"):
            superuser_connection.execute(f"ALTER TABLE treasury_{table} DISABLE TRIGGER ALL")
        superuser_connection.execute("UPDATE treasury_line SET amount = amount * 2")
        superuser_connection.execute(
            "UPDATE treasury_periodfigure"
            " SET debit = debit * 2, credit = credit * 2, closing = closing * 2"
        )
        superuser_connection.execute(
            "UPDATE treasury_periodclose c"
            " SET sha256 = encode(sha256(treasury_period_bytes(c)), 'hex')"
        )
    (found,) = periods_damaged()
    assert "is not the one that was recorded when it was closed" in found
