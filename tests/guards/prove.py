"""Removes each guard in turn, in a copy of the tree, and demands that a named test fails.

For what needs a database, several processes or HTTP; pure rules are for `make mutants`.

`python -m tests.guards.prove [--only WORD] [--part 1/2]`; prints one line a guard and exits 1 on a
survivor. Parts may run side by side, each in a checkout of its own.
A guard whose text is gone from its file counts as a survivor: the table must follow the code.
Out of a file of SQL functions it is taken together with the snapshot that migrations load, and the
functions are laid over a copy of the whole database: migrating anew would take most of the time.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from fusion_project.events.sql_files import snapshot_newest
from tests.guards.guard import Guard
from tests.guards.table import GUARDS

ROOT = Path(__file__).resolve().parents[2]
_TESTS_FAILED = 1
_NOTHING_SELECTED = 5
_WHOLE = "fusion_template_whole"
_MUTANT = "fusion_template_mutant"
_LEFT_OUT = (".git", ".venv", ".local", "__pycache__", ".mypy_cache", ".ruff_cache", ".hypothesis")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="guards whose name contains this word")
    parser.add_argument("--part", default="1/1", help="each second guard, say: 1/2 or 2/2")
    options = parser.parse_args()
    part, _, parts = options.part.partition("/")
    wanted = [one for one in GUARDS if options.only in one.name][int(part) - 1 :: int(parts)]
    import_module("tests.embedded")  # starts one server for all runs
    with tempfile.TemporaryDirectory(prefix="fusion-guards-") as folder:
        print(f"{len(wanted)} guards; first the tests with every guard in place", flush=True)
        tree = copy_tree(Path(folder))
        tests = sorted({test for one in wanted for test in one.tests})
        # The long ones want the machine, or the whole server, for themselves.
        for some in (["-n", "2", "-m", "not long"], ["-m", "long"]):
            code = _run(tree, [*some, *tests], _WHOLE, 3_600)
            if code not in (0, _NOTHING_SELECTED):
                print(f"the tests do not pass with the guards in place (exit code {code})")
                return 1
        survivors = [one.name for one in wanted if not _is_killed(tree, one)]
    print(f"{len(wanted) - len(survivors)} of {len(wanted)} mutants killed")
    for name in survivors:
        print(f"SURVIVOR: {name}")
    return 1 if survivors else 0


def copy_tree(folder: Path) -> Path:
    tree = folder / "tree"
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    return tree


def _is_killed(tree: Path, guard: Guard) -> bool:
    started = time.monotonic()
    file = tree / guard.file
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    if text.count(guard.old) != 1:
        print(f"NOT FOUND  {guard.name}: {guard.file} holds the text {text.count(guard.old)} times")
        return False
    # A service may be named as a file of SQL functions is.
    snapshot = snapshot_newest(file) if file.suffix == ".sql" else None
    files = [file, snapshot] if snapshot else [file]
    for one in files:
        one.write_text(text.replace(guard.old, guard.new), encoding="utf-8")
    template = _MUTANT if guard.in_database else _WHOLE
    if snapshot:
        _lay_over(file.read_text(encoding="utf-8"))
    try:
        killed = _run(tree, list(guard.tests), template) == _TESTS_FAILED
    finally:
        for one in files:
            one.write_text(text, encoding="utf-8")
        if guard.in_database:
            _drop(template)
    word = "killed  " if killed else "SURVIVES"
    seconds = time.monotonic() - started
    print(f"{word}  {guard.name:58} {guard.tests[0].rpartition('/')[2]} {seconds:.0f}s", flush=True)
    return killed


def _run(tree: Path, tests: list[str], template: str, seconds: int = 600) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:randomly", *tests]
    environment = {**os.environ, "FUSION_TEST_TEMPLATE": template, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, timeout=seconds
    )
    # An error while loading proves nothing about the guard.
    if "error during collection" in done.stdout or "ERROR collecting" in done.stdout:
        print(done.stdout[-2_000:])
        return 2
    if done.returncode not in (0, _TESTS_FAILED, _NOTHING_SELECTED):
        print(done.stdout[-2_000:], done.stderr[-2_000:])
    return done.returncode


def _lay_over(functions: str) -> None:
    """Make the mutant's database of the whole one, where there is one; else the tests make it."""
    if "FUNCTION events_now(" in functions:  # the tests' own clock stands there
        return
    with _superuser() as server:
        if (
            server.execute("SELECT FROM pg_database WHERE datname = %s", [_WHOLE]).fetchone()
            is None
        ):
            return
        server.execute(f"CREATE DATABASE {_MUTANT}_building OWNER fusion_owner TEMPLATE {_WHOLE}")
        with _superuser(dbname=f"{_MUTANT}_building") as owner:
            owner.execute("SET ROLE fusion_owner")
            owner.execute(functions.encode())
        server.execute(f"ALTER DATABASE {_MUTANT}_building RENAME TO {_MUTANT}")


def _superuser(**where: str) -> psycopg.Connection[tuple[object, ...]]:
    url = os.environ["FUSION_TEST_SUPERUSER_URL"]
    return psycopg.connect(make_conninfo(url, **where), autocommit=True)


def _drop(template: str) -> None:
    with _superuser() as server:
        for name in (template, f"{template}_building"):
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


if __name__ == "__main__":
    sys.exit(main())
