"""The compiled Expert Advisor in a terminal that moves in step with the driver's clock."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from fusion_project.local.market.rules.prices import INSTRUMENTS
from mql5.host.broker import Broker, Row, Value, sample_symbol
from mql5.host.running import Lockstep, Terminal
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
from tests.contract.executor.server import KEY, Bent

_REQUESTS = {
    "open": "deal",
    "close": "deal",
    "pending": "pending",
    "stops": "sltp",
    "amend": "modify",
    "remove": "remove",
}
TIMED_OUT = 5202  # ERR_WEBREQUEST_TIMEOUT
TIMEOUT_MS = 2000
_FILLINGS = {"fok": 1, "ioc": 2}


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


class EaRig(Rig):
    """Lives in lockstep: the clock moves to where the program waits."""

    name = "ea"
    warm_up = 10.0

    def __init__(self, home: Path, setup: Setup, binary: Path) -> None:
        super().__init__(home, setup)
        self._binary = binary
        self._runs = 0
        self._step: Lockstep | None = None
        self._broker = Broker(home / "broker")
        mask = sum(_FILLINGS[one] for one in setup.fillings)
        terms: dict[str, Value] = sample_symbol(INSTRUMENTS["EURUSD"], filling=mask)
        self._broker.open(
            [terms],
            login=int(LOGIN),
            server=BROKER_SERVER,
            margin_mode=f"retail_{setup.margin_mode}",
        )
        before = milliseconds(setup.start - timedelta(hours=1))
        self._broker.say("balance", at=before, amount=Decimal(10_000))
        self._broker.say(
            *("overlay", before), symbol="EURUSD", kind="fixed", bid=BID, ask=BID + SPREAD
        )
        self.start()
        self.seconds(self.warm_up)

    def start(self) -> None:
        self._runs += 1
        inputs = {
            "InpServerUrl": self.server.url,
            "InpKey": KEY,
            "InpSigningKey": self.setup.signing_key,
            "InpLogin": LOGIN,
            "InpServer": BROKER_SERVER,
            "InpTimeoutMilliseconds": str(TIMEOUT_MS),
            "InpHeartbeatSeconds": "2",
            "InpSkewSecondsMax": "600",
            "InpDeviationPointsMax": "1000",
            "InpOrderLotsMax": "10",
        }
        terminal = Terminal(
            self.home / "terminal",
            clock="lockstep",
            start=self.now,
            allowed=[self.server.url],
            inputs=inputs,
            broker=self._broker.folder,
        )
        self._step = Lockstep(self._binary, terminal, self.home / f"run-{self._runs}.log")
        self._broker.step = self._step

    @property
    def is_alive(self) -> bool:
        return self._step is not None

    def kill(self) -> None:
        assert self._step is not None
        self._step.kill()
        self._gone()

    def _gone(self) -> None:
        self._broker.step = None
        assert self._step is not None
        with self._step:
            self._step = None

    def end(self) -> None:
        if self._step is not None:
            self._step.stop()
            self._gone()
        self.server.close()

    def die_at(self, point: str, when: str) -> None:
        if point == "send":
            self._broker.crash("OrderSend", when)
        else:
            self._broker.crash("WebRequest", when, match=point)

    @property
    def journal(self) -> Path:
        return self.home / "terminal" / "MQL5" / "Files" / "Fusion"

    def seconds(self, count: float) -> None:
        end = self.now + timedelta(seconds=count)
        while self._step is not None and self._step.yielded is not None:
            wake = datetime.fromtimestamp(self._step.yielded.wake / 1000, tz=UTC)
            if wake > end:
                break
            self.now = max(self.now, wake)
            if self._step.go() is None:
                self._step.stop()
                self._gone()
        self.now = end

    def fall_behind(self, seconds: int) -> None:
        self._broker.say("account", skew_ms=-1000 * seconds)

    def slow(self, call: str, seconds: float) -> None:
        """The program gets what the server would say now, so long after it asked."""
        body = {"instance": "slow", "boot_nonce": "slow"}
        straight = self.server.answer(
            call, json.dumps(body).encode(), {"authorization": f"Token {KEY}"}, ""
        )
        self._broker.fault(
            "WebRequest",
            when="before",
            match=f"executor/{call}",
            retcode=200,
            times=1,
            text=straight.body or "",
            ms=round(seconds * 1000),
        )

    def silence(self, call: str, body: str) -> None:
        """In lockstep no true time counts: the terminal says that its time was over.

        A call that is under way has its answer already, and would be struck instead.
        """
        while self._step and self._step.yielded and self._step.yielded.why != "timer":
            self.seconds(0.01)
        self.server.bend(call, Bent(body=body))
        self._broker.fault(
            "WebRequest", when="after", match=f"executor/{call}", retcode=TIMED_OUT, ms=TIMEOUT_MS
        )

    # The market and the broker.

    def price(self, bid: str, spread_points: int = 10) -> None:
        self._broker.fix_price("EURUSD", Decimal(bid), Decimal(bid) + spread_points * POINT)

    def refuse(self, request: str, retcode: int, times: int = 1) -> None:
        self._broker.fault(
            *("request",), effect="refuse", match=_REQUESTS[request], retcode=retcode, times=times
        )

    def leave_unsure(self, request: str, retcode: int) -> None:
        self._broker.fault("request", effect="execute", match=_REQUESTS[request], retcode=retcode)

    def hide_history(self, seconds: float) -> None:
        until = milliseconds(self.now + timedelta(seconds=seconds))
        self._broker.fault("history", effect="empty", times=1_000_000, until_ms=until)

    def by_hand(self, side: str, lots: str) -> None:
        self._broker.trade(type=side, symbol="EURUSD", volume=Decimal(lots))

    def money(self, kind: str, amount: str) -> None:
        self._broker.balance(Decimal(amount), kind)

    def positions(self) -> list[Held]:
        return [
            Held(
                one["id"],
                one["type"],
                Decimal(one["volume"]),
                Decimal(one["price"]),
                _number(one["sl"]),
                _number(one["tp"]),
            )
            for one in self._broker.truth().positions
        ]

    def resting(self) -> list[Resting]:
        return [
            Resting(
                one["magic"],
                "limit" if one["type"].endswith("_limit") and "stop" not in one["type"] else "stop",
                Decimal(one["price"]),
                _number(one["sl"]),
                _number(one["tp"]),
            )
            for one in self._broker.truth().orders
        ]

    def deals(self) -> list[Deal]:
        return [_deal(one) for one in self._broker.truth().deals]


def _deal(row: Row) -> Deal:
    return Deal(
        row["ticket"],
        row["magic"],
        row["type"],
        row["entry"],
        Decimal(row["volume"]),
        Decimal(row["price"]),
        row["position"],
    )


def _number(text: str) -> Decimal | None:
    return Decimal(text) if Decimal(text) else None
