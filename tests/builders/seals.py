"""Seals of the test's database, a sealer that dies, exports and their verifiers."""

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection

from fusion_project.events.models import SealLeaf
from fusion_project.events.sealing import seal_turn, sealed_logs

VERIFIERS = Path(__file__).resolve().parents[2] / "docs" / "verify"


def seal_all() -> int:
    """As the job does; returns how many rows were sealed."""
    return sum(seal_turn(log) for log in sealed_logs())


def sealed_ids(log: str) -> list[int]:
    """Sealed rows, in the order in which they were sealed."""
    rows = SealLeaf.objects.filter(log=log).order_by("n", "position")
    return list(rows.values_list("row_id", flat=True))


class Killed(Exception):
    """The sealer's process ended."""


@contextmanager
def killed_before(number: int):
    """The statement of this number, from 0, is never sent: the connection breaks instead."""
    sent = 0

    def execute(run: Callable[..., Any], *args: Any) -> Any:
        nonlocal sent
        if sent == number:
            connection.close()
            raise Killed
        sent += 1
        return run(*args)

    with connection.execute_wrapper(execute):
        yield


def exported(folder: Path, *options: str) -> Path:
    """What `manage.py export_seal` writes."""
    file = folder / "export.jsonl"
    call_command("export_seal", "-o", str(file), *options, stdout=StringIO(), stderr=StringIO())
    return file


def verified(script: str, file: Path, *heads: str) -> tuple[int, str]:
    """Exit code and words of a verifier, run as a stranger runs it: nothing of ours beside it."""
    asked = [one for head in heads for one in ("--head", head)]
    done = subprocess.run(
        [sys.executable, "-I", str(VERIFIERS / f"{script}.py"), str(file), *asked],
        capture_output=True,
        text=True,
        cwd=file.parent,
    )
    assert not done.stderr
    return done.returncode, done.stdout


def rewritten(file: Path, change: Callable[[list[dict[str, Any]]], object]) -> Path:
    """The same export with its lines changed."""
    lines = [json.loads(line) for line in file.read_text().split("\n")[:-1]]
    change(lines)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file
