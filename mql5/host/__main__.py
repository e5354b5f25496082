"""The command: `python -m mql5.host lint|build|run FILE.mq5`."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from mql5.host.build import COVERAGE, SANITIZERS, Toolchain, build, toolchain
from mql5.host.lint.checking import lint
from mql5.host.lint.rule import RULES
from mql5.host.program import HostError, Program, load
from mql5.host.running import Terminal, run

FAULTS = 1
USAGE = 2


def main(words: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(words)
    try:
        program = load(given.file, given.include)
        if not _judged(program, given.action):
            return FAULTS
        if given.action == "lint":
            return 0
        return _compiled(program, given)
    except HostError as fault:
        sys.stderr.write(f"{fault}\n")
        return FAULTS


def _judged(program: Program, action: str) -> bool:
    faults = lint(program)
    out = sys.stdout if action == "lint" else sys.stderr
    for one in faults:
        out.write(f"{one}\n")
    if faults or action == "lint":
        out.write(f"{len(program.sources)} files, {len(faults)} faults\n")
    return not faults


def _tools(given: argparse.Namespace) -> Toolchain:
    extra = (*(SANITIZERS if given.sanitize else ()), *(COVERAGE if given.coverage else ()))
    return toolchain(given.compiler, extra)


def _compiled(program: Program, given: argparse.Namespace) -> int:
    tools = _tools(given)
    if given.action == "build":
        sys.stdout.write(f"{build(program, given.out, tools, given.include)}\n")
        return 0
    with tempfile.TemporaryDirectory() as made:
        folder = given.out or Path(made)
        binary = build(program, folder, tools, given.include)
        home = given.home or Path(made) / "home"
        ended = run(binary, _terminal(given, home), given.limit)
        sys.stdout.write(ended.out)
        sys.stderr.write(ended.err)
        return ended.code


def _terminal(given: argparse.Namespace, home: Path) -> Terminal:
    pairs = [one.partition("=") for one in given.input]
    if strange := [name for name, mark, _ in pairs if not mark]:
        raise HostError(f"--input is NAME=VALUE: {strange[0]}")
    clock = "real" if given.real else "virtual"
    inputs = {name: value for name, _, value in pairs}
    return Terminal(
        home, clock, given.start, given.seconds, given.allow, inputs, broker=given.broker
    )


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mql5.host",
        description="Judges, compiles and runs an Expert Advisor's MQL5 source without MetaTrader.",
        epilog="exit codes: 0 ended in order; 1 faults of the source; 2 usage or a bad input;\n"
        "3 stopped by a critical error, told as file:line; 4 OnInit refused; 124 over the limit\n\n"
        "rules of the linter:\n" + "\n".join(f"  {one.code:20} {one.reason}" for one in RULES),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", required=True)
    judged = actions.add_parser("lint", help="judge the source")
    made = actions.add_parser("build", help="judge, translate and compile")
    started = actions.add_parser("run", help="judge, compile and run")
    for one in (judged, made, started):
        one.add_argument("file", type=Path, metavar="FILE.mq5")
        one.add_argument("--include", type=Path, help="default: ../Include")
    for one in (made, started):
        one.add_argument("--compiler", default="", help="default: g++, else clang++")
        one.add_argument("--sanitize", action="store_true", help="address and undefined behaviour")
        one.add_argument("--coverage", action="store_true", help="for gcov")
    made.add_argument("--out", type=Path, required=True, help="folder for C++ and program")
    started.add_argument("--out", type=Path, help="keep C++ and program here")
    _add_terminal(started)
    return parser


def _add_terminal(one: argparse.ArgumentParser) -> None:
    one.add_argument("--home", type=Path, help="the terminal's data folder; default: thrown away")
    one.add_argument("--broker", type=Path, help="folder of a simulated broker; default: none")
    one.add_argument("--input", action="append", default=[], metavar="NAME=VALUE")
    one.add_argument("--allow", action="append", default=[], metavar="URL", help="for WebRequest")
    one.add_argument("--seconds", type=float, default=60, help="of the program's clock; default 60")
    one.add_argument("--start", type=_moment, default="2026-01-05", help="of the virtual clock")
    one.add_argument("--real", action="store_true", help="the machine's clock, not the virtual one")
    one.add_argument("--limit", type=float, default=120, help="real seconds, then it is killed")


if __name__ == "__main__":
    sys.exit(main())
