"""The Pine scripts' market over a webhook and a runner that come and go: nothing lost, in order."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from fusion_project.local.home.folder import Home
from fusion_project.local.market import pine_market
from fusion_project.local.market.pine_market import PineMarket
from fusion_project.local.market.pine_runner import PineRunner, PineRunnerFailed, runner_missing
from fusion_project.local.market.rules.pine_strategies import PINE_STRATEGIES, PineStrategy
from fusion_project.local.market.rules.prices import BAR_SECONDS
from signals.dialects.base import StrategyDefaults
from signals.dialects.registry import read_alert
from signals.intake.parsing import read_content

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
STAND_IN = (sys.executable, str(Path(__file__).with_name("pine_stand_in.py")))
TREND = PineStrategy("df-trend", "trend", ("EURUSD",), history=20)


class Hook:
    """A webhook whose answer the test sets; keeps what it stored."""

    def __init__(self) -> None:
        self.status = 202
        self.messages: list[dict[str, Any]] = []
        self.paths: list[str] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if self.status == 0:
            raise httpx2.ConnectError("gone")
        self.paths.append(request.url.path)
        if self.status == 202:
            self.messages.append(json.loads(request.content))
        return httpx2.Response(self.status)

    @property
    def bars(self) -> list[int]:
        return [one["bar"] for one in self.messages]


@pytest.fixture
def hook() -> Hook:
    return Hook()


@pytest.fixture
def runner() -> Iterator[PineRunner]:
    one = PineRunner(STAND_IN)
    yield one
    one.stop()


def market(tmp_path: Path, hook: Hook, runner: PineRunner, *strategies: PineStrategy) -> PineMarket:
    return PineMarket(
        Home(tmp_path),
        "http://127.0.0.1:1",
        {one.script: "secret" for one in strategies or (TREND,)},
        transport=httpx2.MockTransport(hook),
        runner=runner,
        strategies=strategies or (TREND,),
    )


def play(one: PineMarket, first: int, count: int) -> list[int]:
    """Play rounds; returns when the bars that they closed opened, in milliseconds."""
    moments = [AT + timedelta(seconds=BAR_SECONDS * n) for n in range(first, first + count)]
    for moment in moments:
        one.bar_play(moment, pause=lambda _: None)
    return [int(moment.timestamp() - BAR_SECONDS) * 1000 for moment in moments]


def test_each_new_bar_is_told_once_and_history_never(
    tmp_path: Path, hook: Hook, runner: PineRunner
) -> None:
    assert play(market(tmp_path, hook, runner), 0, 4) == hook.bars


def test_what_the_webhook_did_not_take_comes_later_and_in_order(
    tmp_path: Path, hook: Hook, runner: PineRunner
) -> None:
    one = market(tmp_path, hook, runner)
    first = play(one, 0, 2)
    for status in (0, 503, 429, 401):
        hook.status = status
        play(one, 2, 1)
    hook.status = 0
    later = play(one, 2, 3)
    hook.status = 202
    assert hook.bars == first
    assert [*first, *later, *play(one, 5, 1)] == hook.bars


def test_a_text_that_cannot_be_read_is_not_sent_for_ever(
    tmp_path: Path, hook: Hook, runner: PineRunner
) -> None:
    one = market(tmp_path, hook, runner)
    hook.status = 422
    play(one, 0, 1)
    hook.status = 202
    assert play(one, 1, 1) == hook.bars


def test_a_restart_tells_what_it_missed_and_what_was_owed(
    tmp_path: Path, hook: Hook, runner: PineRunner
) -> None:
    first = play(market(tmp_path, hook, runner), 0, 2)
    hook.status = 0
    owed = play(market(tmp_path, hook, PineRunner(STAND_IN)), 2, 1)
    hook.status = 202
    play(market(tmp_path, hook, PineRunner(STAND_IN)), 9, 1)
    missed = [owed[0] + BAR_SECONDS * 1000 * n for n in range(1, 8)]
    assert hook.bars == [*first, *owed, *missed]


def test_after_a_long_pause_the_catching_up_is_bounded(
    tmp_path: Path, hook: Hook, runner: PineRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pine_market, "CATCH_UP_BARS_MAX", 30)
    play(market(tmp_path, hook, runner), 0, 1)
    play(market(tmp_path, hook, PineRunner(STAND_IN)), 5_000, 1)
    assert len(hook.bars) == 1 + 30


def test_a_runner_that_is_killed_is_started_again_and_nothing_is_lost(
    tmp_path: Path, hook: Hook, runner: PineRunner
) -> None:
    one = market(tmp_path, hook, runner)
    told = play(one, 0, 2)
    assert runner._process is not None
    os.kill(runner._process.pid, signal.SIGKILL)
    runner._process.wait()
    assert [*told, *play(one, 2, 2)] == hook.bars


def test_a_long_run_is_opened_anew_without_telling_twice(
    tmp_path: Path, hook: Hook, runner: PineRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pine_market, "BARS_MAX", TREND.history + 3)
    asked: list[bool] = []
    monkeypatch.setattr(
        runner,
        "ask",
        lambda request, ask=runner.ask: asked.append("script" in request) or ask(request),
    )
    assert play(market(tmp_path, hook, runner), 0, 8) == hook.bars
    assert asked.count(True) > 1


HOLDER = PineStrategy("holder", "holder", ("EURUSD",), history=20)
# The round that closes the bar of ten o'clock, on which the stand-in enters.
ENTERS = 1800 // BAR_SECONDS + 1


def test_a_trade_that_the_script_has_forgotten_is_exited_once(
    tmp_path: Path, hook: Hook, runner: PineRunner
) -> None:
    play(market(tmp_path, hook, runner, HOLDER), ENTERS - 2, 4)
    play(market(tmp_path, hook, PineRunner(STAND_IN), HOLDER), ENTERS + 4 * 720 - 3, 2)
    entry, leaving = hook.messages
    assert (leaving["event"], leaving["side"], leaving["position"]) == ("exit", "sell", "flat")
    assert (leaving["trade_id"], leaving["reason"]) == (entry["id"], "forgotten")
    read_alert(read_content(json.dumps(leaving).encode()), StrategyDefaults("holder"))


def test_a_trade_that_the_script_remembers_goes_on(
    tmp_path: Path, hook: Hook, runner: PineRunner
) -> None:
    play(market(tmp_path, hook, runner, HOLDER), ENTERS - 2, 4)
    play(market(tmp_path, hook, PineRunner(STAND_IN), HOLDER), ENTERS + 100, 2)
    assert [one["event"] for one in hook.messages] == ["entry"]


def test_a_script_in_mid_trade_is_not_opened_anew(
    tmp_path: Path, hook: Hook, runner: PineRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pine_market, "BARS_MAX", HOLDER.history + 3)
    one = market(tmp_path, hook, runner, HOLDER)
    play(one, ENTERS - 2, 3)
    asked: list[bool] = []
    monkeypatch.setattr(
        runner,
        "ask",
        lambda request, ask=runner.ask: asked.append("script" in request) or ask(request),
    )
    play(one, ENTERS + 1, 40)
    assert asked == [False] * 40


def test_what_is_owed_is_sent_while_the_runner_fails(
    tmp_path: Path, hook: Hook, runner: PineRunner
) -> None:
    hook.status = 0
    owed = play(market(tmp_path, hook, runner), 0, 2)
    hook.status = 202
    play(market(tmp_path, hook, PineRunner(("false",))), 2, 1)
    assert hook.bars == owed


def test_a_clock_that_was_set_back_silences_nobody(
    tmp_path: Path, hook: Hook, runner: PineRunner
) -> None:
    one = market(tmp_path, hook, runner)
    play(one, 5_000, 1)
    hook.messages.clear()
    play(one, 0, 1)
    assert play(one, 1, 2) == hook.bars


def test_a_script_that_failed_once_is_opened_again(
    tmp_path: Path, hook: Hook, runner: PineRunner
) -> None:
    moody = PineStrategy("moody", "moody", ("EURUSD",), history=20)
    assert play(market(tmp_path, hook, runner, moody), 0, 3) == hook.bars


def test_a_runner_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fusion_project.local.market.pine_runner.ANSWER_SECONDS_MAX", 0.3)
    runner = PineRunner(STAND_IN)
    with pytest.raises(PineRunnerFailed, match="no answer"):
        runner.ask({"key": "hung/x", "bars": []})
    assert runner._process is None


def test_a_runner_that_says_something_else_is_an_error_in_words() -> None:
    runner = PineRunner(STAND_IN)
    with pytest.raises(PineRunnerFailed, match="Warning: something"):
        runner.ask({"key": "chatty/x", "bars": []})
    assert runner._process is None


@pytest.mark.parametrize("script", ["refused", "silent"])
def test_a_script_that_fails_does_not_stop_the_others(
    script: str, tmp_path: Path, hook: Hook, runner: PineRunner
) -> None:
    broken = PineStrategy(script, "broken", ("EURUSD",), history=20)
    assert play(market(tmp_path, hook, runner, broken, TREND), 0, 3) == hook.bars


def test_minute_bars_are_told_when_the_minute_is_over(
    tmp_path: Path, hook: Hook, runner: PineRunner
) -> None:
    feed = PineStrategy("df-bars", "bars", ("EURUSD",), "1", 60, history=3)
    play(market(tmp_path, hook, runner, feed), 0, 25)
    minute = int(AT.timestamp()) * 1000
    assert hook.bars == [minute - 60_000, minute, minute + 60_000]


def test_a_runner_that_answers_nothing_is_an_error_in_words() -> None:
    runner = PineRunner(STAND_IN)
    with pytest.raises(PineRunnerFailed, match="no answer"):
        runner.ask({"key": "silent/x", "bars": []})
    with pytest.raises(PineRunnerFailed, match="does not run"):
        runner.ask({"key": "refused/x", "bars": []})
    runner.stop()


def test_what_keeps_the_runner_from_starting_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "needs Node 20" in runner_missing()
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\necho v18.1.0\n")
    node.chmod(0o755)
    assert "this one is v18.1.0" in runner_missing()
    node.write_text("#!/bin/sh\necho v24.0.0\n")
    monkeypatch.setattr("fusion_project.local.market.pine_runner.HARNESS", tmp_path)
    assert "make pine-modules" in runner_missing()
    (tmp_path / "node_modules" / "pinets").mkdir(parents=True)
    assert runner_missing() == ""


def test_every_script_that_plays_is_one_of_the_kit() -> None:
    kit = {path.stem for path in (Path(__file__).parents[3] / "pine").glob("*.pine")}
    assert {one.script for one in PINE_STRATEGIES} == kit
