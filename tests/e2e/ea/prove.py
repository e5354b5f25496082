"""`make ea-test`: all that is claimed of the Expert Advisor, in order, loud at the first lack.

lint → g++ and clang with warnings as errors → scenarios, counting lines → scenarios under the
sanitizers → coverage of each file → planted bugs, each killed by its scenario. `--only STEP`,
`--bugs WORD`.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mql5.host.build import COVERAGE, SANITIZERS, Toolchain, build, toolchain
from mql5.host.lint.checking import lint
from mql5.host.program import HostError, load
from tests.e2e.ea.bugs import BUGS, Bug
from tests.e2e.ea.coverage import covered_lines

ROOT: Final = Path(__file__).resolve().parents[3]
MQL5: Final = ROOT / "mql5"
PROGRAM: Final = Path("Experts") / "FusionExecutor.mq5"
SCRIPT: Final = Path("Scripts") / "ScriptSelfTest.mq5"
FLOOR: Final = 90.0
CLANG: Final = ("clang++", "clang++-14")
_TESTS_FAILED: Final = 1


class Lacking(Exception):
    """A step found what must not be."""


@dataclass
class Run:
    """What one run of this command works with."""

    folder: Path
    workers: int
    word: str

    def gcc(self, *extra: str) -> Toolchain:
        return toolchain("g++", extra)

    def clang(self, *extra: str) -> Toolchain:
        found = next((one for one in CLANG if shutil.which(one)), "")
        if not found:
            raise Lacking(f"no clang ({', '.join(CLANG)}); on Debian: apt-get install clang")
        return toolchain(found, extra)

    def built(self, name: str, tools: Toolchain, source: Path = MQL5) -> Path:
        return build(load(source / PROGRAM), self.folder / name, tools)

    def scenarios(self, binary: Path, *tests: str) -> int:
        environment = {**os.environ, "EA_BINARY": str(binary)}
        words = [sys.executable, "-m", "pytest", "-q", "-n", str(self.workers)]
        wanted = tests or ("tests/e2e/ea",)
        done = subprocess.run([*words, *wanted], cwd=ROOT, env=environment)
        return done.returncode


def judge_source(run: Run) -> str:
    count = 0
    for one in (PROGRAM, SCRIPT):
        program = load(MQL5 / one)
        if faults := lint(program):
            raise Lacking("\n".join(map(str, faults)))
        count += len(program.sources)
    return f"{count} files without a fault"


def compile_twice(run: Run) -> str:
    run.built("gcc", run.gcc())
    run.built("clang", run.clang())
    return "g++ and clang, every warning an error"


def live(run: Run) -> str:
    binary = run.built("counted", run.gcc(*COVERAGE))
    if run.scenarios(binary) != 0:
        raise Lacking("scenarios failed")
    return "all scenarios passed"


def sanitize(run: Run) -> str:
    binary = run.built("sanitized", run.clang(*SANITIZERS))
    if run.scenarios(binary) != 0:
        raise Lacking("scenarios failed under the sanitizers")
    return "all scenarios passed with addresses and undefined behaviour watched"


def count_lines(run: Run) -> str:
    counted = covered_lines(run.folder / "counted", MQL5)
    for name, (hit, of) in sorted(counted.items()):
        sys.stdout.write(f"  {100 * hit / of:5.1f} %  {hit:4} of {of:4}  {name}\n")
    low = [name for name, (hit, of) in counted.items() if 100 * hit / of < FLOOR]
    if low:
        raise Lacking(f"below {FLOOR} %: {', '.join(sorted(low))}")
    hit, of = (sum(pair) for pair in zip(*counted.values(), strict=True))
    return f"{100 * hit / of:.1f} % of {of} lines, each file above {FLOOR} %"


def kill_bugs(run: Run) -> str:
    wanted = [one for one in BUGS if run.word in one.name]
    survivors = [one.name for one in wanted if not _is_killed(run, one)]
    if survivors:
        raise Lacking(f"survived: {', '.join(survivors)}")
    return f"{len(wanted)} planted bugs, each killed"


def _is_killed(run: Run, bug: Bug) -> bool:
    source = run.folder / "planted"
    shutil.rmtree(source, ignore_errors=True)
    for name in ("Experts", "Include"):
        shutil.copytree(MQL5 / name, source / name)
    file = source / "Include" / "Fusion" / bug.file
    text = file.read_text()
    if text.count(bug.old) != 1:
        sys.stdout.write(f"NOT FOUND  {bug.name}: {bug.file} has it {text.count(bug.old)} times\n")
        return False
    file.write_text(text.replace(bug.old, bug.new))
    try:
        binary = build(load(source / PROGRAM), run.folder / "bug", run.gcc())
    except HostError as fault:
        sys.stdout.write(f"NO PROGRAM  {bug.name}: {fault}\n")
        return False
    environment = {**os.environ, "EA_BINARY": str(binary)}
    words = [sys.executable, "-m", "pytest", "-q", "--no-header", bug.test]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True)
    killed = done.returncode == _TESTS_FAILED
    sys.stdout.write(
        f"{'killed  ' if killed else 'SURVIVES'}  {bug.name:48} {bug.test.split('::')[1]}\n"
    )
    sys.stdout.flush()
    return killed


STEPS: Final[dict[str, Callable[[Run], str]]] = {
    "lint": judge_source,
    "compile": compile_twice,
    "scenarios": live,
    "sanitizers": sanitize,
    "coverage": count_lines,
    "bugs": kill_bugs,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=STEPS, help="these steps alone")
    parser.add_argument("--bugs", default="", help="planted bugs whose name holds this word")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fusion-ea-") as folder:
        run = Run(Path(folder), options.workers, options.bugs)
        for name in options.only or STEPS:
            began = time.monotonic()
            try:
                said = STEPS[name](run)
            except (Lacking, HostError) as lack:
                sys.stdout.write(f"ea-test failed at {name}: {lack}\n")
                return 1
            sys.stdout.write(f"{name:10} ok in {time.monotonic() - began:.0f} s: {said}\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
