"""Kept steps of cash: a reading from them is that of all history, whoever commits late."""

import random
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from execution.models import Position
from fusion_project.events.clock import now
from tests.builders.books import Books
from tests.builders.execution import desk_make
from tests.builders.seals import seal_all
from treasury.models import CashMark, CashRun, CashStep
from treasury.selectors import cash as reading
from treasury.selectors.cash import CashBook, cash_book
from treasury.services.checkpoints import cash_keep

# Steps are kept behind the seal, which waits for older transactions of the server.
pytestmark = [pytest.mark.long, pytest.mark.usefixtures("committed_db")]


@pytest.fixture
def books(run_handlers, clock) -> Books:
    return Books(run_handlers, clock)


def read(most: int = 120) -> CashBook:
    return cash_book(book="paper", recorded_until=now(), points_most=most)


def read_whole(monkeypatch, most: int = 120) -> CashBook:
    """From all history, as where nothing is kept."""
    with monkeypatch.context() as patched:
        patched.setattr(reading, "_mark", lambda _: None)
        return read(most)


@pytest.mark.parametrize("most", [6, 120])
def test_a_reading_is_that_of_all_history_after_every_turn(books, clock, monkeypatch, most) -> None:
    dice = random.Random(11)
    closed: list[Position] = []
    for _ in range(8):
        for _ in range(dice.randint(1, 3)):
            closed.append(books.traded(f"{dice.randint(-90, 90)}.37"))
            clock.advance(seconds=dice.choice([1, 17, 300, 90_000]))
        if dice.random() < 0.5:
            books.opened()
        if dice.random() < 0.5:
            books.restated(dice.choice(closed), f"{dice.randint(-90, 90)}.11")
        assert read(most).lines == read_whole(monkeypatch, most).lines
        books.kept(facts_max=dice.randint(3, 30))
        assert read(most).lines == read_whole(monkeypatch, most).lines
    assert CashRun.objects.filter(level=0).count() > 5
    (line,) = read(most).lines
    assert line.whole.trades == len(closed)
    assert line.whole.net == sum(
        Position.objects.filter(order__isnull=False).values_list("net", flat=True)
    )
    while cash_keep():
        pass
    call_command("ledger_check", "--no-hashes")


def test_a_reading_takes_no_step_anew_that_is_kept(books) -> None:
    for profit in range(5):
        books.traded(str(profit + 1))
    assert books.kept() > 0
    assert len(read().positions_anew) == 0
    again = books.traded("4")
    assert read().positions_anew == [again.pk]


def test_a_trade_that_waits_to_be_posted_is_read_as_from_all_history(books, monkeypatch) -> None:
    desk = desk_make()
    position = desk.opened()
    books.post()
    assert books.kept() > 0
    desk.close(position, profit=Decimal(4))
    assert read().positions_anew == [position.pk]
    assert read().lines == read_whole(monkeypatch).lines


def test_a_step_that_moved_in_time_leaves_nothing_where_it_stood(books, clock, monkeypatch) -> None:
    first = books.traded("5")
    clock.advance(seconds=90_000)
    books.traded("7")
    assert books.kept() > 0
    books.restated(first, "5", later_seconds=40_000)
    assert books.kept() > 0
    assert read().lines == read_whole(monkeypatch).lines
    call_command("ledger_check", "--no-hashes")


def test_a_moment_before_the_mark_is_read_from_all_history(books) -> None:
    books.traded("5")
    early = now()
    books.traded("7")
    assert books.kept() > 0
    assert CashMark.objects.get().recorded_until > early
    (line,) = cash_book(book="paper", recorded_until=early, points_most=120).lines
    assert (line.whole.trades, line.whole.net) == (1, 5)


def test_an_entry_that_commits_late_is_in_every_reading(
    books, owner_connection, monkeypatch
) -> None:
    """The keeper does not pass by what an older transaction is still writing."""
    owner_connection.execute("SELECT nextval('treasury_entry_id_seq')")
    owner_connection.execute("SELECT pg_current_xact_id()")
    books.traded("5")
    assert books.kept() == 0
    owner_connection.commit()
    assert books.kept() > 0
    assert read().lines == read_whole(monkeypatch).lines


def test_a_reading_beside_a_keeper_is_of_one_mark(books, monkeypatch) -> None:
    """The keeper commits in the middle of a reading: the reading begins again."""
    books.traded("5")
    books.kept(facts_max=1)
    real, turns = reading.anew_read, []

    def slow(**asked):
        found = real(**asked)
        if not turns:
            turns.append(cash_keep())
        return found

    monkeypatch.setattr(reading, "anew_read", slow)
    found = read().lines
    assert turns[0] > 0
    assert found == read_whole(monkeypatch).lines


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        ("UPDATE treasury_cashstep SET change = change + 1 WHERE is_trade", "position:"),
        ("UPDATE treasury_cashstep SET net = net + 1 WHERE is_trade", "position:"),
        ("UPDATE treasury_cashstep SET at = NULL WHERE is_trade", "position:"),
        ("DELETE FROM treasury_cashstep WHERE place LIKE 'entry:%'", "entry:"),
        ("UPDATE treasury_cashrun SET change = change + 1 WHERE level = 4", "run of cash"),
        ("UPDATE treasury_cashrun SET won = won + 1 WHERE level = 0", "run of cash"),
        ("DELETE FROM treasury_cashrun WHERE level = 2", "run of cash"),
    ],
)
def test_what_was_changed_in_what_is_kept_is_named(
    books, superuser_connection, capsys, damage, finding
) -> None:
    books.traded("5")
    assert books.kept() > 0
    call_command("ledger_check", "--no-hashes")
    with superuser_connection.transaction():
        for table in ("treasury_cashstep", "treasury_cashrun"):
            superuser_connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        superuser_connection.execute(damage)
        for table in ("treasury_cashstep", "treasury_cashrun"):
            for name in ("is_kept", "is_kept_whole"):
                superuser_connection.execute(
                    f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name}"
                )
    capsys.readouterr()
    with pytest.raises(CommandError, match="findings"):
        call_command("ledger_check", "--no-hashes")
    assert finding in capsys.readouterr().out


def test_an_open_position_is_kept_without_telling_of_it(books) -> None:
    position = books.opened()
    books.kept()
    place = f"position:{position.account_id}:{position.position_ticket}"
    assert CashStep.objects.get(place=place).at is None
    (line,) = read().lines
    assert line.whole.change == 10_000 + 2


def test_two_keepers_take_turns(books, in_threads) -> None:
    for profit in range(4):
        books.traded(str(profit + 1))
    for _ in range(2):
        seal_all()
        books.paid_in("1")
    seal_all()
    books.clock.advance(seconds=60)
    connection.close()
    went = in_threads(2, lambda _: cash_keep())
    assert sorted(went)[0] == 0
    assert sorted(went)[1] > 0
