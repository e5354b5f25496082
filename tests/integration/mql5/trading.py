"""Runs instructions of `programs/Experts/broker.mq5` against a simulated broker."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from fusion_project.local.market.rules.prices import INSTRUMENTS
from mql5.host.broker import Broker, Truth, Value, sample_symbol
from mql5.host.running import Terminal, run
from tests.integration.mql5.hosting import LIMIT, told

START = datetime(2026, 1, 5, 10, tzinfo=UTC)  # a Monday
START_MS = round(START.timestamp() * 1000)
BID, ASK = Decimal("1.10000"), Decimal("1.10010")
BUY = "type=buy volume=0.10"
SELL = "type=sell volume=0.10"


@dataclass(frozen=True)
class Traded:
    code: int
    said: list[str]
    err: str
    truth: Truth

    def sent(self) -> list[int]:
        """The return codes of the requests, in order."""
        return [int(one.split()[2]) for one in self.said if one.startswith("sent ")]

    def only(self, start: str) -> list[str]:
        return [one for one in self.said if one.startswith(start)]


def second(number: float) -> int:
    """The moment of the instruction with this number, from 1; commands before it come earlier."""
    return START_MS + round(number * 1000)


class Desk:
    """One account and one terminal; prices stand still until a test moves them."""

    def __init__(self, binary: Path, home: Path) -> None:
        self.binary, self.home = binary, home
        self.broker = Broker(home / "broker")
        self.open()

    def open(self, symbol: dict[str, Value] | None = None, **account: Value) -> None:
        """Begins anew: EURUSD at fixed prices, and 10 000 USD."""
        terms = sample_symbol(INSTRUMENTS["EURUSD"], **(symbol or {}))
        self.broker.open([terms], balance=10_000, **account)
        self.price(BID, ASK, at=0)

    def price(self, bid: Decimal, ask: Decimal, at: float) -> None:
        moment = second(at) if at else 0
        self.broker.say(
            "overlay", at=moment, symbol="EURUSD", kind="fixed", bid=bid, ask=ask, from_ms=moment
        )

    def move(self, points: int, at: float) -> None:
        by = Decimal(points) / 100_000
        self.price(BID + by, ASK + by, at)

    def terminal(
        self,
        *steps: str,
        seconds: float = 0,
        hear: bool = False,
        period_ms: int = 1000,
        start_s: float = 0,
    ) -> Terminal:
        inputs = {
            "InpScript": ";".join(steps),
            "InpHear": str(hear).lower(),
            "InpPeriod": str(period_ms),
        }
        return Terminal(
            self.home,
            start=START + timedelta(seconds=start_s),
            seconds=seconds or len(steps) + 0.9,
            inputs=inputs,
            broker=self.broker.folder,
        )

    def run(self, *steps: str, **terms: Any) -> Traded:
        """One instruction each period, the first after one; terms are those of `terminal`."""
        terminal = self.terminal(*steps, **terms)
        ended = run(self.binary, terminal, LIMIT)
        lines = told(ended.out)
        return Traded(ended.code, lines, ended.err, self.broker.truth())
