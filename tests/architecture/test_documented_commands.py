"""What README and docs print can be run: each command is listed, each name exists."""

import re

from django.core.management import get_commands

from tests.architecture.source import ROOT
from tests.e2e.documented.kinds import LeftOut, Run
from tests.e2e.documented.listed import COMMANDS
from tests.e2e.documented.reading import commands_of, documented, key_of

LIST = "tests/e2e/documented/listed.py"


def test_every_documented_command_is_in_the_list() -> None:
    missing = [key for key in documented() if key not in COMMANDS]
    assert missing == [], f"run it, or leave it out with a reason, in {LIST}"


def test_every_command_of_the_list_is_documented() -> None:
    assert [key for key in COMMANDS if key not in documented()] == [], f"remove it from {LIST}"


def test_what_is_left_out_says_why_and_what_is_run_changes_only_what_is_printed() -> None:
    texts = documented()
    for key, command in COMMANDS.items():
        if isinstance(command, LeftOut):
            assert len(command.reason.split()) >= 4, key
        elif isinstance(command, Run):
            text = "\n".join(texts[one] for one in (*command.after, key))
            assert [one for one in command.swaps if one not in text] == [], key


def test_every_management_command_that_is_named_exists() -> None:
    known = {*get_commands(), "help", "version"}
    named = {name for text in documented().values() for name in _commands_named(text)}
    assert named - known == set()
    assert {"strategy_create", "demo_alert", "lint_alert"} <= named


def _commands_named(text: str) -> list[str]:
    return re.findall(r"manage\.py ([a-z]\w*)", text)


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(), re.M))
    named = {key.split()[1] for key in COMMANDS if key.startswith("make ")}
    assert named - targets == set()


def test_commands_are_found_wherever_they_stand() -> None:
    page = """
Say `make run`, not `make`, or `./manage.py
lint_alert --help`; the file `manage.py` is none.

    DATABASE_ROLE=owner manage.py migrate
    a → b, a picture

```sh
# a remark
./manage.py drain \\
    --once
```

1. A list:

       make test

```json
{"make run": 1}
```

```sh
A=$(date +%s)000
curl "$A"
```
"""
    assert [key_of(one) for one in commands_of(page)] == [
        "./manage.py drain --once",
        "A=$(date +%s)000 …",
        "DATABASE_ROLE=owner ./manage.py migrate",
        "make test",
        "make run",
        "./manage.py lint_alert --help",
    ]
