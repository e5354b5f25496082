"""The track record of a strategy: what was known of its closed trades, and of those like this."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from fusion_project.events.clock import now
from signals.selectors.features import features_get
from signals.services.features import feature_record
from tests.builders.signals import (
    BuiltStrategy,
    entry_decided,
    entry_fuse,
    entry_received,
    results_record,
)
from tests.integration.signals.conftest import NOON


def test_the_track_record_sleeps_below_ten_results_and_then_speaks(built: BuiltStrategy) -> None:
    results_record(built, wins=9, losses=0)
    entry = entry_received(built)
    entry_fuse(entry)
    assert entry.opinions.get(lobe="track_record").reason == "too_few_trades"
    results_record(built, wins=0, losses=1)
    later = entry_received(built)
    # Facts of the same instant were not known before the alert; a moment later they are.
    entry_fuse(later)
    assert later.opinions.get(lobe="track_record").status == "asleep"


def test_the_track_record_is_the_beta_shrunk_share_of_wins(
    built: BuiltStrategy, clock: Any
) -> None:
    results_record(built, wins=60, losses=40)
    clock.advance(seconds=1)
    alert = entry_received(built)
    entry_fuse(alert)
    opinion = alert.opinions.get(lobe="track_record")
    assert opinion.p == Decimal("0.6")
    assert opinion.evidence == 500
    told = json.loads(opinion.response)
    assert (told["trades"], told["wins"]) == (100, 60)
    # All of them are of its symbol, so that says nothing; of their sessions nothing is known.
    assert told["alike"]["symbol"] == {"is": "EURUSD", "trades": 100, "wins": 60}
    assert told["alike"]["session"]["trades"] == 0


def test_trades_of_the_same_symbol_session_and_regime_move_the_share(
    built: BuiltStrategy, clock: Any
) -> None:
    """Gold wins in London's hours, euros lose at night, as closed trades of known entries."""
    for number in range(24):
        is_gold = number % 2 == 0
        clock.set(NOON + timedelta(days=number + 1, hours=-3 if is_gold else 11))
        entry = entry_decided(built, symbol="XAUUSD" if is_gold else "EURUSD")
        feature_record(
            key=f"trade.result_r:1:{number}:1",
            name="trade.result_r",
            strategy_id=built.strategy.id,
            instrument=entry.instrument,
            at=now(),
            value=Decimal(1 if is_gold else -1),
            trace_id=entry.trace_id,
        )
    chances = {}
    for symbol, hours in (("XAUUSD", -3), ("EURUSD", 11), ("GBPUSD", 5)):
        clock.set(NOON + timedelta(days=40, hours=hours))
        opinion = entry_decided(built, symbol=symbol).alert.opinions.get(lobe="track_record")
        chances[symbol] = opinion.p
        if symbol == "XAUUSD":
            told = json.loads(opinion.response)["alike"]
            assert told["symbol"] == {"is": "XAUUSD", "trades": 12, "wins": 12}
            assert told["session"] == {"is": "london", "trades": 12, "wins": 12}
    share = (Decimal("0.6") * 400 + 12) / 424
    assert chances["EURUSD"] < chances["GBPUSD"] < chances["XAUUSD"]
    assert chances["GBPUSD"] == pytest.approx(share, abs=Decimal("1e-9"))


def test_a_restated_result_replaces_the_first_one(built: BuiltStrategy, clock: Any) -> None:
    results_record(built, wins=10, losses=0)
    feature_record(
        key="trade:0:2",
        name="trade.result_r",
        strategy_id=built.strategy.id,
        instrument="EURUSD",
        at=now(),
        value=Decimal(0),
        trace_id="",
    )
    clock.advance(seconds=1)
    known = features_get(strategy=built.strategy, instrument="EURUSD", known_until=now())
    assert (known.trades, known.wins) == (10, 9)


def test_results_recorded_after_the_alert_do_not_move_its_decision(
    built: BuiltStrategy, clock: Any
) -> None:
    alert = entry_received(built)
    clock.advance(seconds=1)
    results_record(built, wins=0, losses=100)
    entry_fuse(alert)
    assert alert.opinions.get(lobe="track_record").status == "asleep"
    assert alert.decisions.get().state == "approved"
