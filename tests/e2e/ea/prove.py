"""`make ea-test`: all that is claimed of the Expert Advisor, in order, loud at the first lack.

lint → g++ and clang with warnings as errors → scenarios, counting lines → scenarios under the
sanitizers → coverage of each file → planted bugs, each killed by its scenario. `--only STEP`,
`--bugs WORD`. One database server serves all of it.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from mql5.host.build import (
    COVERAGE,
    QUICK,
    SANITIZERS,
    Toolchain,
    build,
    build_kept,
    toolchain,
)
from mql5.host.lint.checking import lint
from mql5.host.program import HostError, load
from tests.e2e.ea.bugs import BUGS, Bug
from tests.e2e.ea.bugs_kept import KEPT_BUGS
from tests.e2e.ea.coverage import covered_lines

ROOT: Final = Path(__file__).resolve().parents[3]
MQL5: Final = ROOT / "mql5"
PROGRAM: Final = Path("Experts") / "FusionExecutor.mq5"
SCRIPT: Final = Path("Scripts") / "ScriptSelfTest.mq5"
SCENARIOS: Final = "tests/e2e/ea"
BANS: Final = "tests/unit/mql5/test_lint.py"
FLOOR: Final = 90.0
BUGS_MIN, BANS_MIN, REAL_TIME_MIN = 30, 80, 20
CLANG: Final = ("clang++", "clang++-14")


class Lacking(Exception):
    """A step found what must not be."""


@dataclass(frozen=True)
class Tested:
    """What a run of tests came to."""

    passed: int
    failed: frozenset[str]  # node ids of those whose assertion did not hold
    broken: frozenset[str]  # they did not come so far, or were skipped
    real_time: int

    @property
    def is_whole(self) -> bool:
        return self.passed > 0 and not self.failed and not self.broken


@dataclass
class Run:
    """What one run of this command works with."""

    folder: Path
    workers: int
    word: str
    compilers: tuple[str, str] = ("", "")

    def gcc(self, *extra: str) -> Toolchain:
        return toolchain(self.compilers[0], extra)

    def clang(self, *extra: str) -> Toolchain:
        return toolchain(self.compilers[1], extra)

    def tested(self, name: str, *words: str, quiet: bool = True, **settings: Path) -> Tested:
        """Runs tests; what they print goes to this terminal unless that is of no interest."""
        told = self.folder / f"{name}.xml"
        told.unlink(missing_ok=True)
        environment = {**os.environ, **{one: str(path) for one, path in settings.items()}}
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={told}", *words]
        out = subprocess.DEVNULL if quiet else None
        subprocess.run(command, cwd=ROOT, env=environment, stdout=out, check=False)
        if not told.exists():
            raise Lacking(f"{' '.join(words)} could not be run")
        return _read(told)

    def scenarios(self, name: str, binary: Path, *more: str) -> str:
        words = (f"-n{self.workers}", SCENARIOS, *more)
        came = self.tested(name, *words, quiet=False, EA_BINARY=binary)
        if not came.is_whole:
            odd = ", ".join(sorted(came.failed | came.broken))
            raise Lacking(f"{came.passed} scenarios passed, but not {odd}")
        if came.real_time < REAL_TIME_MIN:
            raise Lacking(f"{came.real_time} scenarios by the true clock, of {REAL_TIME_MIN}")
        return f"{came.passed} scenarios passed, {came.real_time} of them by the true clock"


def _read(told: Path) -> Tested:
    cases = ElementTree.parse(told).getroot().findall(".//testcase")
    failed = _node_ids(one for one in cases if one.find("failure") is not None)
    odd = [one for one in cases if one.find("error") is not None or one.find("skipped") is not None]
    real_time = [one for one in cases if "test_real_time" in one.get("classname", "")]
    passed = len(_node_ids(cases) - failed - _node_ids(odd))
    return Tested(passed, failed, _node_ids(odd), len(real_time))


def _node_ids(cases: Iterable[ElementTree.Element]) -> frozenset[str]:
    return frozenset(
        f"{one.get('classname', '').replace('.', '/')}.py::{one.get('name')}" for one in cases
    )


def judge_source(run: Run) -> str:
    count = 0
    for one in (PROGRAM, SCRIPT):
        program = load(MQL5 / one)
        if faults := lint(program):
            raise Lacking("\n".join(map(str, faults)))
        count += len(program.sources)
    came = run.tested("bans", BANS)
    if not came.is_whole or came.passed < BANS_MIN:
        raise Lacking(f"{BANS}: {came}")
    return f"{count} files without a fault; {came.passed} tests of the linter's bans passed"


def compile_twice(run: Run) -> str:
    for tools in (run.gcc(), run.clang()):
        for one in (PROGRAM, SCRIPT):
            build_kept(load(MQL5 / one), tools)
    return f"2 programs by {' and '.join(run.compilers)}, every warning an error"


def live(run: Run) -> str:
    binary = build(load(MQL5 / PROGRAM), run.folder / "counted", run.gcc(*COVERAGE))
    return run.scenarios("scenarios", binary)


def sanitize(run: Run) -> str:
    binary = build_kept(load(MQL5 / PROGRAM), run.clang(*SANITIZERS))
    # The whole system compiles its own.
    came = run.scenarios("sanitizers", binary, f"--ignore={SCENARIOS}/test_site.py")
    return f"{came}; addresses and undefined behaviour watched"


def count_lines(run: Run) -> str:
    if not (run.folder / "counted").exists():
        live(run)
    counted = covered_lines(run.folder / "counted", MQL5)
    shares = {name: 100 * hit / of for name, (hit, of) in counted.items()}
    for name, (hit, of) in sorted(counted.items()):
        sys.stdout.write(f"  {shares[name]:5.1f} %  {hit:4} of {of:4}  {name}\n")
    if low := sorted(name for name, share in shares.items() if share < FLOOR):
        raise Lacking(f"below {FLOOR} %: {', '.join(low)}")
    hit, of = (sum(pair) for pair in zip(*counted.values(), strict=True))
    least = min(shares, key=lambda name: shares[name])
    told = f"{100 * hit / of:.1f} % of {of} lines in {len(counted)} files"
    return f"{told}, the least {shares[least]:.1f} % in {least}"


def kill_bugs(run: Run) -> str:
    """All are planted and compiled first; then each scenario is run with its bug, in few runs."""
    wanted = [one for one in (*BUGS, *KEPT_BUGS) if run.word in one.name]
    if not run.word and len(wanted) < BUGS_MIN:
        raise Lacking(f"{len(wanted)} planted bugs, of {BUGS_MIN}")
    with ThreadPoolExecutor(run.workers) as pool:
        planted = list(pool.map(lambda one: _planted(run, *one), enumerate(wanted)))
    alive: list[str] = []
    for number, batch in enumerate(_batches(zip(wanted, planted, strict=True))):
        names = run.folder / f"batch-{number}.json"
        names.write_text(json.dumps({test: str(binary) for test, (_, binary) in batch.items()}))
        came = run.tested(f"batch-{number}", f"-n{run.workers}", *batch, EA_PLANTED=names)
        for test, (bug, _) in batch.items():
            is_killed = test in came.failed and test not in came.broken
            alive += [] if is_killed else [bug.name]
            fate = "killed" if is_killed else "SURVIVES"
            sys.stdout.write(f"  {fate}: {bug.name}, by {test.split('::')[1]}\n")
        sys.stdout.flush()
    if alive:
        raise Lacking(f"not killed: {', '.join(alive)}")
    return f"{len(wanted)} planted bugs, each killed"


def _batches(planted: Iterable[tuple[Bug, Path]]) -> list[dict[str, tuple[Bug, Path]]]:
    """By scenario; a scenario that has several bugs to find finds each in another batch."""
    batches: list[dict[str, tuple[Bug, Path]]] = []
    for bug, binary in planted:
        free = next((one for one in batches if bug.test not in one), None)
        if free is None:
            free = {}
            batches.append(free)
        free[bug.test] = (bug, binary)
    return batches


def _planted(run: Run, number: int, bug: Bug) -> Path:
    """The program with the bug, compiled quickly: it is run for one scenario only."""
    source = run.folder / f"planted-{number}"
    for name in ("Experts", "Include"):
        shutil.copytree(MQL5 / name, source / name)
    file = source / bug.path
    text = file.read_text()
    if text.count(bug.old) != 1:
        raise Lacking(f"{bug.path} has the planted line {text.count(bug.old)} times")
    file.write_text(text.replace(bug.old, bug.new))
    # What the bug leaves unused is no lack of it.
    tools = replace(run.gcc(), level=(*QUICK, "-Wno-error"))
    try:
        return build(load(source / PROGRAM), run.folder / f"bug-{number}", tools)
    except HostError as fault:
        raise Lacking(f"{bug.name} does not compile: {fault}") from fault


STEPS: Final[dict[str, Callable[[Run], str]]] = {
    "lint": judge_source,
    "compile": compile_twice,
    "scenarios": live,
    "sanitizers": sanitize,
    "coverage": count_lines,
    "bugs": kill_bugs,
}


def _compilers() -> tuple[str, str]:
    """Raises Lacking where one of the two is missing, before anything is run."""
    clang = next((one for one in CLANG if shutil.which(one)), "")
    missing = [
        name for name, found in (("g++", shutil.which("g++")), ("clang", clang)) if not found
    ]
    if missing:
        raise Lacking(f"no {' and no '.join(missing)}; on Debian: apt-get install g++ clang")
    return "g++", clang


def _proved(options: argparse.Namespace, folder: Path) -> bool:
    told: dict[str, str] = {}
    name, began = "start", time.monotonic()
    try:
        run = Run(folder, options.workers, options.bugs, _compilers())
        import tests.embedded  # noqa: F401 - starts the server that all runs below share

        for name in [one for one in STEPS if one in (options.only or STEPS)]:
            began = time.monotonic()
            said = STEPS[name](run)
            told[name] = f"{name:10} {time.monotonic() - began:5.0f} s  {said}"
            sys.stdout.write(f"{told[name]}\n")
            sys.stdout.flush()
    except (Lacking, HostError) as lack:
        told[name] = f"{name:10} {time.monotonic() - began:5.0f} s  FAILED: {lack}"
    sys.stdout.write("\n".join(["", "ea-test", *told.values()]) + "\n")
    return not any(" FAILED: " in one for one in told.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=STEPS, help="these steps alone")
    parser.add_argument("--bugs", default="", help="planted bugs whose name holds this word")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fusion-ea-") as folder:
        is_fine = _proved(options, Path(folder))
    sys.stdout.write(
        f"{'passed' if is_fine else 'failed'} after {time.monotonic() - began:.0f} s\n"
    )
    return 0 if is_fine else 1


if __name__ == "__main__":
    sys.exit(main())
