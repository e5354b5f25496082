"""Lobes answer from their question alone, and two times the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from signals.lobes.base import Features, Lobe, Question
from signals.lobes.registry import LOBES
from signals.lobes.track_record import TrackRecord

QUESTION = Question(
    strategy_id=1,
    alert_id=2,
    leg_no=0,
    instrument="EURUSD",
    side="buy",
    order_type="market",
    timeframe="15",
    entry_price=Decimal("1.1"),
    stop_price=None,
    target_price=None,
    prior_p=Decimal("0.5"),
    prior_strength=Decimal(10),
    known_until=datetime(2026, 3, 2, tzinfo=UTC),
    features=Features(trades=90, wins=65),
)


ALONE = [one for one in LOBES if one.name in ("base_rate", "track_record")]


@pytest.mark.parametrize("lobe", ALONE, ids=lambda lobe: lobe.name)
def test_a_lobe_needs_nothing_but_its_question(lobe: Lobe) -> None:
    answer = lobe.answer(QUESTION)
    assert answer == lobe.answer(QUESTION)
    assert (answer.lobe, answer.version, answer.status) == (lobe.name, lobe.version, "awake")


def test_the_track_record_goes_by_the_features_in_the_question() -> None:
    answer = TrackRecord().answer(QUESTION)
    assert (answer.p, answer.evidence) == (Decimal("0.7"), 100)
    few = TrackRecord().answer(replace(QUESTION, features=Features(trades=9, wins=9)))
    assert (few.status, few.p) == ("asleep", None)
