"""The whole system with the Expert Advisor: Redis and workers are killed while it trades."""

import os
import signal
import time

import pytest

from tests.drills.trial import Trial, curl_run
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]

_OPEN = "SELECT count(*) FROM execution_position WHERE closed_at IS NULL"
_CLOSED = "SELECT count(*) FROM execution_position WHERE closed_at IS NOT NULL"
_TWICE = """SELECT count(*) FROM (SELECT 1 FROM execution_deal WHERE order_id IS NOT NULL
    GROUP BY order_id HAVING count(*) > 1) x"""
_UNPOSTED = """SELECT count(*) FROM execution_deal d LEFT JOIN treasury_dealposting p
    ON p.deal_id = d.id WHERE p.state IS DISTINCT FROM 'posted'"""
_UNDONE = "SELECT count(*) FROM events_handling WHERE done_at IS NULL"


def _killed(trial: Trial, *names: str) -> None:
    for name in names:
        os.kill(trial.pids()[name], signal.SIGKILL)


def _post(trial: Trial, what: str, trade_ms: str) -> None:
    command = trial.access[what].replace("T0=$(date +%s)000", f"T0={trade_ms}")
    status, answer = curl_run(f"T0={trade_ms}; {command}")
    assert status == 202, answer


def test_redis_and_workers_are_killed_and_a_trade_is_whole() -> None:
    with Trial(env={"EXECUTOR": "ea", "SAMPLE_MARKET": "off"}) as trial:
        trade_ms = str(int(time.time()) * 1000)
        _killed(trial, "worker", "redis")
        _post(trial, "curl_entry", trade_ms)
        trial.wait_for("the position is open", lambda: trial.value(_OPEN), 60)
        _killed(trial, "worker", "redis")
        _post(trial, "curl_exit", trade_ms)
        trial.wait_for("the position is closed", lambda: trial.value(_CLOSED), 60)
        trial.wait_for("all is done", lambda: trial.value(_UNDONE) == 0, 60)
        assert trial.value(_TWICE) == 0
        assert trial.value(_UNPOSTED) == 0
    trial.check_stopped()
