"""Runs of cash steps: what many steps come to, so that a line is drawn without reading each.

A run of level n holds all steps of one stretch of `width_seconds(n)`; 16 of them join into one of
the next level, and a step is a run of level -1. SQL folds the same (`treasury_cash_folded`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from treasury.rules.drafts import EXACT

LEVELS = 5
STEP = -1
_SECONDS, _FAN = 16, 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Run:
    """Steps of one stretch, and the closed trades among them, in the order of the view's columns.

    `opening`, `low` and `high` are balances counted from where the run begins; None without steps.
    `trades_change` is what the ledger holds of `net`.
    """

    starts: datetime
    place: str
    steps: int
    change: Decimal
    opening: Decimal | None
    first_at: datetime | None
    last_at: datetime | None
    low: Decimal | None
    low_at: datetime | None
    high: Decimal | None
    high_at: datetime | None
    trades: int
    trades_posted: int
    trades_change: Decimal
    net: Decimal
    wins: int
    won: Decimal
    losses: int
    lost: Decimal


@dataclass(frozen=True, slots=True)
class Point:
    """The balance at a time."""

    at: datetime
    balance: Decimal


@dataclass(frozen=True, slots=True)
class CashLine:
    """The line of one currency: all its steps and trades as one run, and points to draw.

    `lacking` and `lacking_net`: trades whose net result the ledger does not hold as it stands.
    """

    currency: str
    whole: Run
    points: list[Point]
    lacking: int
    lacking_net: Decimal


def step_run(
    *, at: datetime, place: str, change: Decimal, has_cash: bool, net: Decimal | None
) -> Run:
    """One step as a run; `net` is given for a trade."""
    balance, when = (change, at) if has_cash else (None, None)
    result = net or _NOTHING
    return Run(
        starts=at,
        place=place,
        steps=int(has_cash),
        change=change,
        opening=balance,
        first_at=when,
        last_at=when,
        low=balance,
        low_at=when,
        high=balance,
        high_at=when,
        trades=int(net is not None),
        trades_posted=int(net is not None and has_cash),
        trades_change=change if net is not None else _NOTHING,
        net=result,
        wins=int(result > 0),
        won=max(result, _NOTHING),
        losses=int(result < 0),
        lost=min(result, _NOTHING),
    )


def joined(runs: Iterable[Run], *, starts: datetime) -> Run:
    """What these runs come to, one after the other."""
    ordered = sorted(runs, key=lambda one: (one.starts, one.place))
    balance = _NOTHING
    lows: list[tuple[Decimal, datetime]] = []
    highs: list[tuple[Decimal, datetime]] = []
    for one in ordered:
        if one.low is not None and one.low_at is not None:
            lows.append((EXACT.add(balance, one.low), one.low_at))
        if one.high is not None and one.high_at is not None:
            highs.append((EXACT.add(balance, one.high), one.high_at))
        balance = EXACT.add(balance, one.change)
    low = min(lows, default=(None, None))
    high = min(highs, key=lambda pair: (-pair[0], pair[1]), default=(None, None))
    return Run(
        starts=starts,
        place="",
        steps=sum(one.steps for one in ordered),
        change=balance,
        opening=next((one.opening for one in ordered if one.steps), None),
        first_at=min((one.first_at for one in ordered if one.first_at), default=None),
        last_at=max((one.last_at for one in ordered if one.last_at), default=None),
        low=low[0],
        low_at=low[1],
        high=high[0],
        high_at=high[1],
        trades=sum(one.trades for one in ordered),
        trades_posted=sum(one.trades_posted for one in ordered),
        trades_change=_sum(one.trades_change for one in ordered),
        net=_sum(one.net for one in ordered),
        wins=sum(one.wins for one in ordered),
        won=_sum(one.won for one in ordered),
        losses=sum(one.losses for one in ordered),
        lost=_sum(one.lost for one in ordered),
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = _NOTHING
    for one in amounts:
        total = EXACT.add(total, one)
    return total


def width_seconds(level: int) -> int:
    """How long a run of this level is."""
    return _SECONDS * int(_FAN**level)


def run_starts(at: datetime, level: int, *, runs: int = 1) -> datetime:
    """Where the run of this level begins that holds the moment; or a row of so many runs."""
    width = width_seconds(level) * runs
    return _EPOCH + (at - _EPOCH) // (_SECOND * width) * width * _SECOND


def parts_of(starts: datetime, level: int) -> list[datetime]:
    """Where the runs of the level below begin that this run is joined of."""
    width = width_seconds(level - 1) * _SECOND
    return [starts + n * width for n in range(_FAN)]


def level_for(first: datetime, last: datetime, *, most: int) -> int:
    """The finest level whose runs between these moments are `16 * most` or fewer."""
    span = (last - first) // _SECOND
    for level in range(LEVELS):
        if span // width_seconds(level) <= _FAN * most:
            return level
    return LEVELS - 1


def points_of_steps(steps: Iterable[Run]) -> list[Point]:
    """The balance after each step."""
    points: list[Point] = []
    balance = _NOTHING
    for one in sorted(steps, key=lambda one: (one.starts, one.place)):
        if one.steps:
            balance = EXACT.add(balance, one.change)
            points.append(Point(one.starts, balance))
    return points


def points_of(runs: Sequence[Run], *, level: int, most: int) -> list[Point]:
    """At most `most` points (four or more) of the line that these runs of one level make.

    The first, the last, and the lowest and the highest of each stretch of time between: the line
    is kept from end to end, and so are its extremes.
    """
    if most < 4:
        raise ValueError(f"expected four points or more, was {most}")
    found = [one for one in sorted(runs, key=lambda one: one.starts) if one.steps]
    if not found:
        return []
    whole = joined(found, starts=found[0].starts)
    inner: list[Point] = []
    balance = _NOTHING
    for stretch in _stretches(found, level=level, most=(most - 2) // 2):
        ends = [
            Point(at, EXACT.add(balance, height))
            for at, height in ((stretch.low_at, stretch.low), (stretch.high_at, stretch.high))
            if at is not None and height is not None
        ]
        inner += sorted(ends, key=lambda one: one.at)
        balance = EXACT.add(balance, stretch.change)
    assert whole.first_at is not None
    assert whole.last_at is not None
    assert whole.opening is not None
    first, last = Point(whole.first_at, whole.opening), Point(whole.last_at, whole.change)
    middle = [one for one in inner if one not in (first, last)]
    return [first, *dict.fromkeys(middle), *([last] if whole.steps > 1 else [])]


def _stretches(runs: Sequence[Run], *, level: int, most: int) -> list[Run]:
    """The runs, joined by as many as it takes for `most` of them."""
    together = 1
    while True:
        rows: dict[datetime, list[Run]] = {}
        for one in runs:
            rows.setdefault(run_starts(one.starts, level, runs=together), []).append(one)
        if len(rows) <= most:
            return [joined(row, starts=starts) for starts, row in sorted(rows.items())]
        together *= 2
