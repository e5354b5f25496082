"""`make ea-fuzz`: seeded runs of the compiled Expert Advisor under faults, in two processes.

    python -m tests.e2e.ea.fuzz [--runs 1000] [--first 1] [--seed 7] [--workers 2]

Each run lives in a database of its own on the movable clock, in lockstep with the real server and a
simulated broker. Prints what goes on, each seed that found a fault and how to repeat it, and a
summary as one JSON line; exit status 1 where there was a fault. `--seed` repeats one run, says all
that happened in it, and runs it twice: both must be the same.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.e2e.ea.fuzz.worker import django_start, run

if TYPE_CHECKING:
    from tests.e2e.ea.fuzz.running import Outcome

_PROGRESS_EVERY = 25


def outcomes(seeds: list[int], binary: Path, workers: int) -> Iterator["Outcome"]:
    """Of each seed, as they come."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for done in as_completed([pool.submit(run, seed, binary) for seed in seeds]):
            yield done.result()


def fuzz(seeds: list[int], binary: Path, workers: int) -> int:
    """Runs them all; the exit status."""
    began, failed, sums = time.monotonic(), [], dict.fromkeys(("acts", "deals", "deaths"), 0)
    for count, one in enumerate(outcomes(seeds, binary, workers), 1):
        for name in sums:
            sums[name] += getattr(one, name)
        if one.faults:
            failed.append(one.seed)
            _say(f"seed {one.seed}: {'; '.join(one.faults)}")
            _say(f"  repeat it: make ea-fuzz SEED={one.seed}")
        if count % _PROGRESS_EVERY == 0:
            _say(f"{count} of {len(seeds)} runs, {time.monotonic() - began:.0f} s")
    seconds = round(time.monotonic() - began, 1)
    return _summary(runs=len(seeds), failed=sorted(failed), seconds=seconds, **sums)


def repeat(seed: int, binary: Path) -> int:
    """One run, told whole, twice."""
    first, second = list(outcomes([seed, seed], binary, 1))
    _say(first.log)
    for fault in first.faults:
        _say(f"fault: {fault}")
    same = first.trace == second.trace
    _say(f"trace {first.trace}, again {second.trace}" + ("" if same else ": IT DID NOT REPEAT"))
    failed = [seed] if first.faults or not same else []
    return _summary(runs=2, failed=failed, seconds=round(first.seconds + second.seconds, 1))


def _summary(*, failed: list[int], **figures: Any) -> int:
    _say(json.dumps({"name": "ea_fuzz", **figures, "failed": failed, "met": not failed}))
    return 1 if failed else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--seed", type=int, help="repeat this run alone")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    from mql5.host.build import toolchain
    from mql5.host.program import HostError

    try:
        toolchain()
    except HostError as lack:
        _say(f"ea-fuzz cannot run here. {lack}")
        return 2
    django_start()
    import_module("tests.database").template_ensure()
    from tests.e2e.ea.conftest import compiled

    given = os.environ.get("EA_BINARY")
    binary = Path(given).resolve() if given else compiled()
    if options.seed is not None:
        return repeat(options.seed, binary)
    seeds = list(range(options.first, options.first + options.runs))
    return fuzz(seeds, binary, options.workers)


if __name__ == "__main__":
    sys.exit(main())
