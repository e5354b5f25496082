"""A desk whose executor is the compiled Expert Advisor, in step with the server's movable clock.

The driver sets the database's clock to the program's wherever the program waits, so that server,
program and broker live in one time; handlers and periodic jobs run between two beats.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.db import connection

from execution.models import BrokerAccount, Deal, Order, Position, Report, Terminal
from execution.services.asking_again import ask_again_all
from execution.services.leases import lease_expire_all, order_expire_due
from execution.services.reconciling import account_reconcile_all
from execution.services.silence import executor_watch
from execution.services.unresolved import orders_watch
from fusion_project.events.work import handler_work_off
from fusion_project.incidents.models import Incident
from fusion_project.local.market.rules.prices import INSTRUMENTS
from mql5.host import running
from mql5.host.broker import Broker, Row, Truth, Value, sample_symbol
from mql5.host.running import CRASHED, Ended, Lockstep, Yielded
from tests.builders.execution import Desk, desk_make

START: Final = datetime(2026, 3, 2, 10, tzinfo=UTC)  # a Monday
SERVER, LOGIN = "Sim-Demo", "5001"
BID, ASK = Decimal("1.10000"), Decimal("1.10010")
OFFSET_SECONDS = 7200
TIMER_MS = 500
# A step of the program may take so long on a machine that has much to do.
BUSY_SECONDS = 300
# Until hello is said, the history settled and the account measured.
WARM_UP = 8


def fnv_1a(text: str) -> int:
    """The program's checksum of a line, and what it names its files by."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def journal_line(text: str) -> str:
    """A change as the program's journal keeps it."""
    return f"{fnv_1a(text):016x} {text}\n"


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


# What drain does for executors beside the handlers, and how often.
JOBS: Final[tuple[tuple[int, Callable[[], Any]], ...]] = (
    (2_000, lease_expire_all),
    (2_000, order_expire_due),
    (2_000, ask_again_all),
    (2_000, orders_watch),
    (5_000, executor_watch),
    (10_000, account_reconcile_all),
)


def handlers_run() -> int:
    """Works off what is due, handler by handler, until nothing is."""
    total = 0
    while names := _due_handlers():
        total += sum(handler_work_off(name)[0] for name in names)
    return total


def _due_handlers() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT handler FROM events_handling"
            " WHERE done_at IS NULL AND due_at <= events_now() ORDER BY handler"
        )
        return [row[0] for row in cursor.fetchall()]


class Drain:
    """Handlers that have something to do, and the jobs whose time has come."""

    def __init__(self) -> None:
        self._due = dict.fromkeys(JOBS, 0)

    def work(self, now_ms: int) -> None:
        handlers_run()
        for period_ms, job in JOBS:
            if now_ms >= self._due[period_ms, job]:
                self._due[period_ms, job] = now_ms + period_ms
                job()


class Bench:
    """One account, one terminal, one server. `seconds(n)` lets them all live for so long."""

    def __init__(
        self,
        *,
        live_url: str,
        home: Path,
        binary: Path,
        symbol: dict[str, Value] | None = None,
        others: Sequence[Mapping[str, Value]] = (),
        account: dict[str, Value] | None = None,
        desk: dict[str, Any] | None = None,
        **inputs: object,
    ) -> None:
        self.url, self.home, self.binary = live_url, home, binary
        self._drain = Drain()
        self.now = START
        self._works_at = 0
        self.works = True  # handlers and periodic jobs
        self._set_clock(milliseconds(START))
        self.desk: Desk = desk_make(
            **{"server": SERVER, "login": LOGIN, "equity": None, "balance": None, **(desk or {})}
        )
        self.broker = Broker(home / "broker")
        terms = sample_symbol(INSTRUMENTS["EURUSD"], **{"filling": 3, **(symbol or {})})
        self.broker.open(
            [terms, *others],
            **{
                "login": int(LOGIN),
                "server": SERVER,
                "offset_s": OFFSET_SECONDS,
                **(account or {}),
            },
        )
        self._first_deposit()
        self.inputs = inputs
        self.runs = 0
        self.step: Lockstep | None = None
        self.crashed: Ended | None = None
        self.start()

    def _first_deposit(self) -> None:
        """An hour before, so that it is history by the time the program looks."""
        before = milliseconds(START - timedelta(hours=1))
        self.broker.say("balance", at=before, amount=Decimal(10_000))
        self.broker.say(
            "overlay", at=before, symbol="EURUSD", kind="fixed", bid=BID, ask=ASK, from_ms=before
        )

    # The program.

    def start(self, **inputs: object) -> None:
        """Starts a terminal on this home; what it wrote before is there."""
        self.runs += 1
        self.inputs |= inputs
        terminal = running.Terminal(
            self.home / "terminal",
            clock="lockstep",
            start=self.now,
            allowed=[self.url],
            inputs=self.settings(),
            broker=self.broker.folder,
        )
        log = self.home / f"run-{self.runs}.log"
        self.step = Lockstep(self.binary, terminal, log, limit=BUSY_SECONDS)
        self.broker.step = self.step
        if self.step.yielded is None:
            self._ended(self.step.stop())

    def settings(self) -> dict[str, str]:
        """The inputs of the program."""
        settings = {
            "InpServerUrl": self.url,
            "InpKey": self.desk.key_text,
            "InpLogin": LOGIN,
            "InpServer": SERVER,
            "InpTimerMilliseconds": TIMER_MS,
            "InpBarMinutes": 0,  # 500 bars at each start are told where they are looked at
            **{f"Inp{name}": value for name, value in self.inputs.items()},
        }
        return {name: _text(value) for name, value in settings.items()}

    def stop(self) -> None:
        """Ends it as a person would."""
        assert self.step is not None
        self._ended(self.step.stop())

    def kill(self, torn_bytes: int = 0) -> None:
        assert self.step is not None
        self._ended(self.step.kill(torn_bytes))

    def restart(self, silence_seconds: float = 16, **inputs: object) -> None:
        """Starts it anew after so long; the server takes a run of 15 s of silence for gone."""
        if self.step is not None:
            self.kill()
        self.pass_time(silence_seconds)
        self.start(**inputs)

    def _ended(self, ended: Ended) -> None:
        self.crashed = ended if ended.code == CRASHED else None
        self.broker.step = None
        assert self.step is not None
        with self.step:
            self.step = None

    @property
    def log(self) -> str:
        return "".join(
            (self.home / f"run-{number}.log").read_text() for number in range(1, self.runs + 1)
        )

    # Time.

    def seconds(self, count: float) -> None:
        """Everybody lives for so long; a crash ends the program, the rest goes on."""
        self._live_until(self.now + timedelta(seconds=count))

    def until(self, holds: Callable[[], Any], seconds: float = 60) -> None:
        """Lives until something holds. Fails after so many seconds of the benches' time."""
        end = self.now + timedelta(seconds=seconds)
        while not holds():
            assert self.now < end, f"it did not come to hold within {seconds} s\n{self.log}"
            self.seconds(1)

    def pass_time(self, seconds: float) -> None:
        """Time without a terminal."""
        end = self.now + timedelta(seconds=seconds)
        step = timedelta(seconds=max(5, seconds / 20))
        while self.now < end:
            self.now = min(end, self.now + step)
            self._set_clock(milliseconds(self.now))
            self._server_works()

    def _live_until(self, end: datetime) -> None:
        end_ms = milliseconds(end)
        while self.step is not None and self.step.yielded is not None:
            waits = self.step.yielded
            if waits.wake > end_ms:
                break
            self._set_clock(waits.wake)
            if waits.wake >= self._works_at:
                self._server_works(waits.wake)
                self._works_at = waits.wake + 1000
            self._at_wait(waits)
            if self.step is not None and self.step.go() is None:
                self._ended(self.step.stop())
        self.now = end
        self._set_clock(end_ms)

    def _at_wait(self, waits: Yielded) -> None:
        """Before each step of the program; for those who watch it."""

    def _set_clock(self, now_ms: int) -> None:
        moment = datetime.fromtimestamp(now_ms / 1000, tz=UTC)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE test_only.test_clock SET frozen_at = %s, shift = '0'", [moment])

    def _server_works(self, now_ms: int | None = None) -> None:
        """What drain does: handlers, and the jobs whose time has come."""
        if self.works:
            self._drain.work(milliseconds(self.now) if now_ms is None else now_ms)

    # What each side says.

    def price(self, bid: Decimal | str, spread_points: int = 10) -> None:
        bid = Decimal(bid)
        self.broker.fix_price("EURUSD", bid, bid + Decimal(spread_points) / 100_000)

    def web(
        self,
        call: str,
        status: int,
        *,
        when: str = "before",
        times: int = 1,
        text: str = "",
        ms: int = 0,
    ) -> None:
        """What the next calls get instead of an answer; `after` lets the server do its part first.

        A status from 4000 on is an error of the terminal.
        """
        self.broker.fault(
            "WebRequest",
            when=when,
            match=f"executor/{call}",
            retcode=status,
            times=times,
            text=text,
            ms=ms,
        )

    def stage(self, verb: str = "entry", **fields: Any) -> Order:
        return self.desk.stage(verb, **fields)

    def state(self, order: Order) -> str:
        return Order.objects.get(id=order.id).state

    def filled(self, order: Order, seconds: float = 60) -> None:
        """Lives until it is filled."""
        self.until(lambda: self.state(order) == "filled", seconds)

    def truth(self) -> Truth:
        return self.broker.truth()

    def deals_of(self, order: Order) -> list[Row]:
        return [one for one in self.truth().deals if one["magic"] == str(order.id)]

    def told(self, order: Order) -> list[str]:
        """The kinds of reports about an order, in the order they came."""
        return list(
            Report.objects.filter(order=order).order_by("id").values_list("kind", flat=True)
        )

    def incidents(self) -> list[str]:
        return sorted(Incident.objects.filter(closed_at=None).values_list("kind", flat=True))

    def blocked(self) -> list[str]:
        """Why no entry would be sent, as the last heartbeat said."""
        return list(Terminal.objects.get(account=self.desk.account).entries_blocked)

    @property
    def files(self) -> Path:
        return self.home / "terminal" / "MQL5" / "Files" / "Fusion"

    @property
    def journal(self) -> Path:
        (found,) = self.files.glob("*/journal.txt")
        return found

    def end(self, *incidents: str) -> None:
        """All are left to themselves for a while; then all must agree."""
        self.seconds(6)
        self.check(incidents=incidents)

    def check(self, *, incidents: tuple[str, ...] = ()) -> None:
        """Journal, server, broker and ledger agree; run at the end of each scenario."""
        account_reconcile_all()  # drain's next look: our stops follow the broker's
        truth = self.truth()
        self._check_deals(truth)
        self._check_positions(truth)
        self._check_money(truth)
        self._check_reports()
        assert set(self.incidents()) == set(incidents), self.incidents()

    def _check_deals(self, truth: Truth) -> None:
        """Every deal of the account is told, once, whoever made it."""
        ours = {str(one.ticket): one for one in _latest_deals(self.desk.account)}
        assert set(ours) == {one["ticket"] for one in truth.deals}
        for row in truth.deals:
            deal = ours[row["ticket"]]
            told = (deal.volume_lots, deal.price, deal.profit, deal.commission, deal.magic)
            names = ("volume", "price", "profit", "commission", "magic")
            assert told == tuple(Decimal(row[name]) for name in names), row
        for order in Order.objects.filter(account=self.desk.account, verb="entry"):
            # What the broker opens anew has no order.
            opened = [one for one in self.deals_of(order) if one["entry"] == "in"]
            filled = sum(Decimal(one["volume"]) for one in opened if one["order"] != "0")
            assert filled <= order.volume_lots, "more than was ordered"

    def _check_positions(self, truth: Truth) -> None:
        """Both sides have the same positions, and each of ours has its stop."""
        ours = Position.objects.filter(account=self.desk.account, closed_at=None)
        found = {str(one.position_ticket): one for one in ours}
        assert set(found) == {one["id"] for one in truth.positions}
        for row in truth.positions:
            position = found[row["id"]]
            assert position.volume_open_lots == Decimal(row["volume"])
            if position.order_id is not None:
                assert position.sl == Decimal(row["sl"]) > 0, row

    def _check_money(self, truth: Truth) -> None:
        """The ledger's cash is the broker's balance to the cent."""
        told = sum(
            one.profit + one.swap + one.commission + one.fee
            for one in _latest_deals(self.desk.account)
            if one.kind != "credit"
        )
        assert told == truth.balance
        self.desk.account.refresh_from_db()

    def _check_reports(self) -> None:
        """No report is left to tell, and no number is missing."""
        rows = Report.objects.filter(account=self.desk.account)
        for instance in rows.values_list("instance", flat=True).distinct():
            seqs = sorted(rows.filter(instance=instance).values_list("seq", flat=True))
            assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))

    def account(self) -> BrokerAccount:
        return BrokerAccount.objects.get(id=self.desk.account.id)


def _latest_deals(account: BrokerAccount) -> list[Deal]:
    """The last revision of each ticket."""
    rows = Deal.objects.filter(account=account).order_by("ticket", "revision")
    return list({one.ticket: one for one in rows}.values())


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
