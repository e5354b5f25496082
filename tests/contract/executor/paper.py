"""The paper executor as it is, over HTTP, stepped by a clock of the driver's."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2

from execution.client import ExecutorClient
from execution.client.calls import TIMEOUT_SECONDS
from execution.paper.broker import PaperBroker
from execution.paper.executor import PaperExecutor
from execution.paper.journal import Journal
from execution.paper.terms import (
    AMEND,
    CLOSE,
    MODIFY,
    OPEN,
    PEND,
    REMOVE,
    PaperSymbol,
    Quote,
    Traces,
    TradeRequest,
    TradeResult,
)
from tests.contract.executor.rig import (
    BID,
    BROKER_SERVER,
    LOGIN,
    POINT,
    SPREAD,
    Deal,
    Held,
    Resting,
    Rig,
    Setup,
)
from tests.contract.executor.server import KEY, Bent, Call

STEP_SECONDS = 0.5
_REQUESTS = {
    "open": OPEN,
    "pending": PEND,
    "close": CLOSE,
    "stops": MODIFY,
    "amend": AMEND,
    "remove": REMOVE,
}


class Killed(BaseException):
    """The process ends here."""


class Dying(httpx2.HTTPTransport):
    """A line at whose end the program dies, before or after a request that holds a word."""

    word, when = "", ""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        is_it = bool(self.word) and self.word in request.read().decode()
        if is_it and self.when == "before":
            raise Killed
        response = super().handle_request(request)
        if is_it:
            response.read()
            raise Killed
        return response


class Faulty(PaperBroker):
    """The paper broker, which a case lets refuse, forget or be the last thing that was done."""

    def __init__(self, *args: Any, **fields: Any) -> None:
        super().__init__(*args, **fields)
        self.refusals: list[tuple[str, int, bool]] = []
        self.hides: Callable[[], bool] = lambda: False
        self.dies = ""

    def send(self, request: TradeRequest) -> TradeResult:
        if self.dies == "before":
            raise Killed
        for at, (action, code, is_done) in enumerate(self.refusals):
            if request.action == action and request.reason == "expert":
                del self.refusals[at]
                if is_done:
                    super().send(request)
                return TradeResult(code, "as the case wants")
        result = super().send(request)
        if self.dies == "after" and request.reason == "expert":
            raise Killed
        return result

    def look_up(self, magic: int) -> Traces:
        return Traces(0, 0) if self.hides() else super().look_up(magic)


class PaperRig(Rig):
    """Steps every half second; a step takes no time but what a slow answer takes."""

    name = "paper"
    warm_up = 2.0

    def __init__(self, home: Path, setup: Setup) -> None:
        super().__init__(home, setup)
        self._bid, self._spread = BID, SPREAD
        self._executor: PaperExecutor | None = None
        self._hidden_until = self.now
        self._slow: dict[str, float] = {}
        self.server.on_call = self._pass_slowly
        self.start()
        self.seconds(self.warm_up)

    def start(self) -> None:
        symbol = PaperSymbol("EURUSD", 5, Decimal(100_000), fillings=self.setup.fillings)
        self._broker = Faulty(
            self._quote,
            self.home,
            symbols=[symbol],
            margin_mode=self.setup.margin_mode,
            clock=lambda: self.now,
        )
        self._broker.hides = lambda: self.now < self._hidden_until
        self._journal = Journal(self.journal / "executor.sqlite3")
        self._line = Dying()
        self._client = ExecutorClient(
            self.server.url,
            KEY,
            signing_key=self.setup.signing_key,
            transport=self._line,
            clock=lambda: self.now.timestamp(),
        )
        self._executor = PaperExecutor(
            client=self._client,
            broker=self._broker,
            journal=self._journal,
            server=BROKER_SERVER,
            login=LOGIN,
            monotonic=lambda: self.now.timestamp(),
            clock=lambda: self.now,
        )

    def kill(self) -> None:
        self._client.close()
        self._journal.close()
        self._broker.close()
        self._executor = None

    def end(self) -> None:
        if self.is_alive:
            self.kill()
        self.server.close()

    @property
    def is_alive(self) -> bool:
        return self._executor is not None

    def die_at(self, point: str, when: str) -> None:
        if point == "send":
            self._broker.dies = when
        else:
            self._line.word, self._line.when = point, when

    @property
    def journal(self) -> Path:
        return self.home / "journal"

    def seconds(self, count: float) -> None:
        end = self.now + timedelta(seconds=count)
        while self.now < end:
            self.now += timedelta(seconds=STEP_SECONDS)
            if self._executor is None:
                continue
            try:
                self._executor.step()
            except Killed:
                self.kill()

    def fall_behind(self, seconds: int) -> None:
        self.server.skew = timedelta(seconds=seconds)

    def slow(self, call: str, seconds: float) -> None:
        self._slow[call] = seconds

    def silence(self, call: str, body: str) -> None:
        self.server.bend(call, Bent(body=body, silent_seconds=TIMEOUT_SECONDS + 1))

    def _pass_slowly(self, call: Call) -> None:
        self.now += timedelta(seconds=self._slow.pop(call.name, 0))

    # The market and the broker.

    def _quote(self, symbol: str, at: datetime) -> Quote | None:
        return Quote(self._bid, self._bid + self._spread)

    def price(self, bid: str, spread_points: int = 10) -> None:
        self._bid, self._spread = Decimal(bid), spread_points * POINT

    def refuse(self, request: str, retcode: int, times: int = 1) -> None:
        self._broker.refusals += [(_REQUESTS[request], retcode, False)] * times

    def leave_unsure(self, request: str, retcode: int) -> None:
        self._broker.refusals.append((_REQUESTS[request], retcode, True))

    def hide_history(self, seconds: float) -> None:
        self._hidden_until = self.now + timedelta(seconds=seconds)

    def by_hand(self, side: str, lots: str) -> None:
        with self._at_the_broker() as broker:
            request = TradeRequest(OPEN, 0, "EURUSD", side, Decimal(lots), reason="client")
            assert broker.send(request).is_success

    def money(self, kind: str, amount: str) -> None:
        with self._at_the_broker() as broker:
            broker.money(kind, Decimal(amount))

    def positions(self) -> list[Held]:
        with self._at_the_broker() as broker:
            return [
                Held(
                    str(one["ticket"]),
                    one["side"],
                    Decimal(one["volume"]),
                    Decimal(one["price"]),
                    _number(one["sl"]),
                    _number(one["tp"]),
                )
                for one in broker.positions()
            ]

    def resting(self) -> list[Resting]:
        with self._at_the_broker() as broker:
            return [
                Resting(
                    str(one["magic"]),
                    "limit" if one["stop"] is None else "stop",
                    Decimal(one["stop"] or one["limit"]),
                    _number(one["sl"]),
                    _number(one["tp"]),
                )
                for one in broker.pendings()
            ]

    def deals(self) -> list[Deal]:
        with self._at_the_broker() as broker:
            return [
                Deal(
                    one["ticket"],
                    one["magic"],
                    one["kind"],
                    one.get("entry", ""),
                    Decimal(one.get("volume_lots", "0")),
                    Decimal(one.get("price", "0")),
                    one.get("position_ticket", "0"),
                )
                for one in broker.deals_after(0)
            ]

    @contextmanager
    def _at_the_broker(self) -> Iterator[PaperBroker]:
        """The broker lives also while the executor is dead."""
        if self.is_alive:
            yield self._broker
            return
        broker = PaperBroker(
            self._quote, self.home, symbols=self._broker.symbols, clock=lambda: self.now
        )
        try:
            yield broker
        finally:
            broker.close()


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
