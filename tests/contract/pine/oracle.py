"""The scripts' figures and rules once more, in plain Python: what the golden alerts must equal.

Formulas: an EMA of length n starts with the mean of its first n values and has the weight
2 / (n + 1); Wilder's average (RMA), behind ATR, RSI and DMI, starts the same way and has the weight
1 / n. A value that does not exist yet is None.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.contract.pine.golden import Bar

Values = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Said:
    """What an alert must say; prices are unrounded, None where the event has none."""

    time: int
    event: str
    side: str
    reason: str
    ref_price: float
    stop: float | None = None
    target: float | None = None
    order_price: float | None = None


def smoothed(values: Values, length: int, weight: float) -> list[float | None]:
    """An average with a memory, started by the mean of the first `length` values."""
    out: list[float | None] = []
    seen: list[float] = []
    last: float | None = None
    for value in values:
        if value is None:
            out.append(None)
            continue
        seen.append(value)
        if last is not None:
            last += weight * (value - last)
        elif len(seen) == length:
            last = sum(seen) / length
        out.append(last)
    return out


def ema(values: Values, length: int) -> list[float | None]:
    return smoothed(values, length, 2 / (length + 1))


def rma(values: Values, length: int) -> list[float | None]:
    return smoothed(values, length, 1 / length)


def true_ranges(bars: Sequence[Bar]) -> list[float]:
    """The first bar has no close before it: its range is all there is."""
    first = [bars[0].high - bars[0].low]
    return first + [
        max(one.high - one.low, abs(one.high - before.close), abs(one.low - before.close))
        for before, one in pairwise(bars)
    ]


def atr(bars: Sequence[Bar], length: int) -> list[float | None]:
    return rma(true_ranges(bars), length)


def rsi(closes: Sequence[float], length: int) -> list[float | None]:
    """100 - 100 / (1 + mean gain / mean loss)."""
    changes: list[float | None] = [None, *(after - before for before, after in pairwise(closes))]
    up = rma([None if one is None else max(one, 0.0) for one in changes], length)
    down = rma([None if one is None else max(-one, 0.0) for one in changes], length)
    return [_strength(gain, loss) for gain, loss in zip(up, down, strict=True)]


def _strength(gain: float | None, loss: float | None) -> float | None:
    if gain is None or loss is None:
        return None
    return 100.0 if loss == 0 else 100 - 100 / (1 + gain / loss)


def adx(bars: Sequence[Bar], length: int) -> list[float | None]:
    """Wilder's directional movement: how one-sided the highs and lows move."""
    plus: list[float | None] = [None]
    minus: list[float | None] = [None]
    for before, one in pairwise(bars):
        up, down = one.high - before.high, before.low - one.low
        plus.append(up if up > down and up > 0 else 0.0)
        minus.append(down if down > up and down > 0 else 0.0)
    ranges: list[float | None] = [None, *true_ranges(bars)[1:]]
    lines = [rma(one, length) for one in (plus, minus, ranges)]
    shares: list[float | None] = []
    for rise, fall, size in zip(*lines, strict=True):
        if rise is None or fall is None or not size:
            shares.append(None)
            continue
        total = rise + fall
        shares.append(abs(rise - fall) / (total if total else 1))
    return [None if one is None else 100 * one for one in rma(shares, length)]


def crossed(first: Values, second: Values, at: int) -> int:
    """1 where `first` has just risen above `second`, -1 where it has fallen below, else 0."""
    values = (first[at], second[at], first[at - 1], second[at - 1]) if at else (None,) * 4
    if any(one is None for one in values):
        return 0
    now, other, before, other_before = values
    assert now is not None and other is not None  # noqa: PT018
    assert before is not None and other_before is not None  # noqa: PT018
    if now > other and before <= other_before:
        return 1
    return -1 if now < other and before >= other_before else 0


def traded(
    bars: Sequence[Bar],
    *,
    wants: Callable[[int], int],
    leaves: Callable[[int, int, int], str],
    stop_distance: Callable[[int], float],
    payoff: float | None,
    reason: str,
) -> list[Said]:
    """Entries at the close with a stop and perhaps a target; what leaves first is asked first.

    `wants(n)` is the side on bar n, `leaves(n, side, entered)` a reason beyond stop and target.
    """
    said: list[Said] = []
    side, entered, stop, target = 0, 0, 0.0, None
    for n, bar in enumerate(bars):
        if side:
            why = _bracket(bar, side, stop, target) or leaves(n, side, entered)
            if why:
                said.append(Said(bar.time, "exit", _word(-side), why, bar.close))
                side = 0
        if not side and (wanted := wants(n)):
            side, entered = wanted, n
            stop = bar.close - side * stop_distance(n)
            target = None if payoff is None else bar.close + side * stop_distance(n) * payoff
            said.append(Said(bar.time, "entry", _word(side), reason, bar.close, stop, target))
    return said


def _bracket(bar: Bar, side: int, stop: float, target: float | None) -> str:
    if (bar.low <= stop) if side > 0 else (bar.high >= stop):
        return "stop"
    if target is not None and ((bar.high >= target) if side > 0 else (bar.low <= target)):
        return "target"
    return ""


def _word(side: int) -> str:
    return "buy" if side > 0 else "sell"
