"""`make bench-queue`: how soon an executor has an order, and what a long past costs.

    python -m tests.bench.queue [--seconds 8] [--rows 100000]

Prints one JSON object a line, the summary last; exit status 1 where an aim was missed. The past is
written by a superuser with triggers off, in the bench's own cluster.
"""

import argparse
import json
import subprocess
import sys
import time
from dataclasses import asdict
from typing import Any

from fusion_project.front.command import WEB_WORKERS
from fusion_project.front.kinds import API
from fusion_project.local.run.stack import ROOT
from tests.bench.executors import Crew, Taken
from tests.bench.figures import Figures
from tests.bench.load import Plan
from tests.bench.rig import Rig, send

DESKS = "1,50,500"
ORDERS_PER_SECOND = 8
# How long each asks to wait: those that trade 2 s; of 500 most do not.
WAITS, WAITS_OF_MANY, MANY = 2, 10, 100
# Executors are at work before the first order and a while after the last one.
BEFORE_SECONDS, AFTER_SECONDS = 4, 3
POLLERS = WEB_WORKERS * API.threads
P50_MS, P99_MS, AIMED_AT = 20, 100, 50
SMALLEST, TIMES, GROWTH = 1_000, 40, 1.3
# Of finished orders: states, and how many of a hundred.
_MIX = {"done": 46, "filled": 30, "rejected": 12, "expired": 8, "cancelled": 4}
_PAST = """
    ALTER TABLE execution_order DISABLE TRIGGER ALL;
    INSERT INTO execution_order
    SELECT (jsonb_populate_record(o, jsonb_build_object(
            'id', o.id + 1000000000 + n, 'decision_id', 1000000000 + n,
            'state', (ARRAY[{states}])[1 + n % 100],
            'trace_id', md5(n::text), 'fence', 1, 'needs_minor', 0,
            'staged_at', o.staged_at - interval '2 minutes' - n * interval '7 seconds',
            'ended_at', o.staged_at - interval '1 minute' - n * interval '7 seconds'))).*
      FROM execution_order o, generate_series({first}, {last}) n
     WHERE o.id = (SELECT min(id) FROM execution_order WHERE account_id = {account});
    ALTER TABLE execution_order ENABLE TRIGGER ALL;
    DO $$ DECLARE one record; BEGIN
        FOR one IN SELECT tgname FROM pg_trigger
            WHERE tgrelid = 'execution_order'::regclass AND NOT tgisinternal
        LOOP
            EXECUTE format('ALTER TABLE execution_order ENABLE ALWAYS TRIGGER %I', one.tgname);
        END LOOP;
    END $$;
"""


def bench_queue(seconds: int, rows: int, crews: list[int]) -> int:
    """Staging to received, waiting beside polling; then polls and stagings by the past's length."""
    figures = Figures()
    with Rig() as rig:
        keys: list[str] = []
        for desks in crews:
            keys += _desks(rig, "seed", desks - len(keys))
            with rig.web() as port:
                _say_received(figures, rig, port, keys, seconds)
                if desks == crews[0]:
                    _say_polls(figures, rig, port, seconds)
        _say_growth(figures, rig, rows)
    return figures.end("bench_queue")


def _say_received(figures: Figures, rig: Rig, port: int, keys: list[str], seconds: int) -> None:
    desks = len(keys)
    for how, waits in (("polling", 0), ("waiting", WAITS_OF_MANY if desks >= MANY else WAITS)):
        crew = _crew_start(Crew(port, keys, waits))
        try:
            time.sleep(BEFORE_SECONDS)
            committed = _desks(rig, "stage", ORDERS_PER_SECOND, seconds)
            time.sleep(AFTER_SECONDS)
        finally:
            text, _ = crew.communicate()
        taken = Taken(**json.loads(text))
        name = f"{how}_{desks}"
        took = sorted(
            (taken.received[order] - at) * 1000
            for order, at in committed.items()
            if order in taken.received
        )
        is_judged = how == "waiting" and desks == AIMED_AT
        figures.say(f"{name}_received", len(took), reference=len(committed), aim=1.0)
        for share, aim in ((0.5, P50_MS), (0.99, P99_MS)):
            at = took[min(len(took) - 1, int(share * len(took)))]
            figures.say(
                f"{name}_p{share * 100:.0f}_ms",
                round(at, 1),
                aim=aim if is_judged else None,
                at_most=True,
            )
        figures.say(f"{name}_calls_per_second", round(sum(taken.calls.values()) / taken.seconds, 1))
        figures.say(f"{name}_turned_away", taken.refused)


def _say_polls(figures: Figures, rig: Rig, port: int, seconds: int) -> None:
    """As many connections as there are threads for them, so that none waits in line."""
    polls = send(Plan(port, ["/api/v1/executor/poll"], POLLERS, seconds, "poll", key=rig.key))
    answered = polls.statuses.get("200", 0)
    figures.say(f"polls_c{POLLERS}_per_second", round(answered / polls.seconds, 1))
    figures.say(f"polls_c{POLLERS}_p99_ms", polls.at(0.99))


def _say_growth(figures: Figures, rig: Rig, rows: int) -> None:
    account = rig.value("SELECT min(id) FROM execution_brokeraccount WHERE name LIKE 'bench desk%'")
    _desks(rig, "time", TIMES)
    written, small = 0, dict[str, Any]()
    for size in sorted({SMALLEST, 100_000, rows} - {0}):
        if size > rows:
            continue
        states = ", ".join(f"'{one}'" for one, many in _MIX.items() for _ in range(many))
        rig.value(_PAST.format(account=account, first=written + 1, last=size, states=states))
        rig.value("ANALYZE execution_order")
        written = size
        found: dict[str, Any] = _desks(rig, "time", TIMES)
        small = small or found
        for what in ("poll", "staging"):
            figures.say(
                f"{what}_ms_at_{size}_finished",
                found[f"{what}_ms"],
                reference=small[f"{what}_ms"],
                aim=GROWTH,
                at_most=True,
            )
            plan = " / ".join(line.strip() for line in found["plans"][what])
            print(json.dumps({"name": f"{what}_plan_at_{size}_finished", "plan": plan}), flush=True)


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
    options = parser.parse_args()
    crews = [int(one) for one in options.desks.split(",")]
    return bench_queue(options.seconds, options.rows, crews)


if __name__ == "__main__":
    sys.exit(main())
