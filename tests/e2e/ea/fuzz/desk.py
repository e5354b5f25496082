"""A bench whose every wait is watched, and whose program may be killed at any of them."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from execution.models import Order
from execution.rules.states import ORDER_ENDS, PARTIALLY_FILLED, WORKING
from execution.selectors.unresolved import orders_unresolved
from fusion_project.events.models import Handling
from fusion_project.events.periodic import periodic_names, periodic_prepare, periodic_run
from fusion_project.incidents import kinds
from mql5.host.running import CRASHED, Ended, Yielded
from tests.e2e.ea.bench import START, Bench, handlers_run, milliseconds
from tests.e2e.ea.fuzz.journal import journal_read
from tests.e2e.ea.fuzz.watching import Watch

# Partitions are made by the day and are no part of any trade.
SETTLE_LEAST: Final = 10
_WRONG: Final = {
    *(kinds.FOLD_DIFFERS, kinds.CASH_DIFFERS, kinds.DEALS_UNPOSTED, kinds.HANDLING_PARKED),
    *(kinds.ORDER_OVERFILLED, kinds.REPORTS_MISSING),
}
_LEFT_OUT: Final = "execution.keep_heartbeats"


def jobs() -> list[str]:
    """The periodic jobs of this side of the desk, as drain runs them."""
    apps = ("execution", "treasury")
    return [one for one in periodic_names() if one.split(".")[0] in apps and one != _LEFT_OUT]


class WatchedBench(Bench):
    """`kill_in` counts the waits that are left before the program is killed; `torn` bytes stay."""

    watch: Watch
    kill_in: int | None = None
    torn = 0
    clock_ms = 0
    clock_is_told = False
    bid: Decimal

    def __init__(self, watch: Watch, **fields: Any) -> None:
        self.watch = watch
        watch.bench = self
        self.notes: list[str] = []
        self.entry_magics: set[str] = set()
        self._jobs = jobs()
        self._set_clock(milliseconds(START))
        self.clock_tell()
        periodic_prepare()
        super().__init__(**fields)

    def _at_wait(self, waits: Yielded) -> None:
        self.watch.look(waits)
        if self.kill_in is None:
            return
        self.kill_in -= 1
        if self.kill_in < 0:
            self.kill_in = None
            self.kill(self.torn)

    def _ended(self, ended: Ended) -> None:
        super()._ended(ended)
        self.watch.ended(ended.code, was_killed=ended.code == CRASHED)

    def _set_clock(self, now_ms: int) -> None:
        self.clock_ms, self.clock_is_told = now_ms, False

    def clock_tell(self) -> None:
        """Sets the database's clock, before anybody asks for it."""
        if not self.clock_is_told:
            super()._set_clock(self.clock_ms)
            self.clock_is_told = True

    def _live_until(self, end: datetime) -> None:
        super()._live_until(end)
        self.clock_tell()

    def _server_works(self, now_ms: int | None = None) -> None:
        self.clock_tell()
        if handlers_run():
            self.entries_look()
        for name in due_jobs(self._jobs):
            periodic_run(name)

    def entries_look(self) -> None:
        """An entry that had to wait is staged by a handler, later than it was decided."""
        found = Order.objects.filter(account=self.desk.account, verb="entry")
        self.entry_magics = set(map(str, found.values_list("id", flat=True)))

    def note(self, text: str) -> None:
        self.notes.append(f"{self.now:%H:%M:%S}.{self.now.microsecond // 1000:03} {text}")

    def revive(self, silence_seconds: float) -> None:
        """Starts the program that has ended; it may end again at once."""
        if silence_seconds:
            self.pass_time(silence_seconds)
        self.note("start")
        self.start()

    def leave(self) -> None:
        """Ends the program whatever it does; after a failure of the run itself."""
        if self.step is not None:
            with self.step:
                self.step = None

    def heal(self) -> None:
        """Takes back every fault that is still to strike, and starts the program that ended."""
        self.note("heal")
        self.kill_in = None
        self.broker.say("forget_faults")
        self.broker.say("account", connected=True, autotrading=True)
        if self.step is None:
            self.revive(16)

    def settle(self, seconds: int, least: int = SETTLE_LEAST) -> None:
        """Lives until nobody owes anybody anything; what never comes to that is a fault."""
        self.seconds(least)
        for _ in range(least, seconds, 2):
            if self.is_quiet():
                return
            self.seconds(2)
        left = [f"{one.verb} {one.id} is {one.state}" for one in self.orders()]
        left += self.incidents_wrong()
        self.watch.fault(f"it did not come to rest in {seconds} s: {', '.join(left)}")

    def orders(self) -> list[Order]:
        return list(Order.objects.filter(account=self.desk.account).order_by("id"))

    def is_quiet(self) -> bool:
        """Nobody owes anybody anything: each order rests, is over, or waits for a person."""
        calm = ORDER_ENDS | {WORKING, PARTIALLY_FILLED}
        asked = set(orders_unresolved().values_list("id", flat=True))
        waits = [one for one in self.orders() if one.state not in calm and one.id not in asked]
        return (
            not waits
            and not self.incidents_wrong()
            and not journal_read(self.home / "terminal").untold
        )

    def incidents_wrong(self) -> list[str]:
        """Open incidents that say that two sides differ; they close once both are looked at."""
        return sorted(_WRONG & set(self.incidents()))


def due_jobs(names: list[str]) -> list[str]:
    """Those that are due, marked as taken. A busy drain comes round every five seconds; jobs that
    come every two are a third of all work otherwise.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE events_periodicjob
               SET due_at = events_now() + make_interval(secs => greatest(every_seconds, 5))
               WHERE name = ANY(%s) AND due_at <= events_now() RETURNING name""",
            [names],
        )
        return sorted(row[0] for row in cursor.fetchall())


def handling_errors() -> list[str]:
    """What handlers failed with; waiting for another fact is no failure."""
    rows = Handling.objects.exclude(last_error="").filter(done_at=None, waits=0)
    return [f"{one.handler}: {one.last_error}" for one in rows]
