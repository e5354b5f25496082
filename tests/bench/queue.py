"""`make bench-queue`: how soon an executor has an order, and what a long past costs.

    python -m tests.bench.queue [--seconds 8] [--rows 100000] [--only received,path,growth]

Prints one JSON object a line, the summary last; exit status 1 where an aim was missed. The past is
written by a superuser with triggers off, in the bench's own cluster (`past.py`).
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from fusion_project.front.command import WEB_WORKERS
from fusion_project.front.kinds import API
from fusion_project.local.run.stack import ROOT
from tests.bench.executors import Crew, Taken
from tests.bench.figures import Figures
from tests.bench.load import Plan
from tests.bench.past import past_write
from tests.bench.path import alerts_send
from tests.bench.rig import Rig, send

DESKS = "1,50,500"
PARTS = ("received", "path", "growth")
ORDERS_PER_SECOND, ALERTS_PER_SECOND = 8, 4
# How long each asks to wait: those that trade 2 s; of 500 most do not.
WAITS, WAITS_OF_MANY, MANY = 2, 10, 100
# Executors are at work before the first order and a while after the last one, many for longer.
AFTER_SECONDS, MORE_OF_EACH = 3, 0.02
POLLERS = WEB_WORKERS * API.threads
P50_MS, P99_MS, AIMED_AT = 20, 100, 50
PATH_DESKS, PATH_P50_MS, PATH_FIRST_MS, NEVER_SECONDS = 10, 60, 500, 60
SIZES, TIMES, GROWTH = (1_000, 100_000), 60, 1.3
# Reads by index: none of them may turn into a reading of all.
JUDGED = ("poll", "staging")

Desks = list[dict[str, str]]


def bench_queue(seconds: int, rows: int, crews: list[int], parts: list[str]) -> int:
    """Staging to received, waiting beside polling; the whole path; what a long past costs."""
    figures = Figures()
    with Rig() as rig:
        desks: Desks = _desks(rig, "seed", max(crews) if "received" in parts else PATH_DESKS)
        if "received" in parts:
            for count in crews:
                with rig.web() as port:
                    _say_received(figures, rig, port, desks[:count], seconds)
                    if count == crews[0]:
                        _say_polls(figures, rig, port, seconds)
        if "path" in parts:
            _say_path(figures, rig, desks[:PATH_DESKS], seconds)
        if "growth" in parts:
            _say_growth(figures, rig, rows)
    return figures.end("bench_queue")


def _say_received(figures: Figures, rig: Rig, port: int, desks: Desks, seconds: int) -> None:
    count = len(desks)
    logins = ",".join(desk["login"] for desk in desks)
    for how, waits in (("polling", 0), ("waiting", WAITS_OF_MANY if count >= MANY else WAITS)):
        committed, taken = _beside(
            Crew(port, desks, waits),
            lambda: _desks(rig, "stage", ORDERS_PER_SECOND, seconds, logins),
        )
        name = f"{how}_{count}"
        figures.say(f"{name}_staged", len(committed), reference=ORDERS_PER_SECOND * seconds)
        is_judged = how == "waiting" and count == AIMED_AT
        aims = {0.5: P50_MS, 0.99: P99_MS} if is_judged else {}
        _say_took(figures, f"{name}_received", committed, taken, aims)
        figures.say(f"{name}_calls_per_second", round(sum(taken.calls.values()) / taken.seconds, 1))
        figures.say(f"{name}_turned_away", taken.refused)


def _say_took(
    figures: Figures,
    name: str,
    since: Mapping[str, float],
    taken: Taken,
    aims: Mapping[float, float],
) -> None:
    took = sorted(
        (taken.received[order] - at) * 1000
        for order, at in since.items()
        if order in taken.received
    )
    figures.say(name, len(took), reference=len(since), aim=1.0)
    for share in (0.5, 0.99):
        at = round(took[min(len(took) - 1, int(share * len(took)))], 1)
        figures.say(f"{name}_p{share * 100:.0f}_ms", at, aim=aims.get(share), at_most=True)


def _say_polls(figures: Figures, rig: Rig, port: int, seconds: int) -> None:
    """As many connections as there are threads for them, so that none waits in line."""
    polls = send(Plan(port, ["/api/v1/executor/poll"], POLLERS, seconds, "poll", key=rig.key))
    answered = polls.statuses.get("200", 0)
    figures.say(f"polls_c{POLLERS}_per_second", round(answered / polls.seconds, 1))
    figures.say(f"polls_c{POLLERS}_p99_ms", polls.at(0.99))


def _say_path(figures: Figures, rig: Rig, desks: Desks, seconds: int) -> None:
    """From the sending of an alert to the executor that has its order; the first by itself."""
    with rig.everything() as port:
        sent, taken = _beside(
            Crew(port, desks, WAITS),
            lambda: alerts_send(rig, port, desks, ALERTS_PER_SECOND, seconds),
        )
    first = min(sent, key=lambda order: sent[order])
    at = sent.pop(first)
    took = round((taken.received.get(first, at + NEVER_SECONDS) - at) * 1000, 1)
    figures.say("path_first_ms", took, aim=PATH_FIRST_MS, at_most=True)
    alerts = ALERTS_PER_SECOND * seconds - 1
    figures.say("path_orders_of_alerts", len(sent), reference=alerts, aim=1.0)
    _say_took(figures, "path_received", sent, taken, {0.5: PATH_P50_MS})


def _beside(crew: Crew, work: Callable[[], dict[str, float]]) -> tuple[dict[str, float], Taken]:
    """Do the work while the executors are there."""
    process = _crew_start(crew)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        done = work()
        time.sleep(AFTER_SECONDS + len(crew.desks) * MORE_OF_EACH)
    finally:
        text, _ = process.communicate()
    return done, Taken(**json.loads(text))


def _say_growth(figures: Figures, rig: Rig, rows: int) -> None:
    """Each size beside the smallest: how long, how many rows are read, and how they are found."""
    desk = _desks(rig, "time", 1)
    written, small = 0, dict[str, Any]()
    for size in sorted({*(one for one in SIZES if one < rows), rows}):
        began = time.monotonic()
        past_write(
            rig.superuser_url,
            account_id=desk["account_id"],
            strategy_id=desk["strategy_id"],
            first=written + 1,
            last=size,
        )
        figures.say(f"past_{size}_written_seconds", round(time.monotonic() - began, 1))
        written = size
        found: dict[str, Any] = _desks(rig, "time", TIMES)
        small = small or found
        for what in found["ms"]:
            aim = GROWTH if what in JUDGED else None
            for unit in ("ms", "rows"):
                figures.say(
                    f"{what}_{unit}_at_{size}_finished",
                    found[unit][what],
                    reference=small[unit][what],
                    aim=aim,
                    at_most=True,
                )
            ways = {"name": f"{what}_ways_at_{size}_finished", "ways": found["ways"][what]}
            print(json.dumps(ways), flush=True)


def _desks(rig: Rig, *words: object) -> Any:
    arguments = ["-m", "tests.bench.desks", *(str(word) for word in words)]
    return json.loads(rig.python(arguments))


def _crew_start(crew: Crew) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.executors"],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(asdict(crew)) + "\n")
    process.stdin.flush()
    return process


def main() -> int:
    """Run the bench."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=8, help="of staging, each time")
    parser.add_argument("--rows", type=int, default=100_000, help="finished orders at the most")
    parser.add_argument("--desks", default=DESKS, help="how many executors, rising")
    parser.add_argument("--only", default=",".join(PARTS), help="parts of it, by comma")
    options = parser.parse_args()
    crews = [int(one) for one in options.desks.split(",")]
    return bench_queue(options.seconds, options.rows, crews, options.only.split(","))


if __name__ == "__main__":
    sys.exit(main())
