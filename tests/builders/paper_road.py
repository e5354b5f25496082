"""The whole road on paper: alert over HTTP, decision, order, paper executor, simulated broker."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2

from execution.client import ExecutorClient
from execution.paper.broker import PaperBroker
from execution.paper.executor import PaperExecutor
from execution.paper.journal import Journal
from execution.paper.numbers import utc_now
from execution.paper.terms import PaperSymbol, Quote
from signals.services.strategies import strategy_create, strategy_secret_issue
from tests.builders.execution import account_follow, key_make
from tests.builders.pages import POLICY

EURUSD = PaperSymbol("EURUSD", 5, Decimal(100_000))


class Market:
    """One price of EURUSD, which a test moves."""

    bid = Decimal("1.10000")

    def __call__(self, symbol: str, at: datetime) -> Quote | None:
        return Quote(self.bid, self.bid + Decimal("0.00010")) if symbol == "EURUSD" else None


class PaperRoad:
    """A webhook, a desk behind it, and a paper executor that trades for it."""

    def __init__(
        self,
        live_url: str,
        home: Path,
        run_handlers: Callable[[], int],
        *,
        slug: str = "rests",
        margin_mode: str = "hedging",
        **policy: Any,
    ) -> None:
        self.run_handlers = run_handlers
        fields = {**POLICY, "approval": "automatic", **policy}
        self.strategy = strategy_create(slug=slug, name=slug.title(), actor="user:1", **fields)
        issued = strategy_secret_issue(strategy_id=self.strategy.id, actor="user:1")
        self.webhook, self.secret = live_url + issued.path, issued.secret
        self.account = account_follow(
            self.strategy,
            server="Paper",
            login="1",
            equity=None,
            balance=None,
            margin_mode=margin_mode,
        )
        self.time = 0.0
        self.market = Market()
        self.ahead = timedelta(0)
        self.broker = PaperBroker(
            self.market, home, symbols=[EURUSD], clock=self.clock, margin_mode=margin_mode
        )
        self.journal = Journal(home / "executor.sqlite3")
        self.executor = PaperExecutor(
            client=ExecutorClient(live_url, key_make(self.account).text),
            broker=self.broker,
            journal=self.journal,
            server="Paper",
            login="1",
            monotonic=lambda: self.time,
            clock=self.clock,
        )

    def clock(self) -> datetime:
        """The broker's time, and the executor's."""
        return utc_now() + self.ahead

    def post(self, body: dict[str, Any] | str, *, path: str = "") -> httpx2.Response:
        """Send one alert as a chart does, and let everybody behind the webhook work."""
        content = body if isinstance(body, str) else json.dumps(body)
        answer = httpx2.post(
            path or self.webhook, content=content, headers={"content-type": "text/plain"}
        )
        self.run_handlers()
        return answer

    def told(self, body: dict[str, Any] | str, *, path: str = "") -> None:
        """Send an alert that is accepted, and let the executor carry it out."""
        answer = self.post(body, path=path)
        assert answer.status_code == 202, answer.text
        self.settle()

    def settle(self) -> None:
        """Executor and server take turns until nothing is left to do."""
        for _ in range(4):
            self.steps(3)
            self.run_handlers()

    def steps(self, count: int, seconds: float = 1.0) -> None:
        for _ in range(count):
            self.time += seconds
            self.executor.step()

    def net_lots(self) -> Decimal:
        """What the broker holds of EURUSD, short as less than nothing."""
        signs = {"buy": 1, "sell": -1}
        return sum(
            (signs[one["side"]] * Decimal(one["volume"]) for one in self.broker.positions()),
            Decimal(0),
        )

    def pendings(self) -> dict[int, dict[str, Any]]:
        """What rests at the broker, by the number of its order."""
        return {one["magic"]: one for one in self.broker.pendings()}

    def close(self) -> None:
        self.journal.close()
        self.broker.close()
