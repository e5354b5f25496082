"""The command: `python -m pine.harness.lint [FILE ...]`; exit 1 on any fault."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pine.harness.lint.checking import READING, RULES, lint
from pine.harness.lint.script import Script

_SCRIPTS: Final = Path(__file__).resolve().parents[2]


def main(words: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(words)
    paths: list[Path] = given.files or sorted(_SCRIPTS.glob("*.pine"))
    try:
        # As bytes: a carriage return or a byte order mark must reach the rules.
        scripts = [Script(path, path.read_bytes().decode(errors="replace")) for path in paths]
    except OSError as fault:
        sys.stderr.write(f"{fault.filename}: {fault.strerror}\n")
        return 2
    faults = lint(scripts)
    for one in faults:
        sys.stdout.write(f"{one}\n")
    bad = len({one.path for one in faults})
    sys.stdout.write(f"{len(scripts)} scripts, {len(faults)} faults in {bad} of them\n")
    return 1 if faults or not scripts else 0


def _parser() -> argparse.ArgumentParser:
    reasons = {**{rule.code: rule.reason for rule in RULES}, **READING}
    parser = argparse.ArgumentParser(
        prog="python -m pine.harness.lint",
        description="Finds what TradingView or the server would refuse in Pine scripts.",
        epilog="rules:\n" + "\n".join(f"  {code:20} {why}" for code, why in reasons.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="default: pine/*.pine")
    return parser


if __name__ == "__main__":
    sys.exit(main())
