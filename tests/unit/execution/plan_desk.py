"""A broker and an executor without a server, whose market is moved by hand in points."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from execution.paper.broker import PaperBroker
from execution.paper.executor import PaperExecutor
from execution.paper.journal import Journal
from execution.paper.manners import Manners
from execution.paper.requests import order_fault, order_send
from execution.paper.terms import PaperSymbol, Quote
from execution.rules.plans import LotScale
from execution.rules.prices import PriceScale
from execution.wire import ExecutionReport, body_of, body_read
from execution.wire.answers import LeasedOrder

D = Decimal
START = datetime(2026, 3, 2, 12, tzinfo=UTC)
POINT = D("0.00001")
OPEN = D("1.10000")
PRICES = PriceScale(5, POINT)
LOTS = LotScale(D("0.01"), D("0.01"))
NUMBER = 7


def away(points):
    return {"unit": "points", "value": str(points)}


def plan_of(asked, **more):
    told = {"targets": [{**away(at), "share": str(share)} for at, share in asked.targets], **more}
    if asked.trailing:
        distance, trigger, step = asked.trailing
        told["trailing"] = {"distance": away(distance), "step": away(step)}
        if trigger:
            told["trailing"]["trigger"] = away(trigger)
    if asked.even:
        told["break_even"] = {"trigger": away(asked.even[0])}
        if asked.even[1]:
            told["break_even"]["offset"] = away(asked.even[1])
    return told


class Desk:
    """A broker, an executor without a server, and a market that is moved by hand in points."""

    def __init__(self, home, side="buy", margin_mode="hedging", **symbol):
        self.home, self.side, self.margin_mode = home, side, margin_mode
        self.up = 1 if side == "buy" else -1
        self.at, self.price = START, OPEN
        self.symbol = PaperSymbol("EURUSD", 5, D(100_000), **symbol)
        self.start()

    def start(self):
        self.broker = PaperBroker(
            lambda symbol, at: Quote(self.price, self.price),
            self.home,
            symbols=[self.symbol],
            manners=Manners(slippage_points_max=0),
            margin_mode=self.margin_mode,
            clock=lambda: self.at,
        )
        self.journal = Journal(self.home / "executor.sqlite3")
        self.executor = PaperExecutor(
            client=None,
            broker=self.broker,
            journal=self.journal,
            server="s",
            login="1",
            monotonic=lambda: (self.at - START).total_seconds(),
            clock=lambda: self.at,
        )

    def stop(self):
        self.broker.close()
        self.journal.close()

    def restart(self):
        self.stop()
        self.start()

    def enter(self, lots, stop, plan):
        order = body_of(
            LeasedOrder,
            order_id=str(NUMBER),
            fence=1,
            event="entry",
            broker_symbol="EURUSD",
            side=self.side,
            order_type="market",
            volume_lots=str(D(lots) / 100),
            limit_price=None,
            stop_price=None,
            sl=None,
            tp=None,
            sl_distance=away(-stop),
            position_ticket="0",
            trace_id="a" * 32,
            valid_until=None,
            lease_until="2026-03-02T12:00:10.000Z",
            needs_minor=4,
            plan=plan,
        )
        assert order_fault(order) == ""
        with self.journal.changing():
            self.journal.value_set("server_minor", "4")
            self.journal.order_put(NUMBER, 1, "sent", order)
        assert order_send(self.broker, order).is_success
        self.look()

    def look(self, times=3):
        """The executor looks a few times while the price stands still."""
        for _ in range(times):
            self.at += timedelta(seconds=3)
            self.broker.tick()
            self.executor._lead()

    def move(self, points):
        self.price = OPEN + self.up * points * POINT
        self.look()

    @property
    def position(self):
        return next(iter(self.broker.positions()), None)

    def points(self, price):
        return int((D(price) - OPEN) * self.up / POINT)

    @property
    def stop_points(self):
        return None if self.position is None else self.points(self.position["sl"])

    @property
    def closes(self):
        deals = [one for one in self.broker.deals_of(NUMBER) if one["entry"] == "out"]
        return [(self.points(one["price"]), int(D(one["volume_lots"]) * 100)) for one in deals]

    @property
    def told(self):
        bodies = self.journal.unsent(1000).values()
        reports = [body_read(one.encode(), ExecutionReport) for one in bodies]
        return [one.code for one in reports if one.kind == "step"]
