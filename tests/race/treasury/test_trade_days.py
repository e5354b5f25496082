"""Kept days of trades: a reading from them is that of all positions, whatever changed since."""

import random
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command

from execution.models import Position
from fusion_project.events.clock import now
from tests.builders.books import Books
from treasury.models import TradeDay
from treasury.selectors import trade_days
from treasury.selectors.trade_days import TradeSums, trade_sums
from treasury.services.checkpoints import cash_keep

# Steps are kept behind the seal, which waits for older transactions of the server.
pytestmark = [pytest.mark.long, pytest.mark.usefixtures("committed_db")]


@pytest.fixture
def books(run_handlers, clock) -> Books:
    return Books(run_handlers, clock)


def days() -> tuple[date, date]:
    """All that the tests trade on."""
    first = Position.objects.order_by("opened_at").values_list("opened_at", flat=True).first()
    return first.date(), now().date() + timedelta(days=1)


def read(since: date | None = None, until: date | None = None) -> list[TradeSums]:
    first, last = days()
    found = trade_sums(book="paper", since=since or first, until=until or last)
    return sorted(found, key=lambda one: one.account_id)


def read_whole(monkeypatch) -> list[TradeSums]:
    """From all positions, as where nothing is kept."""
    with monkeypatch.context() as patched:
        patched.setattr(trade_days, "_mark", lambda: None)
        return read()


def test_a_reading_is_that_of_all_positions_after_every_turn(books, clock, monkeypatch) -> None:
    dice = random.Random(5)
    closed: list[Position] = []
    for _ in range(6):
        for _ in range(dice.randint(1, 3)):
            closed.append(books.traded(f"{dice.randint(-90, 90)}.37"))
            clock.advance(seconds=dice.choice([1, 3_000, 90_000]))
        if dice.random() < 0.7:
            books.restated(dice.choice(closed), f"{dice.randint(-90, 90)}.11")
        if dice.random() < 0.5:
            later = dice.choice([60, 50_000])
            clock.advance(seconds=later)
            books.restated(dice.choice(closed), "3.5", later_seconds=later)
        assert read() == read_whole(monkeypatch)
        books.kept(facts_max=dice.randint(3, 30))
        assert read() == read_whole(monkeypatch)
    while cash_keep():
        pass
    assert TradeDay.objects.filter(trades__gt=0).count() > 3
    assert sum(one.trades for one in read()) == len(closed)
    assert sum(one.net for one in read()) == sum(
        Position.objects.filter(order__isnull=False).values_list("net", flat=True)
    )
    call_command("ledger_check", "--no-hashes")


def test_kept_days_are_read_and_not_taken_anew(books) -> None:
    books.traded("5")
    assert books.kept() > 0
    first, last = days()
    assert trade_days._days_anew("paper", first, last, trade_days._mark()) == []
    books.traded("7")
    assert trade_days._days_anew("paper", first, last, trade_days._mark()) == [now().date()]


def test_a_trade_that_moved_to_another_day_leaves_nothing_where_it_stood(books, clock) -> None:
    position = books.traded("5")
    assert books.kept() > 0
    day = TradeDay.objects.get(trades=1).day
    clock.advance(days=2)
    books.restated(position, "6", later_seconds=90_000)
    assert books.kept() > 0
    assert read(day, day + timedelta(days=1)) == []
    moved = TradeDay.objects.get(trades=1)
    assert (moved.day > day, moved.net) == (True, 6)
    call_command("ledger_check", "--no-hashes")


def test_a_reading_beside_a_keeper_is_of_one_mark(books, monkeypatch) -> None:
    """The keeper commits in the middle of a reading: the reading begins again."""
    books.traded("5")
    books.kept(facts_max=1)
    real, turns = trade_days.anew_read, []

    def slow(**asked):
        found = real(**asked)
        if not turns:
            turns.append(cash_keep())
        return found

    monkeypatch.setattr(trade_days, "anew_read", slow)
    found = read()
    assert turns[0] > 0
    assert found == read_whole(monkeypatch)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE treasury_tradeday SET net = net + 1",
        "UPDATE treasury_tradeday SET result = result + 1, costs = costs - 1",
        "UPDATE treasury_tradeday SET day = day - 1",
        "DELETE FROM treasury_tradeday",
    ],
)
def test_what_was_changed_in_kept_days_is_named(
    books, superuser_connection, capsys, damage
) -> None:
    books.traded("5")
    assert books.kept() > 0
    call_command("ledger_check", "--no-hashes")
    with superuser_connection.transaction():
        superuser_connection.execute("ALTER TABLE treasury_tradeday DISABLE TRIGGER ALL")
        superuser_connection.execute(damage)
        for name in ("is_kept", "is_kept_whole"):
            superuser_connection.execute(
                f"ALTER TABLE treasury_tradeday ENABLE ALWAYS TRIGGER treasury_tradeday_{name}"
            )
    capsys.readouterr()
    with pytest.raises(CommandError, match="findings"):
        call_command("ledger_check", "--no-hashes")
    assert "trades of " in capsys.readouterr().out
