"""A part that hangs is an incident within 45 seconds, and none any longer once it goes on."""

import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.drills.trial import Trial

KINDS = {"paper": "executor.silent", "worker": "worker.silent", "drain": "drain.silent"}
OPENS_WITHIN_SECONDS, CLOSES_WITHIN_SECONDS = 45, 30

OPEN = "SELECT kind FROM incidents_incident WHERE closed_at IS NULL"
CLOSED = "SELECT closed_by, closing_note FROM incidents_incident WHERE kind = %s"


@contextmanager
def stopped(trial: Trial, name: str) -> Iterator[None]:
    """The process and all that it has started stand still inside."""
    group = trial.pids()[name]
    os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(group, signal.SIGCONT)


def parts(trial: Trial) -> dict[str, Any]:
    with urllib.request.urlopen(f"{trial.access['base_url']}/readyz", timeout=5) as answer:
        found: dict[str, Any] = json.load(answer)["parts"]
    return found


@pytest.mark.long
def test_each_part_that_hangs_is_missed_and_comes_back(tmp_path: Path) -> None:
    with Trial(home=tmp_path / "home", env={"SAMPLE_MARKET": "off"}) as trial:
        for name, kind in KINDS.items():
            with stopped(trial, name):
                trial.wait_for(f"{kind} opens", lambda: trial.rows(OPEN), OPENS_WITHIN_SECONDS)
                assert trial.rows(OPEN) == [(kind,)]
                if name != "drain":
                    part = parts(trial)["executor" if name == "paper" else name]
                    assert (part["ok"], part["required"]) == (False, False)
            trial.wait_for(f"{kind} closes", lambda: not trial.rows(OPEN), CLOSES_WITHIN_SECONDS)
            [(closed_by, note)] = trial.rows(CLOSED, kind)
            assert closed_by == "system"
            assert note
            assert all(part["ok"] for part in parts(trial).values())
    trial.check_stopped()
