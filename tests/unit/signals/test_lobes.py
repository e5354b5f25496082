"""Lobes answer from their question alone, and two times the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from signals.lobes.base import Alike, Features, Lobe, Question
from signals.lobes.registry import LOBES
from signals.lobes.track_record import TrackRecord
from signals.market.circumstances import (
    ASIA,
    CALM,
    LONDON,
    NEW_YORK,
    USUAL,
    WILD,
    regime_of,
    session_of,
)

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


def alike(what: str, trades: int, wins: int) -> Alike:
    return Alike(what=what, value="x", trades=trades, wins=wins)


def track(*cells: Alike) -> Decimal:
    features = Features(trades=90, wins=65, alike=cells)
    p = TrackRecord().answer(replace(QUESTION, features=features)).p
    assert p is not None
    return p


def test_trades_like_the_entry_move_the_share_by_how_far_they_differ_from_all() -> None:
    plain = track()
    assert track(alike("symbol", 90, 65)) == plain == track(alike("session", 0, 0))
    assert track(alike("symbol", 18, 13)) == pytest.approx(plain, abs=Decimal("0.001"))
    good, better = track(alike("symbol", 20, 18)), track(alike("symbol", 60, 54))
    assert plain < good < better < track(alike("symbol", 60, 54), alike("regime", 20, 18)) < 1
    assert 0 < track(alike("regime", 40, 0), alike("session", 40, 0)) < plain


@pytest.mark.parametrize(
    ("hour", "session"),
    [(0, ASIA), (6, ASIA), (7, LONDON), (12, LONDON), (13, NEW_YORK), (20, NEW_YORK), (21, ASIA)],
)
def test_each_hour_belongs_to_one_session(hour: int, session: str) -> None:
    assert session_of(datetime(2026, 3, 2, hour, 59, tzinfo=UTC)) == session


def test_the_regime_is_how_the_recent_range_stands_to_the_usual_one() -> None:
    told = [regime_of(Decimal(one)) for one in ("0.79", "0.8", "1.24", "1.25")]
    assert told == [CALM, USUAL, USUAL, WILD]
