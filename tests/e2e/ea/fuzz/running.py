"""One run of one seed, in a database and a folder of its own, from first act to judgement."""

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, Final

from django.db import connections

from execution.models import Order, Report
from tests import database
from tests.e2e.ea.bench import BID, WARM_UP
from tests.e2e.ea.fuzz.acting import WEIGHTS, Acts
from tests.e2e.ea.fuzz.agreeing import disagreements
from tests.e2e.ea.fuzz.desk import WatchedBench
from tests.e2e.ea.fuzz.serving import Desk, served
from tests.e2e.ea.fuzz.watching import Watch

# How long after the last fault all may take to be told and settled, and a heartbeat more.
SETTLE_SECONDS: Final = 180
AFTER_SECONDS: Final = 22
# What the server tells the program to poll by; the last is near a lease's length.
POLL_SECONDS: Final = ("2", "5", "8")
_PORT: Final = re.compile(r"127\.0\.0\.1:\d+")


@dataclass(frozen=True)
class Outcome:
    """What a seed came to; `trace` is the digest of all that program, broker and server did."""

    seed: int
    faults: tuple[str, ...]
    trace: str
    acts: int
    deals: int
    deaths: int
    seconds: float
    log: str = field(default="", repr=False)


def run_seed(seed: int, binary: Path) -> Outcome:
    """Lives through one run. The process works in the run's folder meanwhile."""
    began, desk, chance = time.monotonic(), Desk(), Random(seed)
    with _database(), _folder(), served(desk, chance.choice(POLL_SECONDS)) as url:
        watch = Watch(desk)
        bench = WatchedBench(watch, live_url=url, home=Path(), binary=binary, **_terms(chance))
        desk.clock_ms, desk.clock_tell = lambda: bench.clock_ms, bench.clock_tell
        try:
            _live(bench, chance)
            found = _judge(bench)
            bench.stop()
        except Exception as error:
            found = [f"{type(error).__name__}: {error}"[:2000]]
            bench.leave()
        faults = tuple(watch.faults + found)
        return Outcome(
            seed,
            faults,
            _trace(bench),
            len(bench.notes),
            len(bench.broker.book_read().deals),
            watch.deaths,
            time.monotonic() - began,
            "\n".join([bench.log, *bench.notes, *map(_order_words, bench.orders())]),
        )


@contextmanager
def _database() -> Iterator[None]:
    """A clone, so that every number is as in the last run of this seed."""
    name = database.clone_create()
    with database.pointed_at(name):
        yield
        connections.close_all()
    database.clone_drop(name)


@contextmanager
def _folder() -> Iterator[None]:
    """The program's names depend on its folder, which is therefore called the same each time."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="fusion-ea-fuzz-") as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def _terms(chance: Random) -> dict[str, Any]:
    """The account, the symbol and the inputs of a run."""
    nets = chance.random() < 0.2
    account: dict[str, Any] = {
        "keep_asked": 1000,
        "margin_mode": "retail_netting" if nets else "retail_hedging",
        "commission": chance.choice((Decimal(0), Decimal(3))),
        "true_when_refused": chance.random() < 0.3,
    }
    symbol: dict[str, Any] = {
        "execution": chance.choice(("market", "market", "instant", "exchange")),
        "filling": chance.choice((1, 2, 3)),
        "depth": chance.choice((Decimal(0), Decimal(0), Decimal("0.05"))),
        "stops_level": chance.choice((0, 0, 20)),
    }
    return {
        "account": account,
        "symbol": symbol,
        "desk": {"margin_mode": "netting" if nets else "hedging"},
        "BarMinutes": chance.choice((0, 0, 0, 1)),
        "TimerMilliseconds": chance.choice((300, 500, 1000)),
    }


def _live(bench: WatchedBench, chance: Random) -> None:
    """The acts of the run, each followed by some seconds of everybody's life."""
    bench.bid = BID
    bench.seconds(WARM_UP)
    doing, kinds, weights = Acts(bench, chance), list(WEIGHTS), list(WEIGHTS.values())
    for act in chance.choices(kinds, weights, k=chance.randint(8, 20)):
        bench.note(act.__name__)
        act(doing)
        bench.seconds(chance.choice((0.1, 0.3, 0.7, 1.2, 2.5)))
        if bench.step is None:
            bench.revive(chance.choice((0, 3, 16, 16, 20)))


def _judge(bench: WatchedBench) -> list[str]:
    """Once nothing is broken any more, all sides come to the same."""
    bench.heal()
    bench.settle(SETTLE_SECONDS)
    bench.seconds(AFTER_SECONDS)
    bench.settle(SETTLE_SECONDS, least=0)
    bench.watch.judge_requests(bench.broker.truth())
    return disagreements(bench)


def _order_words(order: Order) -> str:
    why = f"{order.retcode or ''} {order.reason} {order.message}".strip()
    kind = f"{order.verb} {order.id} {order.order_type} {order.side} {order.volume_lots}"
    return f"{kind}: {order.state} {why}"


def _trace(bench: WatchedBench) -> str:
    """Of the broker's book, the program's words, and what the server was told, and when."""
    told = Report.objects.order_by("id").values_list(
        "instance", "seq", "kind", "order_id", "retcode", "message", "received_at"
    )
    orders = [(one.id, one.verb, one.state, one.fence) for one in bench.orders()]
    text = "\n".join([bench.broker.book.read_text(), bench.log, *map(str, told), *map(str, orders)])
    return hashlib.sha256(_PORT.sub("PORT", text).encode()).hexdigest()[:16]
