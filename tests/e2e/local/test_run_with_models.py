"""A whole run whose models hang, and one whose model is real."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, Self

import httpx2
import psycopg
import pytest

from fusion_project.local.market.rules.alert_text import (
    HAND_INSTRUMENT,
    HAND_STRATEGY,
    entry_message,
    exit_message,
)
from fusion_project.local.market.rules.prices import INSTRUMENTS, Market
from fusion_project.local.servers.llm import MODEL as OPEN_MODEL
from fusion_project.local.servers.llm import llm_missing
from tests.drills.trial import Trial, curl_run
from tests.llm_server import MODEL, LlmServer

ALERTS, EXITS = 50, 12
DECIDED_SECONDS, STAGED_SECONDS, LATE_SECONDS = 15.0, 1.0, 3.0

_DECIDED = """
    SELECT extract(epoch FROM d.decided_at - a.received_at)::float, d.state, d.inputs
    FROM signals_decision d JOIN signals_alert a ON a.id = d.alert_id
    WHERE d.verb = 'entry' AND a.trace_id = ANY (%s)
"""
_STAGED = """
    SELECT extract(epoch FROM o.staged_at - a.received_at)::float
    FROM execution_order o JOIN signals_decision d ON d.id = o.decision_id
        JOIN signals_alert a ON a.id = d.alert_id
    WHERE d.verb = 'exit' AND d.trade_ref = ANY (%s)
"""
_OPEN = "SELECT count(*) FROM execution_position WHERE trace_id = ANY (%s) AND closed_at IS NULL"
_LATEST = "SELECT max(extract(epoch FROM events_now() - due_at))::float FROM events_periodicjob"


class Sender:
    """Entries and exits by hand, each of a bar of its own."""

    def __init__(self, trial: Trial) -> None:
        self._url = trial.access["hooks"][HAND_STRATEGY]
        self._instrument = INSTRUMENTS[HAND_INSTRUMENT]
        self._client = httpx2.Client(timeout=10)
        self._numbers = count()

    def entry(self) -> tuple[str, str]:
        """Send one; return its trade id and its trace."""
        message = entry_message(
            **self._common(), side="buy", stop_share=Decimal("0.02"), payoff=Decimal(2)
        )
        return message["trade_id"], self._post(message)

    def exit(self, trade_id: str) -> str:
        message = exit_message(**self._common(), entry_side="buy", trade_id=trade_id)
        return self._post(message)

    def _common(self) -> dict[str, Any]:
        quote = Market().quote(HAND_INSTRUMENT, datetime.now(UTC))
        assert quote is not None
        second = datetime.now(UTC).replace(microsecond=0)
        return {
            "script": HAND_STRATEGY,
            "instrument": self._instrument,
            "bar_open_at": second - timedelta(seconds=5, milliseconds=-next(self._numbers)),
            "sent_at": datetime.now(UTC),
            "price": quote.ask,
        }

    def _post(self, message: dict[str, Any]) -> str:
        """As a sender does: what is answered 503 was not stored, and is sent again."""
        content = json.dumps(message)
        while (answer := self._client.post(self._url, content=content)).status_code == 503:
            time.sleep(0.1)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["trace_id"])


class Lateness:
    """Looks again and again, while it is open, by how much the latest periodic job is late."""

    def __init__(self, trial: Trial) -> None:
        self._trial, self._is_over = trial, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.most = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        with psycopg.connect(self._trial.access["database_url"], autocommit=True) as connection:
            while not self._is_over.wait(0.2):
                found = connection.execute(_LATEST).fetchone()
                assert found is not None
                self.most = max(self.most, found[0])


def models_at(server: LlmServer) -> dict[str, str]:
    """Every model that can be asked is asked there."""
    of_one = {"URL": server.url, "MODEL": MODEL, "API_KEY": "of-nobody"}
    return {
        f"{name}_{part}": value
        for name in ("GROK", "DEEPSEEK", "LOCAL_LLM")
        for part, value in of_one.items()
    }


@pytest.mark.long
def test_while_every_model_hangs_nothing_else_waits(tmp_path: Path) -> None:
    """Fifty entries at once are decided in time, exits are staged and jobs run as ever."""
    with LlmServer("hang") as server, Trial(home=tmp_path, env=models_at(server)) as trial:
        sender = Sender(trial)
        opened = [sender.entry() for _ in range(EXITS)]
        traces = [trace for _, trace in opened]
        trial.wait_for("positions", lambda: trial.value(_OPEN, traces) == EXITS, 60)
        asked_before = len(server.bodies)
        with Lateness(trial) as late, ThreadPoolExecutor(4) as pool:
            sent = [pool.submit(sender.entry) for _ in range(ALERTS)]
            waiting = [one.result()[1] for one in sent]
            for trade_id, _ in opened:
                sender.exit(trade_id)
                time.sleep(0.4)
            trial.wait_for(
                "all are decided",
                lambda: all(row[0] is not None for row in trial.rows(_DECIDED, waiting)),
                30,
            )
        decided = trial.rows(_DECIDED, waiting)
        # The sample market goes on, and has exits of its own.
        trades = [trade_id for trade_id, _ in opened]
        exits = trial.wait_for(
            "all exits are staged",
            lambda: rows if len(rows := trial.rows(_STAGED, trades)) == EXITS else None,
            30,
        )
        staged = [row[0] for row in exits]
    assert len(server.bodies) - asked_before >= ALERTS
    assert len(decided) == ALERTS
    assert all("no_answer_in_time" in inputs for _, _, inputs in decided)
    most = max(row[0] for row in decided), max(staged), late.most
    limits = DECIDED_SECONDS, STAGED_SECONDS, LATE_SECONDS
    assert all(one <= limit for one, limit in zip(most, limits, strict=True)), (most, staged)


@pytest.mark.long
@pytest.mark.skipif(bool(llm_missing()), reason="the packages of requirements-llm.txt")
def test_the_opinion_of_a_real_model_stands_on_a_life_line(tmp_path: Path) -> None:
    with Trial(home=tmp_path, env={"LOBES": "llm"}) as trial:
        assert "llm" in trial.pids()
        _, answer = curl_run(trial.access["curl_entry"])
        said = """
            SELECT e.name, e.detail::json->>'version', e.detail::json->>'p' FROM events_event e
            WHERE e.trace_id = %s AND e.detail::json->>'lobe' = 'local_llm' ORDER BY e.id
        """
        rows = trial.wait_for(
            "both of its opinions",
            lambda: both if len(both := trial.rows(said, answer["trace_id"])) == 2 else None,
            60,
        )
    assert {(name, version) for name, version, _ in rows} == {
        ("opinion.received", f"1.{method}:{OPEN_MODEL}") for method in ("chance", "yes_no")
    }
    assert all(p is not None for _, _, p in rows)
    trial.check_stopped()
