#!/usr/bin/env python3
"""Command line entry: every management command runs through here, as `./manage.py COMMAND`.

It takes the environment where SECRET_KEY is set, else that of the installation which `make run`
has running in FUSION_HOME (.local/ beside this file by default).
"""

from __future__ import annotations

import os
import secrets
import select
import signal
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
NEEDED = ("django", "csp", "environ", "psycopg")
# Commands that only read files, or nothing, and write no row: they need no site.
SITELESS = {"alerts_reference", "executor_schema", "lint_alert", "list_refusals", "sql_snapshot"}
SITELESS |= {"aggregate", "help", "version"}
HELP = {"--help", "-h", "--version"}
PLACEHOLDERS = {
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "REDIS_URL": "off",
}
# By the SQL state of what the database says; without one it did not answer at all.
ADVICE = {
    "": "Is it running? `make run` starts everything.",
    "42P01": "The tables are not there yet: DATABASE_ROLE=owner ./manage.py migrate",
    "42501": "This is for the owner: DATABASE_ROLE=owner ./manage.py …",
}


def main(arguments: list[str]) -> None:
    """Run one command. Ends the process with a sentence where a person has to do something."""
    environment_take(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fusion_project.settings")

    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import Error

    try:
        try:
            execute_from_command_line(arguments)
        finally:
            sys.stdout.flush()
    except (ImproperlyConfigured, Error) as error:
        sentence = sentence_of(error)
        if not sentence or "--traceback" in arguments:
            raise
        sys.exit(sentence)
    except BrokenPipeError:
        reader_is_gone()


def environment_take(arguments: list[str]) -> None:
    """Complete the environment of this process, so that the settings can be read."""
    if os.environ.get("SECRET_KEY") or os.environ.get("SECRET_KEY_FILE"):
        return
    from fusion_project.local.home.options import RunRefused
    from fusion_project.local.home.site_env import site_env_find

    is_siteless = not arguments[1:] or arguments[1] in SITELESS or HELP & set(arguments[1:])
    try:
        os.environ.update(site_env_find(os.environ, ROOT / ".local"))
    except RunRefused as refusal:
        os.environ["SECRET_KEY"] = secrets.token_urlsafe(64)
        for name, value in PLACEHOLDERS.items():
            if f"{name}_FILE" not in os.environ:
                os.environ.setdefault(name, value)
        # Django answers a misspelt one with the command that is meant.
        if not is_siteless and is_command(arguments[1]):
            sys.exit(str(refusal))


def is_command(name: str) -> bool:
    """Whether there is such a command, by the settings of this process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fusion_project.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import get_commands

    try:
        django.setup()
    except ImproperlyConfigured:
        return True
    return name in get_commands()


def reader_is_gone() -> None:
    """End quietly where what reads us (`| head`) has enough; another broken pipe is raised."""
    reader = select.poll()
    reader.register(sys.stdout.fileno(), 0)
    if not reader.poll(0):
        raise
    # What is still kept for it goes nowhere, or the interpreter would try again at its end.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(128 + signal.SIGPIPE)


def sentence_of(error: Exception) -> str:
    """What is wrong and what to do, in place of a traceback; empty for what nobody foresaw."""
    from django.db import Error, InterfaceError, OperationalError

    if not isinstance(error, Error):
        return str(error)
    code = getattr(error.__cause__, "sqlstate", None) or ""
    is_away = isinstance(error, OperationalError | InterfaceError)
    if not is_away and (not code or code not in ADVICE):
        return ""
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return f"The database refuses: {said}. {ADVICE.get(code, '')}".strip()


def python_choose() -> None:
    """Go on with the Python of .venv where this one lacks what is needed."""
    if sys.version_info >= (3, 11) and all(find_spec(name) for name in NEEDED):
        return
    python = VENV / "bin" / "python"
    if Path(sys.prefix).resolve() == VENV.resolve() or not python.exists():
        sys.exit("What the commands need is not installed. Run `make venv` first.")
    os.execv(python, [str(python), *sys.argv])  # noqa: S606 - our own Python, no shell


if __name__ == "__main__":
    python_choose()
    main(sys.argv)
