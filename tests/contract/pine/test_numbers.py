"""The golden alerts against an oracle of our own: same bars, sides, reasons, stops and targets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.contract.pine.golden import Bar, bars_of, messages_of
from tests.contract.pine.oracle import Said, adx, atr, crossed, ema, rsi, traded

TICKS = {"EURUSD": "0.00001", "BTCUSDT.P": "0.1", "7203": "1", "XAUUSD": "0.01", "ES1!": "0.25"}
PRICES = {"ref_price": "ref_price", "sl": "stop", "tp": "target", "stop_price": "order_price"}


def agree(case: str, said: Sequence[Said]) -> None:
    """Every alert of the case equals what the oracle says, prices within half a tick."""
    messages = messages_of(case)
    asked = [(one.time, one.event, one.side, one.reason) for one in said]
    assert [_facts(one) for one in messages] == asked
    for message, one in zip(messages, said, strict=True):
        for member, name in PRICES.items():
            _check_price(message, member, getattr(one, name))


def _facts(message: dict[str, Any]) -> tuple[int, str, str, str]:
    return message["bar_time"], message["event"], message.get("side", ""), message["reason"]


def _check_price(message: dict[str, Any], member: str, expected: float | None) -> None:
    told = message.get(member)
    assert (told is None) == (expected is None), (message["id"], member)
    if told is not None and expected is not None:
        allowed = Decimal(TICKS[message["symbol"]]) * Decimal("0.5001")
        place = (message["id"], member)
        assert abs(Decimal(told) - Decimal(expected)) <= allowed, place


def test_the_oracle_knows_textbook_values() -> None:
    assert ema([1.0, 2.0, 3.0, 4.0], 3) == [None, None, 2.0, 3.0]
    bars = [Bar(0, 1, 3, 1, 2), Bar(1, 5, 6, 4, 5), Bar(2, 5, 5, 4, 4)]
    assert atr(bars, 2) == [None, 3.0, 2.0]
    assert rsi([1.0, 2.0, 3.0, 2.0], 2)[2:] == [100.0, 50.0]
    assert adx([Bar(n, n, n + 2, n, n + 1) for n in range(8)], 2)[-1] == pytest.approx(100)


@pytest.mark.parametrize(("case", "sides"), [("df-trend", (1, -1)), ("df-trend.futures", (1,))])
def test_trend_crosses_averages_with_an_atr_stop(case: str, sides: tuple[int, ...]) -> None:
    bars = bars_of(case)
    closes = [one.close for one in bars]
    fast, slow, swing = ema(closes, 9), ema(closes, 21), atr(bars, 14)

    def wants(n: int) -> int:
        side = crossed(fast, slow, n)
        return side if n >= 63 and side in sides else 0

    said = traded(
        bars,
        wants=wants,
        reason="ema_cross",
        payoff=2.0,
        leaves=lambda n, side, _: "opposite_cross" if crossed(fast, slow, n) == -side else "",
        stop_distance=lambda n: 2.0 * _known(swing[n]),
    )
    agree(case, said)


def test_reversion_waits_for_a_range_and_for_rsi_to_return() -> None:
    bars = bars_of("df-reversion")
    closes = [one.close for one in bars]
    power, strength, swing, base = rsi(closes, 14), adx(bars, 14), atr(bars, 14), ema(closes, 50)
    levels = {1: [35.0] * len(bars), -1: [65.0] * len(bars)}

    def wants(n: int) -> int:
        known = (strength[n], swing[n], base[n], base[n - 10] if n >= 10 else None)
        if n < 150 or any(one is None for one in known):
            return 0
        trend, size, now, then = (_known(one) for one in known)
        if trend > 25 or abs(now - then) > 1.5 * size:
            return 0
        return next((side for side in (1, -1) if crossed(power, levels[side], n) == side), 0)

    def leaves(n: int, side: int, entered: int) -> str:
        if (_known(power[n]) - 50) * side >= 0:
            return "mean_reached"
        return "timeout" if n - entered >= 30 else ""

    said = traded(
        bars,
        wants=wants,
        leaves=leaves,
        reason="rsi_return",
        payoff=None,
        stop_distance=lambda n: 1.5 * _known(swing[n]),
    )
    agree("df-reversion", said)


@pytest.mark.parametrize("case", ["df-channel", "df-channel.gold"])
def test_channel_breaks_the_highs_and_lows_before_the_bar(case: str) -> None:
    bars, swing = bars_of(case), atr(bars_of(case), 20)

    def ends(n: int, length: int) -> tuple[float, float]:
        before = bars[n - length : n]
        return max(one.high for one in before), min(one.low for one in before)

    def wants(n: int) -> int:
        tick = float(TICKS["7203" if case == "df-channel" else "XAUUSD"])
        if n <= 20 or 2.0 * _known(swing[n]) < 3 * tick:
            return 0
        high, low = ends(n, 20)
        return 1 if bars[n].close > high else -1 if bars[n].close < low else 0

    def leaves(n: int, side: int, entered: int) -> str:
        high, low = ends(n, 10)
        gone = bars[n].close < low if side > 0 else bars[n].close > high
        return "channel_exit" if gone else ""

    said = traded(
        bars,
        wants=wants,
        leaves=leaves,
        reason="channel_break",
        payoff=None,
        stop_distance=lambda n: 2.0 * _known(swing[n]),
    )
    agree(case, said)


def test_breakout_orders_stand_just_outside_of_the_range_of_the_night() -> None:
    bars = bars_of("df-breakout")
    orders = [one for one in messages_of("df-breakout") if one["event"] == "entry"]
    assert len(orders) > 10
    base = ema([one.close for one in bars], 100)
    at = {one.time: n for n, one in enumerate(bars)}
    for order in orders:
        n = at[order["bar_time"]]
        day = _day(bars[n].time)
        night = [one for one in bars[: n + 1] if _day(one.time) == day and _hour(one.time) < 6]
        high, low = max(one.high for one in night), min(one.low for one in night)
        side = 1 if bars[n].close > _known(base[n]) else -1
        price = high + 0.00005 if side > 0 else low - 0.00005
        middle = (high + low) / 2
        assert _hour(bars[n].time) == 6
        assert order["side"] == ("buy" if side > 0 else "sell")
        _check_price(order, "stop_price", price)
        _check_price(order, "sl", middle)
        _check_price(order, "tp", price + (price - middle) * 1.5)


def test_playbook_risks_its_figures_and_moves_the_stop_to_the_entry() -> None:
    bars, swing = bars_of("df-playbook"), atr(bars_of("df-playbook"), 14)
    at = {one.time: n for n, one in enumerate(bars)}
    messages = messages_of("df-playbook")
    entries = {one["id"]: one for one in messages if one["event"] == "entry"}
    for entry in entries.values():
        n, side = at[entry["bar_time"]], 1 if entry["side"] == "buy" else -1
        distance = 1.3 * _known(swing[n])
        _check_price(entry, "sl", bars[n].close - side * distance)
        _check_price(entry, "tp", bars[n].close + side * distance * 2.0)
        assert entry["size"] == "0.75"
    amends = [one for one in messages if one["event"] == "amend"]
    assert amends
    for amend in amends:
        assert amend["amend"]["sl"] == entries[amend["trade_id"]]["ref_price"]
    ends = [one for one in messages if one["event"] == "exit"]
    lived = [at[one["bar_time"]] - at[entries[one["trade_id"]]["bar_time"]] for one in ends]
    assert max(lived) <= 60


def test_bars_tell_what_the_fixture_holds() -> None:
    told = messages_of("df-bars")
    for message, bar in zip(told, bars_of("df-bars"), strict=True):
        prices = [float(message[name]) for name in ("open", "high", "low", "close")]
        assert prices == [bar.open, bar.high, bar.low, bar.close]


def test_a_canary_sings_once_in_each_half_hour() -> None:
    closes = [one["bar_close"] for one in messages_of("df-canary")]
    assert all(one % 1_800_000 == 0 for one in closes)
    assert len(closes) == len(set(closes)) == 23


def _known(value: float | None) -> float:
    assert value is not None
    return value


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()


def _hour(ms: int) -> int:
    return datetime.fromtimestamp(ms / 1000, UTC).hour
