"""A real web server and drain over a Postgres that is stopped, hung or away, and a hung Redis."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil
import psycopg
import pytest

from fusion_project.events.registry import LEASE_SECONDS
from fusion_project.front.command import web_command
from fusion_project.local.run.processes import Child
from fusion_project.local.servers.children import port_pick
from fusion_project.local.servers.postgres import EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable

_SEED = """
from signals.services.strategies import strategy_create, strategy_secret_issue
one = strategy_create(slug="outage", name="Outage", actor="system", approval="automatic",
                      prior_p="0.7", prior_strength="400")
print(strategy_secret_issue(strategy_id=one.pk, actor="system").secret)
"""


@dataclass
class Stack:
    postgres: EmbeddedPostgres
    base_url: str
    secret: str
    last_text: str = ""

    def post(self, number: int) -> tuple[int, float]:
        """Send one new entry; returns the status and the seconds it took."""
        url = f"{self.base_url}/hooks/tradingview/outage/{self.secret}"
        started = time.monotonic()
        answer = httpx2.post(url, content=json.dumps(_entry(number)), timeout=10)
        self.last_text = answer.text
        return answer.status_code, time.monotonic() - started


def _entry(number: int) -> dict[str, object]:
    now_ms = int(time.time() * 1000)
    identity = f"outage:1.0.0:OANDA:EURUSD:1:{now_ms}:entry:buy:{number}"
    return {
        "schema": "df.signal",
        "v": 1,
        "minor": 0,
        "id": identity,
        "event": "entry",
        "trade_id": identity,
        "script": "outage",
        "script_ver": "1.0.0",
        "symbol": "EURUSD",
        "exchange": "OANDA",
        "tf": "1",
        "bar_time": now_ms - 60_000 - number,
        "bar_close": now_ms,
        "sent_at": now_ms,
        "side": "buy",
        "position": "long",
        "order_type": "market",
        "size_mode": "risk_pct",
        "size": "1.00",
        "ref_price": "1.1000",
        "sl": "1.0950",
        "tp": "1.1100",
        "env": "paper",
    }


@pytest.fixture(scope="module")
def hung_redis() -> Iterator[str]:
    """Takes connections into its backlog and never answers."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=200)
    yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
    listener.close()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, hung_redis: str) -> Iterator[Stack]:
    home = tmp_path_factory.mktemp("outage")
    with EmbeddedPostgres(home / "postgres", durable=False) as postgres:
        env = {
            **{key: value for key, value in os.environ.items() if not key.startswith("DATABASE")},
            "DATABASE_URL": postgres.url("fusion_app"),
            "DATABASE_DIRECT_URL": postgres.url("fusion_owner"),
            "REDIS_URL": hung_redis,
            "CONN_MAX_AGE": "60",
        }
        for command in ("migrate", "setup_roles"):
            _manage([command], {**env, "DATABASE_ROLE": "owner"})
        secret = _manage(["shell", "--no-imports", "-c", _SEED], env).strip().splitlines()[-1]
        port = port_pick()
        children = [
            Child(web_command(port, workers=1), log_path=home / "web.log", env=env, cwd=ROOT),
            Child([PYTHON, "manage.py", "drain"], log_path=home / "drain.log", env=env, cwd=ROOT),
        ]
        for child in children:
            child.start()
        base_url = f"http://127.0.0.1:{port}"
        _wait_until(lambda: _answers(f"{base_url}/healthz"), "the web server answers")
        yield Stack(postgres, base_url, secret)
        for child in children:
            child.stop()


def _manage(arguments: list[str], env: dict[str, str]) -> str:
    command = [PYTHON, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=2).status_code == 200
    except httpx2.HTTPError:
        return False


def _wait_until(condition: object, what: str, seconds: float = 20) -> float:
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        if condition():  # type: ignore[operator]
            return time.monotonic() - started
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")


def _undecided(stack: Stack) -> int:
    with psycopg.connect(stack.postgres.url("fusion_app")) as reader:
        row = reader.execute(
            "SELECT count(*) FROM signals_decision WHERE state = 'proposed'"
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_with_redis_hung_alerts_are_taken_at_once_and_decided_within_fifteen_seconds(
    stack: Stack,
) -> None:
    answers = [stack.post(number) for number in range(10)]
    assert [status for status, _ in answers] == [202] * 10, stack.last_text
    # Ten times a socket's time-out would show here; durations themselves are not judged.
    assert sum(seconds for _, seconds in answers) < 10
    _wait_until(lambda: _undecided(stack) == 0, "all alerts are decided", seconds=15)


def test_a_hung_postgres_gives_503_before_two_and_a_half_seconds(stack: Stack) -> None:
    assert stack.post(100)[0] == 202
    pid = stack.postgres.pid
    assert pid is not None
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    for process in family:
        process.send_signal(signal.SIGSTOP)
    try:
        answers = [stack.post(101), stack.post(102)]
    finally:
        for process in family:
            process.send_signal(signal.SIGCONT)
    assert [status for status, _ in answers] == [503, 503]
    assert all(seconds < 2.5 for _, seconds in answers)
    _wait_until(lambda: stack.post(103)[0] == 202, "alerts are taken again")


def test_a_postgres_that_is_down_gives_503_within_a_second_and_alerts_flow_again(
    stack: Stack,
) -> None:
    stack.postgres.stop()
    answers = [stack.post(200), stack.post(201)]
    stack.postgres.start()
    assert [status for status, _ in answers] == [503, 503]
    assert all(seconds < 1 for _, seconds in answers)
    _wait_until(lambda: stack.post(202)[0] == 202, "alerts are taken again")
    # Work that the outage caught between claim and commit comes back when its lease ends.
    _wait_until(lambda: _undecided(stack) == 0, "all alerts are decided", 2 * LEASE_SECONDS)


def test_health_stays_up_and_readiness_tells_while_postgres_is_down(stack: Stack) -> None:
    stack.postgres.stop()
    try:
        assert _answers(f"{stack.base_url}/healthz")
        ready = httpx2.get(f"{stack.base_url}/readyz", timeout=5)
        assert ready.status_code == 503
    finally:
        stack.postgres.start()
    _wait_until(lambda: stack.post(300)[0] == 202, "alerts are taken again")
