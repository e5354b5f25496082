"""`make chaos`: 300 alerts over real HTTP while workers are killed and Redis is flushed, stopped.

    python -m tests.drills.chaos [--alerts 300] [--keep]

Every second alert is the exit of an earlier entry. Afterwards `checks` counts.
"""

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx2
import redis

from fusion_project.local.market.rules.alert_text import (
    HAND_STRATEGY,
    entry_message,
    exit_message,
    message_text,
)
from fusion_project.local.market.rules.prices import INSTRUMENTS, Market
from fusion_project.local.servers.redis import EmbeddedRedis
from tests.drills.checks import Finding, count_finding, findings, table
from tests.drills.trial import Trial, TrialFailed

WORKER_KILLS, REDIS_FLUSHES = 10, 3
SECONDS_PER_ALERT = 0.4
# An exit follows its entry by this many alerts, so that most positions are open by then.
EXIT_AFTER = 24
QUIET_SECONDS = 240.0
STOP_SHARE = Decimal("0.01")
_UNDONE = """
    SELECT (SELECT count(*) FROM events_handling WHERE done_at IS NULL AND due_at IS NOT NULL)
         + (SELECT count(*) FROM execution_position WHERE closed_at IS NULL)
         + (SELECT count(*) FROM execution_position p WHERE closed_at IS NOT NULL AND net <> 0
            AND NOT EXISTS (SELECT 1 FROM treasury_entry e WHERE e.idem_key LIKE
                'tok:' || p.account_id || ':' || p.position_ticket || ':%%'))
         + (SELECT count(*) FROM signals_decision WHERE state = 'proposed')
"""


@dataclass
class Poster:
    """Posts the alerts from a thread of its own, as TradingView would: again after a 5xx."""

    url: str
    count: int
    sent: int = 0
    resent: int = 0
    failures: list[str] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        try:
            with httpx2.Client(timeout=3.0, trust_env=False) as http:
                for message in self._messages():
                    self._post(http, message_text(message))
                    self.sent += 1
                    time.sleep(SECONDS_PER_ALERT)
        except Exception as error:  # a thread's error must reach the table
            self.failures.append(repr(error))
        finally:
            self.done.set()

    def _messages(self) -> Iterator[dict[str, Any]]:
        waiting: list[dict[str, Any]] = []
        entries = 0
        while entries < self.count // 2 or waiting:
            if waiting and (len(waiting) > EXIT_AFTER // 2 or entries >= self.count // 2):
                yield self._exit(waiting.pop(0))
            if entries < self.count // 2:
                waiting.append(self._entry(entries))
                entries += 1
                yield waiting[-1]

    def _entry(self, number: int) -> dict[str, Any]:
        instrument = INSTRUMENTS[sorted(INSTRUMENTS)[number % len(INSTRUMENTS)]]
        at = datetime.now(UTC)
        quote = Market().quote(instrument.name, at)
        assert quote is not None
        side = "buy" if number % 2 else "sell"
        return entry_message(
            script=HAND_STRATEGY,
            instrument=instrument,
            bar_open_at=at,
            sent_at=at,
            side=side,
            price=quote.ask if side == "buy" else quote.bid,
            stop_share=STOP_SHARE,
            payoff=Decimal(2),
            reason="chaos",
        )

    def _exit(self, entry: dict[str, Any]) -> dict[str, Any]:
        at = datetime.now(UTC)
        return exit_message(
            script=HAND_STRATEGY,
            instrument=INSTRUMENTS[entry["symbol"]],
            bar_open_at=at,
            sent_at=at,
            entry_side=entry["side"],
            trade_id=entry["trade_id"],
            price=Decimal(entry["ref_price"]),
            reason="chaos",
        )

    def _post(self, http: httpx2.Client, text: str) -> None:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        for attempt in range(4):
            try:
                status = http.post(self.url, content=text, headers=headers).status_code
            except httpx2.HTTPError:
                status = 0
            if status in (200, 202):
                return
            if status and status < 500:
                break
            self.resent += attempt < 3
            time.sleep(1)
        self.failures.append(f"an alert was answered {status}")


@dataclass
class Chaos:
    """Ten kills, three flushes and one stop of Redis, spread over the alerts' time."""

    trial: Trial
    server: EmbeddedRedis
    say: Callable[[str], None]
    kills: int = 0
    flushes: int = 0
    stops: int = 0
    last_worker: int = 0

    def run(self, poster: Poster) -> None:
        """Go on until all alerts are out and everything planned was done."""
        planned = self._plan()
        while not poster.done.is_set() or planned or self.kills < WORKER_KILLS:
            share = poster.sent / poster.count
            while planned and planned[0][0] <= share:
                planned.pop(0)[1]()
            if self.kills < WORKER_KILLS and share >= self.kills / WORKER_KILLS:
                self._kill_worker()
            if poster.failures:
                raise TrialFailed(poster.failures[0])
            time.sleep(0.1)

    def findings(self) -> list[Finding]:
        """That the trouble was really made."""
        return [
            count_finding("workers killed", self.kills, WORKER_KILLS),
            count_finding("Redis flushed", self.flushes, REDIS_FLUSHES),
            count_finding("Redis stopped and started again", self.stops, 1),
        ]

    def _plan(self) -> list[tuple[float, Callable[[], None]]]:
        return [
            (0.20, self._flush),
            (0.40, self._stop),
            (0.55, self._start),
            (0.65, self._flush),
            (0.85, self._flush),
        ]

    def _kill_worker(self) -> None:
        """SIGKILL the worker's master; one that is down already does not count."""
        pid = self.trial.pids().get("worker", 0)
        if not pid or pid == self.last_worker:
            return
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.last_worker = pid
        self.kills += 1
        self.say(f"worker killed ({self.kills} of {WORKER_KILLS})")

    def _flush(self) -> None:
        redis.Redis.from_url(self.server.url).flushall()
        self.flushes += 1
        self.say(f"Redis flushed ({self.flushes} of {REDIS_FLUSHES})")

    def _stop(self) -> None:
        self.server.stop()
        self.say("Redis stopped")

    def _start(self) -> None:
        self.server.start()
        self.stops += 1
        self.say("Redis started again")


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Post alerts while workers and Redis are killed; then count."
    )
    parser.add_argument("--alerts", type=int, default=300, help="default 300; an even number")
    parser.add_argument("--keep", action="store_true", help="keep the home and name it")
    options = parser.parse_args()
    trial = Trial(keep=options.keep, env={"SAMPLE_MARKET": "off"})
    server = EmbeddedRedis(trial.home.path / "chaos-redis")
    say(f"Starting everything in {trial.home.path}")
    try:
        is_fine = _trial_run(trial, server, options.alerts)
        trial.check_stopped()
    except TrialFailed as failure:
        print(f"Chaos failed: {failure}", file=sys.stderr)
        return 1
    finally:
        server.stop()
        if options.keep:
            say(f"kept: {trial.home.path}")
    say("Chaos passed." if is_fine else "Chaos failed.")
    return 0 if is_fine else 1


def _trial_run(trial: Trial, server: EmbeddedRedis, alerts: int) -> bool:
    server.start()
    trial.set_env("REDIS_URL", server.url)
    with trial:
        began = time.monotonic()
        poster = Poster(trial.access["hooks"][HAND_STRATEGY], alerts)
        threading.Thread(target=poster.run, name="poster", daemon=True).start()
        chaos = Chaos(trial, server, say)
        chaos.run(poster)
        say(f"{poster.sent} alerts out, {poster.resent} sent again; waiting until all is quiet")
        _wait_until_quiet(trial)
        say(f"quiet after {time.monotonic() - began:.0f} s")
        rows = [*chaos.findings(), *findings(trial, alerts=alerts, closed_min=alerts // 3)]
        say(table(rows))
    return all(row.is_fine for row in rows)


def _wait_until_quiet(trial: Trial) -> None:
    """Two quiet looks in a row, a heartbeat apart; the table tells what never came to rest."""
    quiet_since = 0.0
    deadline = time.monotonic() + QUIET_SECONDS
    while time.monotonic() < deadline:
        if trial.value(_UNDONE):
            quiet_since = 0.0
        elif not quiet_since:
            quiet_since = time.monotonic()
        elif time.monotonic() - quiet_since > 5:
            return
        time.sleep(0.5)
    say("not quiet in time")


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
