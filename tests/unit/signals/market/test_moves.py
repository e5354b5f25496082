"""How much a market moves in a day, and how alike two of them move."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from signals.market.moves import correlation, daily_bps

START = datetime(2026, 3, 2, tzinfo=UTC)


def walk(count: int, seed: int, step: float = 0.001) -> list[Decimal]:
    source, price, closes = random.Random(seed), 100.0, []
    for _ in range(count):
        price *= math.exp(source.gauss(0, step))
        closes.append(Decimal(f"{price:.6f}"))
    return closes


def by_time(closes: list[Decimal]) -> dict[datetime, Decimal]:
    return {START + timedelta(minutes=15 * n): one for n, one in enumerate(closes)}


def test_a_days_deviation_grows_with_the_root_of_its_bars() -> None:
    closes = walk(2000, 1)
    quarter_hours, hours = daily_bps(closes, 900), daily_bps(closes, 3600)
    assert quarter_hours is not None
    assert hours is not None
    assert float(quarter_hours) == pytest.approx(10 * math.sqrt(96), rel=0.05)
    assert float(quarter_hours) == pytest.approx(2 * float(hours), rel=1e-6)


def test_moves_twice_as_large_are_twice_the_deviation() -> None:
    small, large = daily_bps(walk(60, 3), 900), daily_bps(walk(60, 3, 0.002), 900)
    assert small is not None
    assert large is not None
    assert float(large) == pytest.approx(2 * float(small), rel=1e-3)


def test_too_few_bars_say_nothing() -> None:
    assert daily_bps(walk(20, 1), 900) is None
    assert correlation(by_time(walk(20, 1)), by_time(walk(20, 1))) is None


def test_markets_correlate_with_themselves_and_against_their_mirror() -> None:
    closes = walk(60, 2)
    mirror = [Decimal(10_000) / one for one in closes]
    assert correlation(by_time(closes), by_time(closes)) == 1
    assert float(correlation(by_time(closes), by_time(mirror)) or 0) == pytest.approx(-1, abs=1e-6)
    other = correlation(by_time(walk(2000, 2)), by_time(walk(2000, 5)))
    assert other is not None
    assert abs(other) < Decimal("0.1")


def test_only_bars_that_both_have_are_compared_and_a_still_market_says_nothing() -> None:
    left, right = by_time(walk(60, 2)), by_time(walk(60, 2))
    later = {at + timedelta(days=9): one for at, one in right.items()}
    assert correlation(left, later) is None
    assert correlation(left, dict.fromkeys(left, Decimal(7))) is None
