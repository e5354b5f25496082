"""`make sim-ledger`: seeded operations on the real ledgers, beside a model; what differs is told.

    python -m tests.drills.sim --ops 100000 --seed 1 [--every N] [--fault NAME]

Without fsync: what dies here are processes and connections, whose work the server rolls back; a
server without power is another test. On disk, so that a million operations need no memory.
"""

import argparse
import os
import sys
import tempfile
from importlib import import_module

SAY_SECONDS = 10


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ops", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=0, help="operations between two looks")
    parser.add_argument("--fault", default="", help="plant this fault, to see it found")
    options = parser.parse_args()
    os.environ["FUSION_TEST_FOLDER"] = tempfile.gettempdir()
    import_module("tests.embedded")  # starts a server of its own
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fusion_project.settings")
    import_module("django").setup()
    import_module("logging").disable("CRITICAL")
    database, faults = (import_module(f"tests.{one}") for one in ("database", "drills.sim.faults"))
    running = import_module("tests.drills.sim.running")
    database.template_ensure()
    every = options.every or max(200, options.ops // 50)
    run = running.Run(options.seed, options.ops, every, lambda text: print(text, flush=True))
    run.say_seconds = SAY_SECONDS
    with database.pointed_at(database.clone_create()), faults.planted(options.fault):
        found = run.go()
    for line in found:
        print(f"DIFFERENCE at operation {run.number}, seed {options.seed}: {line}")
    print(f"sim_ledger: {run.number} operations, seed {options.seed}, {len(found)} differences")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
