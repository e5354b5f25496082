"""Killed, or left without a server, under load: what an executor behind real HTTP still sends."""

import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from execution.client import ExecutorClient
from execution.models import Order, Position
from execution.paper.broker import PaperBroker
from execution.paper.executor import PaperExecutor
from execution.paper.journal import Journal
from execution.paper.terms import PaperSymbol, Quote
from execution.rules.switches import EVERYTHING
from execution.services.leases import PERMIT_SECONDS
from execution.services.staging import decision_stage
from fusion_project.events.models import Event
from tests import database
from tests.builders.execution import Desk, account_set, decision_make, desk_make
from tests.builders.switches import stop
from tests.e2e.front.serving import Served, serving
from tests.integration.local.waiting import wait_until

pytestmark = pytest.mark.long
# So slow that what one poll hands out takes longer to send than a permit lasts.
SEND_SECONDS = 0.25
ENTRIES = 60
# How much later than the last entry may be sent everything is looked at once more.
LOOK_AGAIN_SECONDS = 3
# A loaded machine takes its time with everything else.
WAIT_SECONDS = 60


class Slow(PaperBroker):
    """A broker that keeps who trades there waiting, and remembers when it was asked for what."""

    asked: list[tuple[float, int]]

    def send(self, request):
        self.asked.append((time.monotonic(), request.magic))
        time.sleep(SEND_SECONDS)
        return super().send(request)


class Running:
    """A paper executor of a desk of its own, at work in a thread."""

    def __init__(self, served: Served, home: Path) -> None:
        home.mkdir()
        self.desk = desk_make(server="Paper", login=home.name, equity=None, balance=None)
        account_set(self.desk.account, entries_per_minute_max=1_000, open_lots_max=1_000)
        symbol = PaperSymbol("EURUSD", 5, Decimal(100_000))
        self.broker = Slow(_quote, home, symbols=[symbol])
        self.broker.asked = []
        self.journal = Journal(home / "executor.sqlite3")
        self.executor = PaperExecutor(
            client=ExecutorClient(served.url, self.desk.key_text),
            broker=self.broker,
            journal=self.journal,
            server="Paper",
            login=home.name,
        )
        self.is_over = threading.Event()
        self.executor.step()
        self.thread = threading.Thread(target=self.executor.run, args=[self.is_over], daemon=True)

    def sent_of(self, entries: set[int]) -> list[float]:
        """When the broker was asked for each of these entries."""
        return [at for at, magic in list(self.broker.asked) if magic in entries]

    def end(self) -> None:
        self.is_over.set()
        self.thread.join(30)
        self.journal.close()
        self.broker.close()


def _quote(symbol, at):
    return Quote(Decimal("1.10000"), Decimal("1.10010")) if symbol == "EURUSD" else None


@pytest.fixture
def served(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path
) -> Iterator[Served]:
    """A server for each test: one of them is killed."""
    with django_db_blocker.unblock():
        name = database.clone_create()
        with database.pointed_at(name), serving(tmp_path) as found:
            yield found
            connections.close_all()
        database.clone_drop(name)


@pytest.fixture
def running(served: Served, tmp_path: Path) -> Iterator[Running]:
    made = Running(served, tmp_path / "7001")
    yield made
    made.end()


def entries_stage(desk: Desk, count: int) -> set[int]:
    decisions = [
        decision_make(desk.strategy, lots="0.01", valid_seconds=300, trade_ref=f"trade-{number}")
        for number in range(count)
    ]
    return {order.id for one in decisions for order in decision_stage(decision_id=one.id)}


def test_the_last_entry_is_sent_within_three_seconds_of_the_kill_and_exits_pass(
    served: Served, running: Running
) -> None:
    entries = entries_stage(running.desk, ENTRIES)
    running.thread.start()
    assert wait_until(lambda: len(running.sent_of(entries)) >= 3, WAIT_SECONDS)
    stop(EVERYTHING)
    killed_at = time.monotonic()
    time.sleep(PERMIT_SECONDS + LOOK_AGAIN_SECONDS)
    sent = running.sent_of(entries)
    assert max(sent) <= killed_at + PERMIT_SECONDS
    assert len(sent) < ENTRIES
    turned = Event.objects.get(name="switch.changed").id
    assert not Event.objects.filter(name="order.leased", id__gt=turned).exists()
    assert wait_until(Position.objects.exists, WAIT_SECONDS)
    trade_ref = Position.objects.earliest("id").trade_ref
    leaving = decision_make(running.desk.strategy, "exit", side="sell", trade_ref=trade_ref)
    (leave,) = decision_stage(decision_id=leaving.id)
    left = Position.objects.filter(position_ticket=leave.position_ticket, closed_at=None)
    assert wait_until(lambda: not left.exists(), WAIT_SECONDS)


def test_without_a_server_no_entry_is_sent_on_a_permit_older_than_three_seconds(
    served: Served, running: Running
) -> None:
    entries = entries_stage(running.desk, ENTRIES)
    running.thread.start()
    assert wait_until(lambda: len(running.sent_of(entries)) >= 3, WAIT_SECONDS)
    served.child.kill()
    away_at = time.monotonic()
    time.sleep(PERMIT_SECONDS + LOOK_AGAIN_SECONDS)
    sent = running.sent_of(entries)
    assert max(sent) <= away_at + PERMIT_SECONDS
    # More was handed out than went: it lay here, and its permit ended.
    assert len(sent) < Order.objects.filter(id__in=entries, fence=1).count()
