"""A terminal of its own process, by the machine's clock, and the desk that it trades for."""

import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from execution.models import BrokerAccount, Deal, Order, Position
from fusion_project.local.market.rules.prices import INSTRUMENTS
from mql5.host.broker import Broker, Row, sample_symbol
from mql5.host.running import Terminal
from tests.builders.execution import Desk, desk_make
from tests.e2e.ea.bench import ASK, BID, LOGIN, SERVER, Drain


class Running:
    """`until` and `seconds` let the server work meanwhile, as drain would."""

    def __init__(self, url: str, home: Path, binary: Path) -> None:
        self.url, self.home, self.binary = url, home, binary
        self._drain = Drain()
        self.desk: Desk = desk_make(server=SERVER, login=LOGIN, equity=None, balance=None)
        self.broker = Broker(home / "broker")
        symbol = sample_symbol(INSTRUMENTS["EURUSD"], filling=3)
        self.broker.open([symbol], login=int(LOGIN), server=SERVER)
        before = round((datetime.now(UTC) - timedelta(seconds=5)).timestamp() * 1000)
        self.broker.say("balance", at=before, amount=Decimal(10_000))
        self.broker.say(
            "overlay", at=before, symbol="EURUSD", kind="fixed", bid=BID, ask=ASK, from_ms=before
        )
        self.inputs = {
            "InpServerUrl": url,
            "InpKey": self.desk.key_text,
            "InpLogin": LOGIN,
            "InpServer": SERVER,
            "InpTimerMilliseconds": "100",
            "InpHeartbeatSeconds": "1",
        }
        self.children: list[subprocess.Popen[bytes]] = []

    def start(self, folder: str = "terminal", **inputs: str) -> None:
        """Starts a terminal in a folder of the home; what it wrote before is there."""
        self.inputs |= {f"Inp{name}": value for name, value in inputs.items()}
        terminal = Terminal(
            self.home / folder,
            "real",
            allowed=[self.url],
            inputs=self.inputs,
            broker=self.broker.folder,
        )
        with (self.home / f"{folder}.log").open("a") as log:
            words = [str(self.binary), *terminal.words()]
            self.children.append(subprocess.Popen(words, stdout=log, stderr=log))

    @property
    def child(self) -> subprocess.Popen[bytes]:
        return self.children[-1]

    def kill(self) -> None:
        self.child.kill()
        self.child.wait()

    def stop(self) -> int:
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(timeout=30)

    def end(self) -> None:
        for one in self.children:
            if one.poll() is None:
                one.send_signal(signal.SIGCONT)
                one.send_signal(signal.SIGTERM)
                one.wait(timeout=30)

    def log(self, folder: str = "terminal") -> str:
        return (self.home / f"{folder}.log").read_text()

    # Time.

    def until(self, holds: Callable[[], Any], seconds: float = 60) -> None:
        """Lives until something holds. Fails after so many seconds."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, f"not within {seconds} s\n{self.log()}"
            self._server_works()
            time.sleep(0.2)

    def seconds(self, count: float) -> None:
        end = time.monotonic() + count
        while time.monotonic() < end:
            self._server_works()
            time.sleep(0.2)

    def _server_works(self) -> None:
        self._drain.work(round(time.monotonic() * 1000))

    def ready(self) -> None:
        """Until hello was said, the account measured and a heartbeat told."""
        self.until(self._is_at_work)

    def _is_at_work(self) -> bool:
        account = BrokerAccount.objects.get(id=self.desk.account.id)
        return account.heartbeat_at is not None and account.terminal.entries_blocked == []

    # What each side says.

    def price(self, bid: str) -> None:
        self.broker.fix_price("EURUSD", Decimal(bid), Decimal(bid) + Decimal("0.00010"))

    def web(self, call: str, status: int, **values: Any) -> None:
        self.broker.fault("WebRequest", match=f"executor/{call}", retcode=status, **values)

    def stage(self, verb: str = "entry", **fields: Any) -> Order:
        return self.desk.stage(verb, **{"valid_seconds": 120, **fields})

    def state(self, order: Order) -> str:
        return Order.objects.get(id=order.id).state

    def filled(self, order: Order, seconds: float = 60) -> None:
        self.until(lambda: self.state(order) == "filled", seconds)

    def deals_of(self, order: Order) -> list[Row]:
        return [one for one in self.broker.truth().deals if one["magic"] == str(order.id)]

    def agree(self) -> None:
        """Every deal of the broker is told, once, and both sides hold the same positions."""
        self.until(self._agree, 20)

    def _agree(self) -> bool:
        truth = self.broker.truth()
        told = Deal.objects.values_list("ticket", flat=True)
        held = Position.objects.filter(closed_at=None).values_list("position_ticket", flat=True)
        return sorted(map(str, told)) == sorted(one["ticket"] for one in truth.deals) and sorted(
            map(str, held)
        ) == sorted(one["id"] for one in truth.positions)
