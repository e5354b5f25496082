"""`./manage.py`: help needs nothing, the running installation is found, the rest is a sentence."""

import os
import signal
import stat
import subprocess
import sys
from argparse import Action
from collections.abc import Mapping
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.db import IntegrityError, ProgrammingError

import manage
from fusion_project.local.home.folder import Home
from fusion_project.local.home.options import RunRefused, options_read
from fusion_project.local.home.site_env import site_env_find, site_keep, site_settings
from tests.architecture.source import APPS, ROOT

OURS = {name: str(app) for name, app in get_commands().items() if str(app).split(".")[0] in APPS}
# Each in an environment as bare as the first's, in one process: the settings are read once.
WALK = """
import contextlib, io, manage, os, sys
bare = dict(os.environ)
for line in sys.argv[1:]:
    os.environ.clear()
    os.environ.update(bare)
    out, code = io.StringIO(), 0
    try:
        with contextlib.redirect_stdout(out):
            manage.main(["manage.py", *line.split()])
    except SystemExit as end:
        code = end.code or 0
    print(line, code, len(out.getvalue()), sep="|")
"""
KEY = "a-key-of-tests-" * 5


def _run(
    *arguments: str, env: Mapping[str, str] | None = None, start: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    command = start or (sys.executable, "manage.py")
    return subprocess.run(
        [*command, *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def _site(folder: Path, database_url: str = "postgres://fusion_app:pw@127.0.0.1:1/none") -> None:
    """Keep in a home what a run keeps; nothing answers at that address."""
    home = Home(folder)
    (folder / "secrets").mkdir()
    options = options_read({"PORT": "8000"}, folder)
    owner = "postgres://fusion_owner:pw@127.0.0.1:1/none"
    settings = site_settings(
        options,
        secret_key=KEY,
        database_url=database_url,
        owner_url=owner,
        redis_url="off",
        models={},
    )
    site_keep(home, settings)


def test_help_needs_no_environment_for_any_command_and_in_any_form() -> None:
    lines = ["", "help", "help drain", "--help", *(f"{name} --help" for name in OURS)]
    done = _run(*lines, start=(sys.executable, "-c", WALK), env={"FUSION_HOME": "/nowhere"})
    told = [line.split("|") for line in done.stdout.splitlines()]
    assert [line for line, *_ in told] == lines, done.stderr
    assert [line for line, code, length in told if code != "0" or int(length) < 300] == []


@pytest.mark.parametrize("name", OURS)
def test_every_command_says_what_it_does_and_what_each_argument_means(name: str) -> None:
    parser = load_command_class(OURS[name], name).create_parser("manage.py", name)
    assert len(str(parser.description).split()) >= 12

    def is_silent(action: Action) -> bool:
        return not action.help

    assert [one.dest for one in parser._actions if is_silent(one)] == []


def test_without_a_home_that_runs_it_says_what_to_do(tmp_path: Path) -> None:
    done = _run("ledger_check", env={"FUSION_HOME": str(tmp_path)})
    assert done.returncode == 1
    assert done.stderr.startswith(f"No installation runs in {tmp_path}. Start one with `make run`")


def test_a_home_that_runs_is_found_and_a_database_that_is_down_is_a_sentence(
    tmp_path: Path,
) -> None:
    _site(tmp_path)
    done = _run("ledger_check", env={"FUSION_HOME": str(tmp_path)})
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("The database refuses: connection failed")
    assert line.endswith("Is it running? `make run` starts everything.")


def test_the_app_never_learns_the_owners_address(tmp_path: Path) -> None:
    _site(tmp_path)
    found = site_env_find({"PATH": "/bin", "DATABASE_DIRECT_URL": "x"}, tmp_path)
    assert (found["SECRET_KEY"], found["DATABASE_ROLE"], found["PATH"]) == (KEY, "app", "/bin")
    assert "fusion_app" in found["DATABASE_URL"]
    assert "DATABASE_DIRECT_URL" not in found


def test_the_owner_is_told_it(tmp_path: Path) -> None:
    _site(tmp_path)
    found = site_env_find({"DATABASE_ROLE": "owner"}, tmp_path)
    assert found["DATABASE_ROLE"] == "owner"
    assert "fusion_owner" in found["DATABASE_DIRECT_URL"]


def test_what_a_person_sets_beside_the_run_counts_and_what_steers_runs_does_not(
    tmp_path: Path,
) -> None:
    _site(tmp_path)
    outside = {
        "LOG_LEVEL": "ERROR",
        "PORT": "1",
        "REDIS_URL_FILE": "/x",
        "TRUSTED_PROXY_COUNT": "1",
    }
    found = site_env_find(outside, tmp_path)
    assert (found["LOG_LEVEL"], found["TRUSTED_PROXY_COUNT"]) == ("ERROR", "1")
    assert {"PORT", "REDIS_URL_FILE"}.isdisjoint(found)


def test_another_database_beside_the_homes_is_refused_in_words(tmp_path: Path) -> None:
    _site(tmp_path)
    with pytest.raises(RunRefused, match="uses another database"):
        site_env_find({"DATABASE_URL": "postgres://me@127.0.0.1:1/other"}, tmp_path)


def test_a_file_that_is_no_longer_whole_is_refused_in_words(tmp_path: Path) -> None:
    _site(tmp_path)
    Home(tmp_path).site.write_text('{"SECRET')
    with pytest.raises(RunRefused, match=r"cannot be read .* start `make run` anew"):
        site_env_find({}, tmp_path)


def test_the_kept_settings_are_private(tmp_path: Path) -> None:
    _site(tmp_path)
    assert stat.S_IMODE(Home(tmp_path).site.stat().st_mode) == 0o600


def test_where_a_secret_key_is_set_the_environment_counts_and_its_gaps_are_named(
    tmp_path: Path,
) -> None:
    _site(tmp_path)
    done = _run("ledger_check", env={"FUSION_HOME": str(tmp_path), "SECRET_KEY": "short"})
    assert done.returncode == 1
    assert done.stderr.startswith("The environment is not fit to start with:")
    assert "DATABASE_URL: is missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_database_is_told_to_be_migrated(tmp_path: Path) -> None:
    url = os.environ["DATABASE_DIRECT_URL"].rpartition("/")[0] + "/template1"
    _site(tmp_path, url)
    done = _run("ledger_check", env={"FUSION_HOME": str(tmp_path)})
    assert done.returncode == 1
    assert "DATABASE_ROLE=owner ./manage.py migrate" in done.stderr


def test_what_nobody_foresaw_keeps_its_traceback() -> None:
    assert manage.sentence_of(ProgrammingError('syntax error at or near "FORM"')) == ""
    assert manage.sentence_of(IntegrityError("duplicate key value")) == ""


@pytest.mark.skipif(not (ROOT / ".venv").exists(), reason="there is no .venv beside manage.py")
def test_a_python_without_django_goes_on_with_that_of_the_venv() -> None:
    done = _run("lint_alert", "--help", start=(sys.executable, "-S", "manage.py"))
    assert done.returncode == 0, done.stderr
    assert "Judge alert messages" in done.stdout


def test_it_can_be_started_by_its_name() -> None:
    assert os.access(ROOT / "manage.py", os.X_OK)
    assert (ROOT / "manage.py").read_text().startswith("#!/usr/bin/env python3\n")


def test_a_misspelt_command_is_told_with_the_one_that_is_meant(tmp_path: Path) -> None:
    done = _run("strategy_creat", env={"FUSION_HOME": str(tmp_path)})
    assert done.returncode == 1
    assert "Unknown command: 'strategy_creat'. Did you mean strategy_create?" in done.stderr
    assert "No installation runs" not in done.stderr


def test_a_reader_that_has_enough_is_no_fault_of_ours() -> None:
    """As with `| head`, which has gone before all is written."""
    source, sink = os.pipe()
    with subprocess.Popen(
        [sys.executable, "manage.py", "list_refusals"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        stdout=sink,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.close(sink)
        os.close(source)
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert process.returncode == 128 + signal.SIGPIPE
