"""Draws the line of realised cash: geometry of an SVG path with round tick values beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

from fusion_project.text.formats import (
    counted,
    exact_number,
    grouped,
    second_text,
    seconds_between,
    signed_exact,
)
from treasury.rules import runs
from treasury.rules.runs import CashLine

SIDE = Decimal(1000)
_INTERVALS = 4
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class Unposted:
    """Trades that a ledger does not hold as they stand; `net` is what it lacks."""

    count: int
    net: Decimal


@dataclass(frozen=True, slots=True)
class Point:
    """The balance at a time; `change` since the point before it, since nothing for the first."""

    at: datetime
    balance: Decimal
    change: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """A drawable line in a square of 1000 units; ticks from top to bottom, evenly spaced.

    `rows` are the points drawn, newest first; `window` says what of all steps they are.
    """

    currency: str
    path: str
    area: str
    base_y: str
    grid: list[str]
    ticks: list[str]
    first_at: datetime
    last_at: datetime
    sentence: str
    window: str
    rows: list[Point]


def line_draw(cash: CashLine) -> Line:
    """A line over time: a balance holds until the next step. Needs two steps or more."""
    points = _with_changes(cash.points)
    ticks = round_ticks(min(one.balance for one in points), max(one.balance for one in points))
    low, high = ticks[0], ticks[-1]
    corners = _steps([(_x(points, one.at), _y(one.balance, low, high)) for one in points])
    path = "M" + "L".join(f"{_text(x)} {_text(y)}" for x, y in corners)
    start_x = _text(corners[0][0])
    end_x = _text(corners[-1][0])
    return Line(
        currency=cash.currency,
        path=path,
        area=f"{path}L{end_x} 1000L{start_x} 1000Z",
        base_y=_text(_y(points[0].balance, low, high)),
        grid=[_text(SIDE * n / (len(ticks) - 1)) for n in range(len(ticks))],
        ticks=[_tick_text(one, ticks[1] - ticks[0]) for one in reversed(ticks)],
        first_at=points[0].at,
        last_at=points[-1].at,
        sentence=_sentence(cash),
        window=_window(cash),
        rows=list(reversed(points)),
    )


def round_ticks(low: Decimal, high: Decimal) -> list[Decimal]:
    """Round values, evenly spaced, that hold low and high between first and last."""
    reach = high - low or abs(high) / 100 or Decimal(1)
    raw = reach / _INTERVALS
    unit = Decimal(1).scaleb(raw.adjusted())
    step = next(unit * one for one in _STEPS if unit * one >= raw)
    first = (low / step).quantize(Decimal(1), rounding=ROUND_FLOOR) * step
    last = (high / step).quantize(Decimal(1), rounding=ROUND_CEILING) * step
    if first == last:
        last += step
    count = int((last - first) / step)
    return [first + step * n for n in range(count + 1)]


def _with_changes(points: Sequence[runs.Point]) -> list[Point]:
    """Each point with its change since the one before: changes add up to the balance."""
    first = points[0]
    later = [Point(b.at, b.balance, b.balance - a.balance) for a, b in pairwise(points)]
    return [Point(first.at, first.balance, first.balance), *later]


def _x(points: Sequence[Point], at: datetime) -> Decimal:
    whole = seconds_between(points[0].at, points[-1].at)
    return SIDE * seconds_between(points[0].at, at) / whole if whole else SIDE


def _y(balance: Decimal, low: Decimal, high: Decimal) -> Decimal:
    return SIDE - SIDE * (balance - low) / (high - low)


def _steps(corners: list[tuple[Decimal, Decimal]]) -> list[tuple[Decimal, Decimal]]:
    out = [corners[0]]
    for x, y in corners[1:]:
        out += [(x, out[-1][1]), (x, y)]
    return out


def _text(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.1')).normalize():f}"


def _tick_text(value: Decimal, step: Decimal) -> str:
    exponent = step.normalize().as_tuple().exponent
    return grouped(value, places=max(0, -exponent) if isinstance(exponent, int) else 0)


def _sentence(cash: CashLine) -> str:
    """The last balance, what it is made of, and what it lacks."""
    whole = cash.whole
    words = (
        f"{exact_number(whole.change)} {cash.currency}: "
        f"{signed_exact(whole.trades_change)} from "
        f"{counted(whole.trades_posted, 'closed trade')}, "
        f"{signed_exact(whole.change - whole.trades_change)} paid in, paid out or charged beside "
        f"them. Lowest {exact_number(whole.low)}, highest {exact_number(whole.high)}. "
        "Open positions are not in it."
    )
    if not cash.lacking:
        return words
    return f"{words} {unposted_words(Unposted(cash.lacking, cash.lacking_net), cash.currency)}"


def unposted_words(unposted: Unposted, currency: str) -> str:
    """Why a ledger's sum differs from the net result of closed trades."""
    lacking = f"{signed_exact(unposted.net)} {currency}"
    of = counted(unposted.count, "trade")
    return f"Not posted yet: {lacking} of {of}; the net result has it already."


def _window(cash: CashLine) -> str:
    points, steps = cash.points, cash.whole.steps
    since = f"since {second_text(points[0].at)} UTC"
    if len(points) == steps:
        return f"All {counted(steps, 'step')} {since}"
    return (
        f"{len(points)} of {counted(steps, 'step')} {since}: the first, the last, and the "
        "lowest and highest of each stretch of time between; a change sums up what was left out "
        "before it"
    )
