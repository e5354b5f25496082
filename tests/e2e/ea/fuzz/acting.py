"""What may happen to a desk, its program, its broker and the talk between them."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from execution.models import Position
from execution.rules.retcodes import RETCODES
from mql5.host.broker import BrokerRefused
from signals.intents.legs import Target
from tests.builders.switches import account_halt, account_resume
from tests.e2e.ea.bench import ASK, BID, milliseconds
from tests.e2e.ea.fuzz.desk import WatchedBench

POINT: Final = Decimal("0.00001")
SPREAD: Final = ASK - BID
CALLS: Final = ("hello", "poll", "poll", "reports", "reports", "heartbeat", "")
STATUSES: Final = (200, 301, 404, 429, 500, 503, 503, 1001, 5201, 5202, 5202, 5203)
# What a broker may say of a request that it did not carry out.
REFUSALS: Final = sorted({*RETCODES} - {10008, 10009, 10010, 10025, 10036} | {10099})
CRASH_POINTS: Final = (
    *("OrderSend",) * 4,
    *("WebRequest",) * 4,
    *("FileWrite", "FileFlush", "FileFlush", "FileMove", "Print", "GlobalVariablesFlush"),
)


@dataclass
class Acts:
    """Each public method is one thing that happens, with all its numbers drawn from `chance`."""

    bench: WatchedBench
    chance: Random

    # Orders of the desk.

    def entry(self) -> None:
        side = self.chance.choice(("buy", "sell"))
        self._decide("entry", side=side, **self._size(), **self._stops(side, self._bid()))

    def resting_entry(self) -> None:
        side = self.chance.choice(("buy", "sell"))
        below = self.chance.random() < 0.7
        away = self.chance.randint(5, 80) * POINT * (-1 if (side == "buy") == below else 1)
        price = self._bid() + away
        kind = "limit" if below else "stop"
        fields: dict[str, Any] = {"order_type": kind, f"{kind}_price": str(price)}
        if self.chance.random() < 0.4:
            moment = self.bench.now + timedelta(seconds=self.chance.randint(10, 60))
            fields |= {"tif": "gtd", "good_until": moment}
        self._decide("entry", side=side, **fields, **self._size(), **self._stops(side, price))

    def exit(self) -> None:
        self._on_position(lambda one: self._decide("exit", side=_against(one.side)))

    def partial_exit(self) -> None:
        share = self.chance.choice(("25", "50", "75"))
        self._on_position(
            lambda one: self._decide("partial_exit", side=_against(one.side), close_pct=share)
        )

    def amend(self) -> None:
        away = self.chance.randint(40, 400) * POINT

        def tighter(one: Position) -> None:
            stop = self._bid() + (-away if one.side == "buy" else away)
            self._decide("amend", side=one.side, sl=str(stop), ref_price=str(self._bid()))

        self._on_position(tighter)

    def cancel(self) -> None:
        self.bench.desk.decide_and_stage("cancel", side="any")

    # The market, and other hands.

    def drift(self) -> None:
        self._price(self._bid() + self.chance.randint(-60, 60) * POINT)

    def jump(self) -> None:
        self._price(
            self._bid() + self.chance.choice((-1, 1)) * self.chance.randint(200, 700) * POINT
        )

    def manual_trade(self) -> None:
        lots = Decimal(self.chance.randint(1, 9)) / 100
        self._say("trade", type=self.chance.choice(("buy", "sell")), symbol="EURUSD", volume=lots)

    def manual_close(self) -> None:
        rows = self.bench.broker.truth().positions
        if rows:
            one = rows[self.chance.randrange(len(rows))]
            asked = {"type": _against(one["type"]), "symbol": "EURUSD", "position": one["ticket"]}
            self._say("trade", volume=one["volume"], **asked)

    def money(self) -> None:
        self._say("balance", amount=Decimal(self.chance.randint(-7_000, 13_000)) / 100)

    def stop_removed(self) -> None:
        rows = self.bench.broker.truth().positions
        if rows:
            self._say("position", id=rows[self.chance.randrange(len(rows))]["id"], sl=Decimal(0))

    def reopened(self) -> None:
        rows = self.bench.broker.truth().positions
        if rows:
            keeps = self.chance.random() < 0.5
            number = rows[self.chance.randrange(len(rows))]["id"]
            self._say("reopen", id=number, keep_stops=keeps)

    # The broker's faults.

    def refusal(self) -> None:
        self._request("refuse", retcode=self.chance.choice(REFUSALS), ms=self._slow())

    def executed_unheard(self) -> None:
        self._request("execute", retcode=self.chance.choice((10011, 10012, 10031)), ms=self._slow())

    def executed_late(self) -> None:
        self._request("late", retcode=10012, ms=self.chance.randint(300, 8000), times=1)

    def placed_first(self) -> None:
        self._request("place", ms=self.chance.randint(50, 4000))

    def partial(self) -> None:
        self._request("partial", volume=Decimal(self.chance.randint(1, 6)) / 100)

    def slip(self) -> None:
        self._request("slip", points=self.chance.randint(-5, 45))

    def lag(self) -> None:
        self._request("lag", ms=self.chance.randint(100, 2500))

    def transactions(self) -> None:
        effect = self.chance.choice(("drop", "drop", "repeat", "hold"))
        match = self.chance.choice(("", "deal_add", "order_delete", "history_add"))
        times = self.chance.randint(1, 8)
        self._fault("transaction", effect=effect, match=match, times=times, ms=self._slow())

    def late_history(self) -> None:
        ends = milliseconds(self.bench.now) + self.chance.randint(1000, 12_000)
        effect = self.chance.choice(("late", "late", "empty", "starting"))
        self._fault("history", effect=effect, ms=self.chance.randint(200, 5000), until_ms=ends)

    def connection_lost(self) -> None:
        self._for_a_while("connected", self.chance.randint(1, 15))

    def button_off(self) -> None:
        self._for_a_while("autotrading", self.chance.randint(1, 8))

    # The talk with the server.

    def broken_call(self) -> None:
        self._fault(
            "WebRequest",
            when=self.chance.choice(("before", "after", "after")),
            match=f"executor/{self.chance.choice(CALLS)}",
            retcode=self.chance.choice(STATUSES),
            times=self.chance.randint(1, 3),
            ms=self.chance.choice((0, 0, 800, 3000)),
            text=self.chance.choice(("", "<html>", "{", "{}")),
        )

    def server_away(self) -> None:
        ends = milliseconds(self.bench.now) + self.chance.randint(2, 75) * 1000
        words = {"when": "before", "match": "executor/", "retcode": 5201, "times": 10_000}
        self._fault("WebRequest", until_ms=ends, **words)

    def halt(self) -> None:
        account = self.bench.desk.account.id
        account_halt(account)
        self.bench.seconds(self.chance.uniform(0.5, 6))
        account_resume(account)

    # The program's end.

    def crash(self) -> None:
        point = self.chance.choice(CRASH_POINTS)
        match = self.chance.choice(("journal", "")) if point.startswith("File") else ""
        self.bench.broker.crash(
            point,
            self.chance.choice(("before", "after")),
            nth=self.chance.randint(1, 6 if point == "OrderSend" else 25),
            match=match,
            torn=self.chance.choice((0, 0, 7, 40)),
        )

    def kill(self) -> None:
        self.bench.kill_in = self.chance.randint(0, 12)
        self.bench.torn = self.chance.choice((0, 0, 11, 60))

    def stop(self) -> None:
        if self.bench.step is not None:
            self.bench.stop()

    def globals_lost(self) -> None:
        self._dead()
        (self.bench.home / "terminal" / "globals.txt").unlink(missing_ok=True)

    def journal_lost(self) -> None:
        self._dead()
        self.bench.watch.remember(journal_is_lost=True)
        for one in (self.bench.home / "terminal").glob("MQL5/Files/Fusion/*/journal*"):
            one.unlink()

    def terminal_lost(self) -> None:
        self._dead()
        self.bench.watch.remember(journal_is_lost=True)
        shutil.rmtree(self.bench.home / "terminal")

    # How they are done.

    def _bid(self) -> Decimal:
        return self.bench.bid

    def _price(self, bid: Decimal) -> None:
        self.bench.bid = bid
        self._say("overlay", symbol="EURUSD", kind="fixed", bid=bid, ask=bid + SPREAD)

    def _size(self) -> dict[str, Any]:
        return {"lots": str(Decimal(self.chance.randint(1, 30)) / 100)}

    def _stops(self, side: str, price: Decimal) -> dict[str, Any]:
        away = self.chance.choice((30, 80, 300, 500)) * POINT
        fields: dict[str, Any] = {
            "ref_price": str(price),
            "valid_seconds": self.chance.randint(8, 40),
        }
        down = -1 if side == "buy" else 1
        if self.chance.random() < 0.4:
            fields["sl"] = Target("points", Decimal(self.chance.choice((60, 200, 500))))
        else:
            fields["sl"] = str(price + down * away)
        if self.chance.random() < 0.4:
            fields["tp"] = str(price - down * (away + 20 * POINT))
        return fields

    def _decide(self, verb: str, **fields: Any) -> None:
        self.bench.desk.decide_and_stage(verb, **fields)
        self.bench.entries_look()

    def _on_position(self, act: Callable[[Position], None]) -> None:
        account = self.bench.desk.account
        rows = Position.objects.filter(account=account, closed_at=None).exclude(order=None)
        found = list(rows.order_by("position_ticket"))
        if found:
            act(found[self.chance.randrange(len(found))])

    def _slow(self) -> int:
        return self.chance.choice((0, 0, 0, 400, 3000))

    def _request(self, effect: str, *, times: int = 0, **words: Any) -> None:
        match = self.chance.choice(("deal", "deal", "sltp", "pending", "remove", ""))
        times = times or self.chance.choice((1, 1, 2, 5))
        self._fault("request", effect=effect, match=match, times=times, **words)

    def _fault(self, on: str, **words: Any) -> None:
        self.bench.broker.fault(on, **words)

    def _say(self, verb: str, **words: Any) -> None:
        try:
            self.bench.broker.say(verb, **words)
        except BrokerRefused as refused:
            self.bench.note(f"{verb} refused: {refused}")

    def _for_a_while(self, name: str, seconds: int) -> None:
        self._say("account", **{name: False})
        self.bench.seconds(seconds)
        self._say("account", **{name: True})

    def _dead(self) -> None:
        if self.bench.step is not None:
            self.bench.kill()


def _against(side: str) -> str:
    return "sell" if side == "buy" else "buy"


# How often each is drawn.
WEIGHTS: Final[dict[Callable[[Acts], None], int]] = {
    Acts.entry: 34,
    Acts.resting_entry: 14,
    Acts.exit: 12,
    Acts.partial_exit: 5,
    Acts.amend: 5,
    Acts.cancel: 4,
    Acts.drift: 12,
    Acts.jump: 4,
    Acts.manual_trade: 2,
    Acts.manual_close: 2,
    Acts.money: 2,
    Acts.stop_removed: 2,
    Acts.reopened: 2,
    Acts.refusal: 8,
    Acts.executed_unheard: 5,
    Acts.executed_late: 3,
    Acts.placed_first: 3,
    Acts.partial: 3,
    Acts.slip: 2,
    Acts.lag: 3,
    Acts.transactions: 4,
    Acts.late_history: 3,
    Acts.connection_lost: 2,
    Acts.button_off: 1,
    Acts.broken_call: 10,
    Acts.server_away: 2,
    Acts.halt: 1,
    Acts.crash: 8,
    Acts.kill: 5,
    Acts.stop: 2,
    Acts.globals_lost: 1,
    Acts.journal_lost: 1,
    Acts.terminal_lost: 1,
}
