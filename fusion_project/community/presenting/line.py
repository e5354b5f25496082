"""Draws the line of realised cash: geometry of an SVG path with round tick values beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

from fusion_project.community.presenting.thinning import thinned
from fusion_project.text.formats import (
    counted,
    exact_number,
    grouped,
    second_text,
    seconds_between,
    signed_exact,
)

SIDE = Decimal(1000)
_INTERVALS = 4
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class Step:
    """What one closed trade, or one booking that belongs to no trade, did to the cash."""

    at: datetime
    change: Decimal
    is_trade: bool


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


def line_draw(
    steps: Sequence[Step], *, currency: str, points_max: int, unposted: Unposted | None = None
) -> Line:
    """A line over time: a balance holds until the next step. Needs two steps, oldest first."""
    every = _balances(steps)
    points = _rejoined(thinned(every, most=points_max))
    ticks = round_ticks(min(one.balance for one in points), max(one.balance for one in points))
    low, high = ticks[0], ticks[-1]
    corners = _steps([(_x(points, one.at), _y(one.balance, low, high)) for one in points])
    path = "M" + "L".join(f"{_text(x)} {_text(y)}" for x, y in corners)
    start_x = _text(corners[0][0])
    end_x = _text(corners[-1][0])
    return Line(
        currency=currency,
        path=path,
        area=f"{path}L{end_x} 1000L{start_x} 1000Z",
        base_y=_text(_y(points[0].balance, low, high)),
        grid=[_text(SIDE * n / (len(ticks) - 1)) for n in range(len(ticks))],
        ticks=[_tick_text(one, ticks[1] - ticks[0]) for one in reversed(ticks)],
        first_at=points[0].at,
        last_at=points[-1].at,
        sentence=_sentence(steps, every, currency, unposted),
        window=_window(every, points),
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


def _balances(steps: Sequence[Step]) -> list[Point]:
    points: list[Point] = []
    balance = Decimal(0)
    for one in steps:
        balance += one.change
        points.append(Point(one.at, balance, one.change))
    return points


def _rejoined(points: Sequence[Point]) -> list[Point]:
    """Each kept point with its change since the kept one before: changes add up to the balance."""
    joined = [
        Point(later.at, later.balance, later.balance - earlier.balance)
        for earlier, later in pairwise(points)
    ]
    return [Point(points[0].at, points[0].balance, points[0].balance), *joined]


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


def _sentence(
    steps: Sequence[Step], points: Sequence[Point], currency: str, unposted: Unposted | None
) -> str:
    """The last balance, what it is made of, and what it lacks."""
    trades = [one.change for one in steps if one.is_trade]
    other = sum((one.change for one in steps if not one.is_trade), Decimal(0))
    balances = [one.balance for one in points]
    words = (
        f"{exact_number(balances[-1])} {currency}: "
        f"{signed_exact(sum(trades, Decimal(0)))} from {counted(len(trades), 'closed trade')}, "
        f"{signed_exact(other)} paid in, paid out or charged beside them. "
        f"Lowest {exact_number(min(balances))}, highest {exact_number(max(balances))}. "
        "Open positions are not in it."
    )
    return f"{words} {unposted_words(unposted, currency)}" if unposted else words


def unposted_words(unposted: Unposted, currency: str) -> str:
    """Why a ledger's sum differs from the net result of closed trades."""
    lacking = f"{signed_exact(unposted.net)} {currency}"
    of = counted(unposted.count, "trade")
    return f"Not posted yet: {lacking} of {of}; the net result has it already."


def _window(every: Sequence[Point], drawn: Sequence[Point]) -> str:
    since = f"since {second_text(every[0].at)} UTC"
    if len(drawn) == len(every):
        return f"All {counted(len(every), 'step')} {since}"
    return (
        f"{len(drawn)} of {counted(len(every), 'step')} {since}: the first, the last, and the "
        "lowest and highest of each stretch between; a change sums up what was left out before it"
    )
