"""The sample market over a webhook that comes and goes: what it entered, it exits."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from fusion_project.local.home.folder import Home, json_read
from fusion_project.local.market.bar_teller import CATCH_UP_MAX, history_write
from fusion_project.local.market.rules.prices import BAR_SECONDS
from fusion_project.local.market.rules.sample_rules import FAULTY_STRATEGY, SAMPLE_STRATEGIES
from fusion_project.local.market.sample_market import SampleMarket
from signals.market.bars import bars_check
from signals.market.csv_bars import csv_bars, csv_name

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SLUGS = (*(rule.slug for rule in SAMPLE_STRATEGIES), FAULTY_STRATEGY)
SECRETS = {slug: f"secret-{slug}" for slug in SLUGS}


def is_bad(text: str) -> bool:
    """One of the broken forms: cut off, or marked in its id."""
    return not text.endswith("}") or ':bad"' in text


class Hook:
    """A webhook whose answer the test sets; keeps what it was sent."""

    def __init__(self) -> None:
        self.status = 202
        self.paths: list[str] = []
        self.stored: list[dict[str, Any]] = []
        self.texts: list[str] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.paths.append(request.url.path)
        self.texts.append(request.content.decode())
        if self.status == 0:
            raise httpx2.ConnectError("gone")
        if self.status == 202:
            if is_bad(self.texts[-1]):
                return httpx2.Response(422)
            self.stored.append(json.loads(request.content))
        return httpx2.Response(self.status)

    def ids(self, event: str) -> list[str]:
        return [one["trade_id"] for one in self.stored if one["event"] == event]


@pytest.fixture
def hook() -> Hook:
    return Hook()


def market(tmp_path: Path, hook: Hook) -> SampleMarket:
    tmp_path.mkdir(exist_ok=True)
    return SampleMarket(
        Home(tmp_path), "http://127.0.0.1:1", SECRETS, transport=httpx2.MockTransport(hook)
    )


def play(scripts: SampleMarket, first: int, count: int) -> None:
    for number in range(first, first + count):
        at = AT + timedelta(seconds=BAR_SECONDS * number)
        scripts.bar_play(at, pause=lambda seconds: None)


def known_trades(tmp_path: Path) -> set[str]:
    kept = json_read(tmp_path / "market" / "trades.json") or {}
    return {one["trade_id"] for one in kept.values()}


def test_every_alert_goes_to_its_own_strategys_address(tmp_path: Path, hook: Hook) -> None:
    play(market(tmp_path, hook), 0, 40)
    assert hook.stored
    assert set(hook.paths) <= {
        f"/hooks/tradingview/{slug}/{secret}" for slug, secret in SECRETS.items()
    }
    for path, text in zip(hook.paths, hook.texts, strict=True):
        is_its_own = f'"script":"{path.split("/")[3]}"' in text
        assert is_its_own or path.split("/")[3] == FAULTY_STRATEGY


def test_duplicates_and_bad_alerts_come_now_and_then(tmp_path: Path, hook: Hook) -> None:
    play(market(tmp_path, hook), 0, 120)
    bad = [text for text in hook.texts if is_bad(text)]
    sent_to = {path for path, text in zip(hook.paths, hook.texts, strict=True) if is_bad(text)}
    assert {path.split("/")[3] for path in sent_to} == {FAULTY_STRATEGY}
    twice = len(hook.texts) - len(set(hook.texts))
    assert 0 < len(bad) < len(hook.texts) / 10
    assert 0 < twice < len(hook.texts) / 5


def test_an_exit_that_was_not_stored_is_owed_until_it_is(tmp_path: Path, hook: Hook) -> None:
    # First in an undisturbed world: which bar brings the first exit, and of which trade.
    rehearsal = market(tmp_path / "rehearsal", hook)
    bars = 0
    while not hook.ids("exit"):
        play(rehearsal, bars, 1)
        bars += 1
    [owed] = hook.ids("exit")
    away = Hook()
    scripts = market(tmp_path / "home", away)
    play(scripts, 0, bars - 1)
    away.status = 503
    play(scripts, bars - 1, 1)
    assert owed in known_trades(tmp_path / "home")
    away.status = 202
    play(scripts, bars, 3)
    assert owed in away.ids("exit")
    assert owed not in known_trades(tmp_path / "home")


def test_an_entry_that_was_not_stored_is_no_trade(tmp_path: Path, hook: Hook) -> None:
    hook.status = 0
    play(market(tmp_path, hook), 0, 60)
    assert known_trades(tmp_path) == set()
    assert len(hook.texts) > 5


def test_a_restart_exits_what_was_entered_before(tmp_path: Path, hook: Hook) -> None:
    play(market(tmp_path, hook), 0, 30)
    entered = known_trades(tmp_path)
    assert entered
    play(market(tmp_path, hook), 30, 120)
    exited = set(hook.ids("exit"))
    assert exited & entered


def test_no_trade_is_exited_twice(tmp_path: Path, hook: Hook) -> None:
    play(market(tmp_path, hook), 0, 120)
    unique = {one["id"]: one["trade_id"] for one in hook.stored if one["event"] == "exit"}
    assert len(set(unique.values())) == len(unique)


def bars_told(hook: Hook) -> list[tuple[str, str, int]]:
    told = [one for one in hook.stored if one["event"] == "bar"]
    return [(one["script"], one["symbol"], one["bar_time"] // 60_000) for one in told]


def test_each_strategy_tells_its_minute_bars_once_each(tmp_path: Path, hook: Hook) -> None:
    play(market(tmp_path, hook), 0, 25)
    told = bars_told(hook)
    minute = int(AT.timestamp()) // 60
    pairs = [(rule.slug, name) for rule in SAMPLE_STRATEGIES for name in rule.instruments]
    assert sorted(told) == sorted(
        (slug, name, minute - 1 + step) for slug, name in pairs for step in range(3)
    )


def test_bars_that_were_not_stored_are_told_later_in_order_and_an_hour_ago_is_past(
    tmp_path: Path, hook: Hook
) -> None:
    scripts = market(tmp_path, hook)
    play(scripts, 0, 1)
    hook.status = 503
    play(scripts, 1, 30)
    hook.status = 202
    play(market(tmp_path, hook), 31, 1)
    minute = int(AT.timestamp()) // 60
    of_one = [at for slug, name, at in bars_told(hook) if (slug, name) == ("turn", "BTCUSD")]
    assert of_one == [minute - 1, minute, minute + 1]
    play(market(tmp_path, hook), 800, 1)
    of_one = [at for slug, name, at in bars_told(hook) if (slug, name) == ("turn", "BTCUSD")]
    assert len(of_one) == 3 + CATCH_UP_MAX
    assert of_one[-1] == minute + 65


def test_history_is_written_as_a_chart_exports_it(tmp_path: Path) -> None:
    paths = history_write(tmp_path / "history", AT, hours=1)
    names = {csv_name(path.name).symbol for path in paths}
    assert "OANDA:EURUSD" in names
    bars = [bar for _, bar in csv_bars(paths[0].read_text().splitlines(keepends=True))]
    bars_check(bars, 60, AT)
    assert (len(bars), bars[-1].open_at) == (60, AT - timedelta(minutes=1))
