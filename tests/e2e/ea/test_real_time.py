"""The compiled Expert Advisor by the machine's own clock, as in a terminal."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from execution.models import BrokerAccount, Order, Position
from fusion_project.local.market.rules.prices import INSTRUMENTS
from mql5.host.broker import Broker, sample_symbol
from mql5.host.running import Terminal
from tests.builders.execution import Desk, desk_make
from tests.e2e.ea.bench import ASK, BID, LOGIN, SERVER
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]


class Running:
    """A terminal of its own process, and the desk that it trades for."""

    def __init__(self, url: str, home: Path, binary: Path) -> None:
        self.desk: Desk = desk_make(server=SERVER, login=LOGIN, equity=None, balance=None)
        self.broker = Broker(home / "broker")
        self.broker.open([sample_symbol(INSTRUMENTS["EURUSD"])], login=int(LOGIN), server=SERVER)
        before = round((datetime.now(UTC) - timedelta(seconds=5)).timestamp() * 1000)
        self.broker.say("balance", at=before, amount=Decimal(10_000))
        self.broker.say(
            "overlay", at=before, symbol="EURUSD", kind="fixed", bid=BID, ask=ASK, from_ms=before
        )
        inputs = {
            "InpServerUrl": url,
            "InpKey": self.desk.key_text,
            "InpLogin": LOGIN,
            "InpServer": SERVER,
            "InpTimerMilliseconds": "200",
        }
        terminal = Terminal(
            home / "terminal", "real", allowed=[url], inputs=inputs, broker=self.broker.folder
        )
        self._words = [str(binary), *terminal.words()]
        self._log = (home / "log").open("a")
        self.start()

    def start(self) -> None:
        self.child = subprocess.Popen(self._words, stdout=self._log, stderr=self._log)

    def kill(self) -> None:
        self.child.kill()
        self.child.wait()

    def stop(self) -> int:
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(timeout=30)

    def until(self, holds: Callable[[], object], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end
            time.sleep(0.1)

    def state(self, order: Order) -> str:
        return Order.objects.get(id=order.id).state


@pytest.fixture
def running(live_url: str, tmp_path: Path, ea_binary: Path) -> Iterator[Running]:
    one = Running(live_url, tmp_path, ea_binary)
    yield one
    if one.child.poll() is None:
        one.stop()


def test_an_entry_and_its_exit_by_the_true_clock(running: Running) -> None:
    running.until(lambda: BrokerAccount.objects.get().heartbeat_at)
    entry = running.desk.stage(valid_seconds=120)
    running.until(lambda: running.state(entry) == "filled")
    closing = running.desk.stage("exit", side="sell")
    running.until(lambda: running.state(closing) == "filled")
    running.until(lambda: Position.objects.get().closed_at)
    assert running.stop() == 0
    assert running.broker.truth().positions == []


def test_a_killed_terminal_goes_on_when_its_former_run_is_silent(running: Running) -> None:
    running.until(lambda: BrokerAccount.objects.get().heartbeat_at)
    entry = running.desk.stage(valid_seconds=120)
    running.until(lambda: running.state(entry) == "filled")
    running.kill()
    running.start()
    closing = running.desk.stage("exit", side="sell")
    running.until(lambda: running.state(closing) == "filled", 90)
    assert running.broker.truth().positions == []
