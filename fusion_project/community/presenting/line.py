"""Draws the line of realised cash: geometry of an SVG path with round tick values beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from fusion_project.text.formats import grouped, money, seconds_between, signed

SIDE = Decimal(1000)
_INTERVALS = 4
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class Point:
    """The balance after an entry."""

    at: datetime
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """A drawable line in a square of 1000 units; ticks from top to bottom, evenly spaced."""

    currency: str
    path: str
    area: str
    base_y: str
    grid: list[str]
    ticks: list[str]
    first_at: datetime
    last_at: datetime
    sentence: str
    rows: list[Point]
    is_drawable: bool = True


def line_draw(points: Sequence[Point], *, currency: str) -> Line:
    """A step line over time: a balance holds until the next entry. Needs two points or more."""
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
        sentence=_sentence(points, currency),
        rows=list(reversed(points))[:50],
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


def _sentence(points: Sequence[Point], currency: str) -> str:
    balances = [one.balance for one in points]
    change = balances[-1] - balances[0]
    return (
        f"From {money(balances[0])} to {money(balances[-1])} {currency} ({signed(change)}) over "
        f"{len(points)} ledger entries; lowest {money(min(balances))}, "
        f"highest {money(max(balances))}. Open positions are not in it."
    )
