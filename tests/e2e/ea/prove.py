"""`make ea-test`: all that is claimed of the Expert Advisor, in order, loud at the first lack.

lint → g++ and clang with warnings as errors → scenarios, counting lines → scenarios under the
sanitizers → coverage of each file → planted bugs, each killed by its scenario. `--only STEP`,
`--bugs WORD`. One database server serves all of it.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
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
    failed: int  # an assertion did not hold
    broken: int  # it did not come so far, or was skipped
    real_time: int


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

    def tested(self, name: str, binary: Path | None, *tests: str, workers: int = 0) -> Tested:
        """Runs tests; what they print goes to this terminal where they have several workers."""
        told = self.folder / f"{name}.xml"
        environment = {**os.environ, **({"EA_BINARY": str(binary)} if binary else {})}
        words = [sys.executable, "-m", "pytest", "-q", "-n", str(workers), f"--junitxml={told}"]
        quiet = subprocess.DEVNULL if workers == 0 else None
        subprocess.run([*words, *tests], cwd=ROOT, env=environment, stdout=quiet, check=False)
        if not told.exists():
            raise Lacking(f"{' '.join(tests)} could not be run")
        return _read(told)

    def scenarios(self, name: str, binary: Path, *more: str) -> str:
        came = self.tested(name, binary, SCENARIOS, *more, workers=self.workers)
        if came.failed or came.broken or not came.passed:
            raise Lacking(f"{came.failed} scenarios failed, {came.broken} broken or skipped")
        if came.real_time < REAL_TIME_MIN:
            raise Lacking(f"{came.real_time} scenarios by the true clock, of {REAL_TIME_MIN}")
        return f"{came.passed} scenarios passed, {came.real_time} of them by the true clock"


def _read(told: Path) -> Tested:
    cases = ElementTree.parse(told).getroot().findall(".//testcase")
    failed = [one for one in cases if one.find("failure") is not None]
    broken = [
        one for one in cases if one.find("error") is not None or one.find("skipped") is not None
    ]
    real_time = [one for one in cases if "test_real_time" in one.get("classname", "")]
    passed = len(cases) - len({*failed, *broken})
    return Tested(passed, len(failed), len(broken), len(real_time))


def judge_source(run: Run) -> str:
    count = 0
    for one in (PROGRAM, SCRIPT):
        program = load(MQL5 / one)
        if faults := lint(program):
            raise Lacking("\n".join(map(str, faults)))
        count += len(program.sources)
    came = run.tested("bans", None, BANS)
    if came.failed or came.broken or came.passed < BANS_MIN:
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
    wanted = [one for one in (*BUGS, *KEPT_BUGS) if run.word in one.name]
    if not run.word and len(wanted) < BUGS_MIN:
        raise Lacking(f"{len(wanted)} planted bugs, of {BUGS_MIN}")
    with ThreadPoolExecutor(run.workers) as pool:
        fates = list(pool.map(lambda one: _fate(run, *one), enumerate(wanted)))
    if survivors := [one.name for one, fate in zip(wanted, fates, strict=True) if fate]:
        raise Lacking(f"not killed: {', '.join(survivors)}")
    return f"{len(wanted)} planted bugs, each killed"


def _fate(run: Run, number: int, bug: Bug) -> str:
    """Why it lives; empty where its scenario failed. Says so at once."""
    try:
        binary = _planted(run, number, bug)
    except (HostError, Lacking) as fault:
        fate = str(fault)
    else:
        came = run.tested(f"bug-{number}", binary, bug.test)
        fate = "" if came.failed and not came.broken else f"survives ({came})"
    where = bug.test.split("::")[1]
    sys.stdout.write(f"  {fate or 'killed'}: {bug.name}, by {where}\n")
    sys.stdout.flush()
    return fate


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
    tools = replace(run.gcc(), level=QUICK)
    return build(load(source / PROGRAM), run.folder / f"bug-{number}", tools)


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
