"""`make bench-beside`: intake of this tree and of another commit, taken in turns on one machine.

    python -m tests.bench.beside COMMIT [--rounds 5] [--seconds 5]

Each turn is a whole `tests.bench.intake` of its own tree, with a database of its own. Prints the
medians and their ratio as the other benches print figures.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fusion_project.local.run.stack import ROOT
from tests.bench.figures import Figures

COMPARED = "accepted_c32_per_second"
RATIO_MIN = 0.9


@contextmanager
def tree_of(commit: str) -> Iterator[Path]:
    """The files of that commit, for as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix="fusion-beside-") as folder:
        tree = Path(folder) / "tree"
        add = ["git", "worktree", "add", "--quiet", "--detach", str(tree), commit]
        subprocess.run(add, cwd=ROOT, check=True)
        try:
            yield tree
        finally:
            subprocess.run(
                ["git", "worktree", "remove", "--force", str(tree)], cwd=ROOT, check=True
            )


def accepted(tree: Path, seconds: int) -> float:
    """Alerts that this tree accepts in a second."""
    command = [sys.executable, "-m", "tests.bench.intake", "--seconds", str(seconds)]
    ended = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    for line in ended.stdout.splitlines():
        figure = json.loads(line)
        if figure["name"] == COMPARED:
            return float(figure["value"])
    raise RuntimeError(ended.stderr[-2000:])


def main() -> int:
    """Compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commit")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    options = parser.parse_args()
    figures = Figures()
    here: list[float] = []
    there: list[float] = []
    with tree_of(options.commit) as other:
        for number in range(options.rounds):
            turns = [(ROOT, here, "here"), (other, there, "beside")]
            for tree, rates, name in turns if number % 2 else reversed(turns):
                rates.append(accepted(tree, options.seconds))
                figures.say(f"{name}_{number + 1}_{COMPARED}", rates[-1])
                figures.say("load_average", round(os.getloadavg()[0], 2))
    medians = [round(statistics.median(rates), 1) for rates in (here, there)]
    figures.say(f"here_of_beside_{COMPARED}", medians[0], reference=medians[1], aim=RATIO_MIN)
    return figures.end("bench_beside")


if __name__ == "__main__":
    sys.exit(main())
