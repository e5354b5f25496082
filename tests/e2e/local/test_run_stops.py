"""A run that stops, or is killed, at any moment leaves no process and no port behind."""

import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from fusion_project.local.home.folder import json_read
from fusion_project.local.servers.children import port_is_free
from tests.drills.trial import Trial, TrialFailed, curl_run, process_is_alive
from tests.integration.local.waiting import wait_until

_CHAIN = ("chain", "chain_watch")
POSITION = "SELECT 1 FROM execution_position WHERE trace_id = %s"


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    one = Trial(home=tmp_path / "home")
    yield one
    one.stop()


def postgres_pid(trial: Trial) -> int:
    """The pid of the run's database server once it accepts connections, else 0."""
    path = trial.home.path / "postgres" / "data" / "postmaster.pid"
    if not path.exists() or "ready" not in path.read_text():
        return 0
    # In its own user namespace the server still sees the outer process ids.
    return int(path.read_text().splitlines()[0])


def ended(pids: list[int]) -> bool:
    return wait_until(lambda: not any(process_is_alive(pid) for pid in pids))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_in_the_middle_of_the_start(trial: Trial, number: signal.Signals) -> None:
    trial.launch()
    assert wait_until(lambda: postgres_pid(trial) != 0, 30), trial.output
    postgres, run = postgres_pid(trial), trial.run_pid
    os.kill(run, number)
    assert ended([run, postgres]), trial.output
    assert port_is_free(trial.port)


@pytest.mark.long
def test_killed_when_everything_runs_it_leaves_nothing_and_goes_on_next_time(
    trial: Trial,
) -> None:
    trial.start()
    pids = list(trial.pids().values())
    assert len(pids) == 7 + len(_CHAIN)
    status, answer = curl_run(trial.access["curl_entry"])
    assert status == 202
    trace = answer["trace_id"]
    secret_before = json_read(trial.home.demo_secrets)
    os.kill(trial.run_pid, signal.SIGKILL)
    assert ended(pids)
    assert port_is_free(trial.port)
    trial.stop()
    trial.start()
    assert json_read(trial.home.demo_secrets) == secret_before
    assert trial.value("SELECT count(*) FROM signals_alert WHERE trace_id = %s", trace) == 1
    trial.stop()
    trial.check_stopped()


@pytest.mark.long
def test_two_homes_run_side_by_side_without_redis_and_with_it(tmp_path: Path) -> None:
    with (
        Trial(home=tmp_path / "one", env={"REDIS": "off", "SAMPLE_MARKET": "off"}) as one,
        Trial(home=tmp_path / "two", env={"SAMPLE_MARKET": "off"}) as two,
    ):
        assert set(one.pids()) == {"postgres", "web", "drain", "lobes", "paper", *_CHAIN}
        more = {"redis", "worker"}
        assert set(two.pids()) == set(one.pids()) | more
        for trial in (one, two):
            status, answer = curl_run(trial.access["curl_entry"])
            assert status == 202
            look = partial(trial.rows, POSITION, answer["trace_id"])
            trial.wait_for("the position is open", look, 30)
    for trial in (one, two):
        trial.check_stopped()


@pytest.mark.long
def test_every_killed_process_comes_back(tmp_path: Path) -> None:
    with Trial(home=tmp_path / "home") as trial:
        before = trial.pids()
        for pid in before.values():
            os.kill(pid, signal.SIGKILL)
        assert wait_until(
            lambda: (
                set(trial.pids()) == set(before)
                and not set(trial.pids().values()) & set(before.values())
            ),
            60,
        ), trial.output
        trial.wait_for("it trades again", lambda: _is_accepted(trial), 60)
    trial.check_stopped()


def _is_accepted(trial: Trial) -> bool:
    try:
        return curl_run(trial.access["curl_entry"])[0] == 202
    except TrialFailed:  # the web server is not back yet
        return False
