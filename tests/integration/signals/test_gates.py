"""Gates at a decision: read as of the alert's receipt, recorded, replayed; exits pass them."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from fusion_project.events.clock import now
from signals.errors import PolicyInvalid
from signals.models import Decision
from signals.services.bars import BarFacts, bars_record
from signals.services.features import feature_record
from signals.services.strategies import strategy_policy_change
from tests.builders.signals import (
    BuiltStrategy,
    entry_decided,
    exit_received,
    strategy_built,
)
from tests.integration.signals.conftest import NOON

D = Decimal
MINUTE = timedelta(minutes=1)
RAMP = {"full": 500, "closed": 1500, "absent": "0.5"}
FEED = {"feed": "executor:7", "symbol": "EURUSD", "timeframe_seconds": 60}
# Three pips at the entry's price.
SPREAD_BPS = str((D("0.0003") / D("1.0842") * 10_000).quantize(D("1e-9")))
GOLD = {"feed": "executor:7", "symbol": "XAUUSD", "timeframe_seconds": 60}


@pytest.fixture(autouse=True)
def noon(db: None, clock: Any) -> None:
    clock.set(NOON)


def gated(gates: dict[str, Any], **policy: Any) -> BuiltStrategy:
    return strategy_built(gates=gates, prior_p=D("0.75"), **policy)


def pushed(built: BuiltStrategy, name: str, value: str, *, at: Any = None, **more: Any) -> None:
    moment = at or now() - MINUTE
    feature_record(
        key=f"{name}:{built.strategy.id}:{moment.timestamp()}:{value}",
        name=name,
        strategy_id=built.strategy.id,
        instrument=more.get("instrument", ""),
        at=moment,
        value=D(value),
        trace_id=more.get("trace_id", ""),
    )


def told(decision: Decision, name: str) -> dict[str, Any]:
    gates = json.loads(decision.inputs or "")["inputs"]["gates"]
    (one,) = [gate for gate in gates if gate["name"] == name]
    return dict(one)


def replayed() -> str:
    out = StringIO()
    call_command("replay_decisions", stdout=out)
    return out.getvalue()


def test_drawdown_shrinks_and_then_closes_and_the_decision_says_so(clock: Any) -> None:
    built = gated({"drawdown": RAMP})
    pushed(built, "strategy.drawdown_bps", "1000")
    clock.advance(seconds=1)
    half = entry_decided(built)
    assert (half.state, half.size_factor, half.risk_bps) == ("approved", D("0.5"), 50)
    pushed(built, "strategy.drawdown_bps", "1500", at=now())
    clock.advance(seconds=1)
    shut = entry_decided(built)
    assert (shut.state, shut.reason, shut.risk_bps) == ("abstained", "drawdown_closed", 0)
    facts = json.loads(shut.inputs or "")["context"]["gates"]["facts"]
    assert (facts[0]["values"], len(facts[0]["rows"])) == (["1500"], 1)
    assert "2 decisions replayed (2 by engine:fusion/2), 0 differ." in replayed()


def test_absent_and_stale_follow_the_policy_and_never_count_as_good(clock: Any) -> None:
    gates = {"drawdown": RAMP, "account_health": {"absent": "0.4"}, "exposure": RAMP}
    built = gated(gates)
    pushed(built, "strategy.drawdown_bps", "0", at=now() - timedelta(seconds=181))
    clock.advance(seconds=1)
    decision = entry_decided(built)
    assert decision.size_factor == D("0.1")
    assert told(decision, "drawdown")["reason"] == "drawdown_stale"
    assert told(decision, "account_health")["reason"] == "account_health_absent"
    closed = strategy_built("second", gates={"account_health": {}})
    assert entry_decided(closed).reason == "account_health_absent"


def test_an_unwell_account_lets_no_entry_pass_and_every_exit(clock: Any) -> None:
    built = gated({"account_health": {}})
    pushed(built, "strategy.health", "0")
    clock.advance(seconds=1)
    assert entry_decided(built).reason == "account_health_closed"
    gone = exit_received(built, "any")
    assert Decision.objects.get(alert=gone).state == "approved"


def test_what_is_told_after_the_alert_or_of_the_future_is_not_read(clock: Any) -> None:
    built = gated({"account_health": {"absent": "0.4"}})
    pushed(built, "strategy.health", "1", at=now() + timedelta(hours=1))
    decision = entry_decided(built)
    assert told(decision, "account_health")["reason"] == "account_health_absent"
    clock.advance(seconds=1)
    assert told(entry_decided(built), "account_health")["reason"] == "account_health_absent"


def test_the_session_is_that_of_the_policys_zone(clock: Any) -> None:
    london = {"session": {"zone": "Europe/London", "open": ["Mon 12:00-13:00"]}}
    tokyo = {"session": {"zone": "Asia/Tokyo", "open": ["Mon 12:00-13:00"]}}
    assert entry_decided(gated(london)).state == "approved"
    shut = entry_decided(strategy_built("tokyo", gates=tokyo))
    assert shut.reason == "session_closed"


def test_news_close_the_door_and_a_calendar_that_is_not_known_too(
    clock: Any, tmp_path: Path
) -> None:
    built = gated({"news": {"calendar": "fx", "absent": "0.3"}})
    assert told(entry_decided(built), "news")["reason"] == "news_absent"
    file = tmp_path / "week.csv"
    file.write_text("at,currency,impact,title\n2026-03-02T12:20:00Z,USD,high,Payrolls\n")
    call_command("news_import", str(file), "--calendar", "fx", stdout=StringIO())
    clock.advance(seconds=1)
    assert entry_decided(built).reason == "news_closed"
    clock.advance(minutes=51)
    assert entry_decided(built).state == "approved"
    assert "0 differ" in replayed()


def test_an_instrument_without_known_currencies_has_no_news_that_could_be_read(
    clock: Any, tmp_path: Path
) -> None:
    file = tmp_path / "week.csv"
    file.write_text("at,currency,impact,title\n2026-03-02T12:20:00Z,USD,high,Payrolls\n")
    call_command("news_import", str(file), "--calendar", "fx", stdout=StringIO())
    clock.advance(seconds=1)
    news = {"calendar": "fx", "absent": "0.3"}
    index = {"symbol": "NAS100"}
    assert told(entry_decided(gated({"news": news}), **index), "news")["reason"] == "news_absent"
    named = {"news": {**news, "currencies": {"NAS100": ["USD"]}}}
    assert entry_decided(strategy_built("named", gates=named), **index).reason == "news_closed"


def test_the_spread_is_measured_in_distances_of_the_stop(clock: Any) -> None:
    built = gated({"spread": {"full": "0.05", "closed": "0.25"}})
    # A stop 20 pips away; a spread of 3 pips is 0.15 of it.
    pushed(built, "strategy.spread_bps", SPREAD_BPS, instrument="EURUSD")
    clock.advance(seconds=1)
    decision = entry_decided(built)
    assert told(decision, "spread")["reason"] == "spread_shrinks"
    assert decision.size_factor is not None
    assert abs(decision.size_factor - D("0.5")) < D("0.01")
    assert entry_decided(built, sl="1.07000", tp="1.10000").size_factor == 1


def bars_come(symbol: str, count: int, *, wild: int = 1, sign: int = 1, skip: int = 0) -> None:
    """Bars up to now; `wild` widens the last of them, `sign` mirrors, `skip` leaves some out."""
    first, bars = now() - MINUTE * count, []
    for number in range(count):
        if skip and count - 10 - skip <= number < count - 10:
            continue
        wide = wild if number >= count - 14 else 1
        move = D(sign * wide * (number % 3 - 1) * (1 + number % 5)) / 10_000
        price = D("1.0842") + move
        bars.append(
            BarFacts(
                open_at=first + MINUTE * number,
                open=price,
                high=price + D("0.0004") * wide,
                low=price - D("0.0004") * wide,
                close=price,
            )
        )
    bars_record(feed="executor:7", symbol=symbol, timeframe_seconds=60, bars=bars)


def test_volatility_shrinks_and_its_target_bounds_the_risk(clock: Any) -> None:
    feeds = {"EURUSD": [FEED]}
    gates = {"volatility": {"full": "1.2", "closed": "4", "target_bps": 1}}
    built = gated(gates, feeds=feeds)
    bars_come("EURUSD", 60, wild=3)
    clock.advance(seconds=1)
    decision = entry_decided(built)
    assert told(decision, "volatility")["reason"] == "volatility_shrinks"
    record = json.loads(decision.inputs or "")
    assert 0 < D(record["inputs"]["risk_share"]) < 1
    bare = strategy_built("bare", gates={"volatility": {"target_bps": 1}})
    assert entry_decided(bare).reason == "volatility_absent"
    assert "0 differ" in replayed()


def test_holes_in_the_bars_shrink(clock: Any) -> None:
    built = gated({"data_quality": {"full": 1, "closed": "0.5"}}, feeds={"EURUSD": [FEED]})
    bars_come("EURUSD", 60, skip=15)
    clock.advance(seconds=1)
    decision = entry_decided(built)
    assert (decision.size_factor, decision.state) == (D("0.5"), "approved")
    clock.advance(minutes=4)
    assert entry_decided(built).reason == "data_quality_stale"


def test_open_entries_that_move_alike_shrink_the_next_one(clock: Any) -> None:
    feeds = {"EURUSD": [FEED], "XAUUSD": [GOLD]}
    gates = {"correlation": {"full": 0, "closed": "1.9"}}
    built = gated(gates, feeds=feeds)
    bars_come("EURUSD", 60)
    bars_come("XAUUSD", 60, sign=-1)
    clock.advance(seconds=1)
    first = entry_decided(built)
    assert first.size_factor == 1
    clock.advance(seconds=1)
    assert told(entry_decided(built), "correlation")["factor"] == "0.473684210526"
    # Gold mirrors the euro here: a sale of it is the same bet, a purchase the opposite one.
    clock.advance(seconds=1)
    mirrored = entry_decided(built, symbol="XAUUSD")
    assert mirrored.size_factor == 1
    clock.advance(seconds=1)
    alike = entry_decided(built, symbol="XAUUSD", side="sell")
    assert alike.reason == "correlation_closed"


def test_an_entry_that_ended_is_open_no_more(clock: Any) -> None:
    built = gated({"correlation": {"full": 0, "closed": 2}})
    first = entry_decided(built)
    pushed(built, "trade.result_r", "1", at=now(), trace_id=first.trace_id)
    clock.advance(seconds=1)
    assert entry_decided(built).size_factor == 1


def test_without_gates_a_record_has_no_word_of_them(clock: Any) -> None:
    decision = entry_decided(strategy_built())
    record = json.loads(decision.inputs or "")
    assert (record["inputs"]["gates"], "gates" in record["context"]) == ([], False)


@pytest.mark.parametrize("gates", [{"mood": {}}, {"drawdown": {**RAMP, "absent": "1"}}])
def test_gates_that_cannot_be_meant_are_refused_when_they_are_saved(gates: Any) -> None:
    built = strategy_built()
    with pytest.raises(PolicyInvalid, match="gates are not usable"):
        strategy_policy_change(strategy_id=built.strategy.id, actor="user:1", gates=gates)
    with pytest.raises(PolicyInvalid, match="gates are not usable"):
        strategy_built("another", gates=gates)


@pytest.mark.parametrize(
    "gates", ['{"mood": {}}', '{"drawdown": 1}', '{"drawdown": {"absent": "1"}}']
)
def test_the_table_refuses_them_too(gates: str) -> None:
    strategy_built()
    with pytest.raises(DatabaseError, match="would count as good"), transaction.atomic():
        connection.cursor().execute(
            "INSERT INTO signals_strategypolicy SELECT (jsonb_populate_record(p, "
            " jsonb_build_object('id', 9999, 'version', 77, 'gates', %s::jsonb))).*"
            " FROM signals_strategypolicy p LIMIT 1",
            [gates],
        )


def test_gates_are_set_by_command_and_by_creation_alike() -> None:
    out, text = StringIO(), json.dumps({"drawdown": RAMP})
    call_command("strategy_create", "made", "--gates", text, stdout=out)
    call_command("strategy_policy", "made", "--gates", "{}", stdout=out)
    assert '"closed": 1500}} -> {}' in out.getvalue()
    assert '"absent": "0.5"' in out.getvalue().partition("versions:")[2]
