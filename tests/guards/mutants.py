"""Changes the pure rules in every small way there is and prints what no unit test notices.

`python -m tests.guards.mutants [--only FILE-OR-FOLDER] [--floor PERCENT]`; works in a copy of the
tree, without a database. Exits 1 where fewer mutants than the floor are killed, 2 where nothing
could be judged. The tool changes neither constants nor functions with decorators, such as
properties and cached functions: guards in there stay in the table of `prove`, beside those that
need a database, several processes or HTTP.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tests.guards.prove import copy_tree

# Folder of rules to the unit tests that judge it.
TESTS: Mapping[str, str] = {
    "execution/risk": "tests/unit/execution",
    "execution/rules": "tests/unit/execution",
    "fusion_project/text": "tests/unit/project",
    "signals/fusion": "tests/unit/signals",
    "signals/intake": "tests/unit/signals",
    "signals/intents": "tests/unit/signals",
    "signals/lint": "tests/unit/signals",
    "signals/watch": "tests/unit/signals",
    "tokens/rules": "tests/unit/tokens",
    "treasury/rules": "tests/unit/treasury",
}
# They read sources, import anew in another process, or play thousands of random bodies.
_LEFT_OUT = (
    "tests/unit/signals/dialects/test_any_bytes.py",
    "tests/unit/signals/test_aggregate_process.py",
    "tests/unit/signals/test_lint_command.py",
    "tests/unit/execution/test_pure.py",
    "tests/unit/execution/test_list_refusals.py",
)
_READS_SOURCES = "not in_the_sources"
_FLOOR_PERCENT = 75
_KILLED = ("killed", "timeout", "caught by type check")
_ENVIRONMENT = {
    "FUSION_TEST_SUPERUSER_URL": "none",  # so that no server is started
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "DATABASE_DIRECT_URL": "postgres://nobody@127.0.0.1:1/none",
    "DATABASE_ROLE": "app",
    "REDIS_URL": "off",
    "SECRET_KEY": "only-for-tests-" + "x" * 50,
    "HTTPS_ONLY": "off",
    "LOG_LEVEL": "ERROR",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="a file or folder of pure rules")
    parser.add_argument("--floor", type=float, default=_FLOOR_PERCENT, help="percent to kill")
    asked = parser.parse_args()
    files, tests = selection(asked.only.rstrip("/"))
    if not files:
        print(f"{asked.only} is in no folder of pure rules: {', '.join(TESTS)}")
        return 2
    with tempfile.TemporaryDirectory(prefix="fusion-mutants-") as folder:
        tree = copy_tree(Path(folder))
        with (tree / "pyproject.toml").open("a", encoding="utf-8") as project:
            project.write(_settings(files, tests))
        done = _mutmut(tree, "run")
        outcomes = dict(_outcomes(_mutmut(tree, "results", "--all", "true").stdout))
        if not outcomes or "not checked" in outcomes.values():
            print(done.stdout[-4_000:], done.stderr[-2_000:])
            return 2
        for name in sorted(name for name, outcome in outcomes.items() if outcome not in _KILLED):
            print(f"{outcomes[name].upper():9} {_change(_mutmut(tree, 'show', name).stdout)}")
    return _verdict(Counter(outcomes.values()), asked.floor)


def selection(only: str) -> tuple[list[str], list[str]]:
    """Return patterns of the files to change and the folders of tests that judge them."""
    if not only:
        return [f"{folder}/*.py" for folder in TESTS], sorted(set(TESTS.values()))
    for folder, tests in TESTS.items():
        if only == folder:
            return [f"{folder}/*.py"], [tests]
        if only.startswith(f"{folder}/"):
            return [only], [tests]
    return [], []


def _settings(files: list[str], tests: list[str]) -> str:
    options = ["-m", "not long", "-k", _READS_SOURCES]
    options += [f"--ignore={path}" for path in _LEFT_OUT]
    apps = sorted({folder.partition("/")[0] for folder in TESTS})
    return (
        "\n[tool.mutmut]\n"
        f"source_paths = {apps}\n"
        f"only_mutate = {files}\n"
        'process_isolation = "forkserver"\n'  # no worker inherits what a cache has seen
        'also_copy = ["docs", "pine", "templates", "manage.py"]\n'
        f"pytest_add_cli_args = {options}\n"
        f"pytest_add_cli_args_test_selection = {tests}\n"
    )


def _mutmut(tree: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=tree,
        env={**os.environ, **_ENVIRONMENT},
        capture_output=True,
        text=True,
    )


def _outcomes(results: str) -> list[tuple[str, str]]:
    lines = [line.strip().partition(": ") for line in results.splitlines()]
    return [(name, outcome) for name, colon, outcome in lines if colon]


def _change(shown: str) -> str:
    """The file and the lines that differ, of what `mutmut show` prints."""
    lines = shown.splitlines()
    place = next((line[4:] for line in lines if line.startswith("--- ")), "?")
    marked = [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    return " ".join([place, *(f"{line[0]} {line[1:].strip()}" for line in marked)])


def _verdict(counts: Counter[str], floor: float) -> int:
    killed, total = sum(counts[name] for name in _KILLED), sum(counts.values())
    others = ", ".join(f"{counts[name]} {name}" for name in sorted(counts) if name not in _KILLED)
    percent = 100 * killed / total
    print(f"{killed} of {total} mutants killed, {percent:.1f} %{'; ' if others else ''}{others}")
    return 0 if percent >= floor else 1


if __name__ == "__main__":
    sys.exit(main())
