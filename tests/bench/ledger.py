"""`make bench-ledger`: what posting costs, beside plain Postgres and beside django-hordak.

    python -m tests.bench.ledger [--seconds 5] [--rounds 5] [--only insert,tpcb,post,...]

One cluster with fsync on; at 1, 8 and 32 clients, all contenders in turns, medians of the rounds.
Prints one JSON object a figure, the summary last. Aims are printed, and nothing fails by them.
`post` and hordak move money between two of 64 accounts without kept balances; `handler` posts
waiting deals, and counts entries.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from fusion_project.local.servers.postgres import OWNER
from tests.bench.figures import Figures
from tests.bench.rig import Rig
from tests.bench.turns import ROOT, Crew

CLIENTS = (1, 8, 32)
INSERT, TPCB, POST, HANDLER, HORDAK = "insert", "tpcb", "post", "handler", "hordak"
CONTENDERS = (INSERT, TPCB, POST, HANDLER, HORDAK)
VERIFY, READS = "verify", "reads"
PARTS = (*CONTENDERS, VERIFY, READS)
POST_AIMS, HANDLER_AIM = {1: 1.0, 8: 1.0, 32: 1.5}, 2.5
VERIFIED_PER_SECOND, VERIFIED_ENTRIES = 25_000, 50_000
# More than a round can post, so that no client runs out of deals.
DEALS_PER_SECOND = 4_000
HORDAK_PYTHON = ROOT / ".local" / "hordak" / "bin" / "python"
VERIFIER = ROOT / "docs" / "verify" / "verify_ledger.py"

Turn = Callable[[int], float]


def bench_ledger(seconds: int, rounds: int, parts: list[str]) -> Figures:
    """Run the parts that are asked for."""
    figures = Figures()
    with ExitStack() as running:
        rig = running.enter_context(Rig())
        ours = running.enter_context(
            Crew([sys.executable, "-m", "tests.bench.ledger_clients"], rig.env())
        )
        ours.once("seed")
        turns = _turns(rig, ours, seconds)
        if HORDAK in parts:
            hordak = running.enter_context(_hordak(rig))
            hordak.once("seed")
            turns[HORDAK] = lambda clients: hordak.per_second("transfer", clients, seconds)
        _say_turns(figures, [one for one in CONTENDERS if one in parts], turns, rounds)
        if VERIFY in parts:
            _say_verified(figures, rig, ours)
    if READS in parts:
        import_module("tests.bench.ledger_reads").reads(figures)
    return figures


def _turns(rig: Rig, ours: Crew, seconds: int) -> dict[str, Turn]:
    def handle(clients: int) -> float:
        ours.once("fill", count=DEALS_PER_SECOND * seconds)
        return ours.per_second(HANDLER, clients, seconds)

    return {
        INSERT: lambda clients: rig.pgbench(clients, seconds),
        TPCB: lambda clients: rig.pgbench_tpcb(clients, seconds),
        POST: lambda clients: ours.per_second(POST, clients, seconds),
        HANDLER: handle,
    }


def _hordak(rig: Rig) -> Crew:
    """Its clients, on a database of its own in the same cluster."""
    rig.value("CREATE DATABASE hordak OWNER fusion_owner")
    told = conninfo_to_dict(rig.postgres.url(OWNER, "hordak"))
    names = {
        "dbname": "NAME",
        "user": "USER",
        "password": "PASSWORD",
        "host": "HOST",
        "port": "PORT",
    }
    database = {names[key]: value for key, value in told.items() if key in names}
    env = {
        "DJANGO_SETTINGS_MODULE": "tests.bench.hordak.settings",
        "HORDAK_DATABASE": json.dumps(database),
    }
    return Crew([str(HORDAK_PYTHON), "-m", "tests.bench.hordak.clients"], env)


def _say_turns(figures: Figures, names: list[str], turns: dict[str, Turn], rounds: int) -> None:
    """Each round all contenders in another order, at each number of clients."""
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    for number in range(rounds):
        first = number % max(1, len(names))
        for clients in CLIENTS:
            for name in names[first:] + names[:first]:
                found[name, clients].append(turns[name](clients))
    medians = {key: round(statistics.median(rates), 1) for key, rates in found.items()}
    for (name, clients), rate in sorted(medians.items()):
        figures.say(f"{name}_c{clients}_per_second", rate)
        rates = found[name, clients]
        figures.say(f"{name}_c{clients}_spread", round(max(rates) / max(min(rates), 0.001), 2))
    for clients in CLIENTS:
        for name, aim in ((POST, POST_AIMS[clients]), (HANDLER, HANDLER_AIM)):
            for other, is_aimed in ((HORDAK, True), (INSERT, False), (TPCB, False)):
                if {name, other} <= set(names):
                    figures.say(
                        f"{name}_of_{other}_c{clients}",
                        medians[name, clients],
                        reference=medians[other, clients],
                        aim=aim if is_aimed else None,
                    )


def _say_verified(figures: Figures, rig: Rig, ours: Crew) -> None:
    """The stranger's program over an export, its own start included."""
    while (count := rig.value("SELECT count(*) FROM treasury_entry")) < VERIFIED_ENTRIES:
        ours.once("fill", count=min(10_000, VERIFIED_ENTRIES - count))
        ours.per_second(HANDLER, 2, 30)
    began = time.perf_counter()
    sealed = ours.once("seal")
    figures.say("sealed_entries_per_second", round(sealed / (time.perf_counter() - began), 1))
    file = Path(rig.home) / "ledger.jsonl"
    rig.python(["manage.py", "export_seal", "--book", "paper", "-o", str(file)])
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), str(file)], capture_output=True, text=True, check=True
    )
    took = time.perf_counter() - began
    print(json.dumps({"name": "verified", "told": done.stdout.splitlines()[-1:]}), flush=True)
    figures.say("verified_entries_per_second", round(count / took), aim=VERIFIED_PER_SECOND)


def main() -> int:
    """Run the bench."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5, help="of each turn")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {', '.join(PARTS)}")
    options = parser.parse_args()
    parts = options.only.split(",")
    odd = sorted(set(parts) - set(PARTS))
    if odd:
        parser.error(f"no part {', '.join(odd)}; there are {', '.join(PARTS)}")
    bench_ledger(options.seconds, options.rounds, parts).end("bench_ledger")
    return 0


if __name__ == "__main__":
    sys.exit(main())
